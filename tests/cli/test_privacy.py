"""What institutions call their people and records stays with them."""

import json

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution


@pytest.mark.parametrize("version", ["v3.0", "v2.1"])
def test_no_subject_or_person_id_of_any_event_occurs_in_any_document(institution: Institution, version: str) -> None:
    """On a public record they are nobody's business: what names an item is opaque."""
    institution.settings["ORCID_SYNC_API_VERSION"] = version
    institution.permit(1)
    person, secret = person_id(1), "HRSUBJECT"
    log = institution.log(
        "all.jsonl",
        events.affiliation(person, f"{secret}-1"),
        events.affiliation(person, f"{secret}-2", kind="education"),
        events.person(person, f"{secret}-3"),
        events.publication(person, f"{secret}-4", "10.5555/one", identifiers=[]),
        events.funding(person, f"{secret}-5", "G-1", identifiers=[]),
        events.peer_review(person, f"{secret}-6", "r-1", identifiers=[]),
    )
    institution.json("replay", log)

    documents = json.dumps([item.document for item in institution.control.record(institution.orcid(1)).items])

    assert len(documents) > 1000
    for word in (person, secret, secret.lower()):
        assert word not in documents
