"""ORCID's own sample documents (`ORCID_MODEL_DIR`): the stand-in takes what ORCID publishes as examples."""

from pathlib import Path
from typing import Any

import pytest

from tests.orcid_files import needs_orcids_files, sample_json, sample_names
from tests.sandbox.people import Person, identifier, identifiers

KINDS = ("employment", "education", "qualification", "invited-position", "distinction", "membership", "service")

pytestmark = needs_orcids_files


def sample(name: str) -> Any:
    """A JSON sample by its path below the samples of v3.0."""
    return sample_json("v3.0", name)


def keys(value: object) -> object:
    """The shape of JSON: its keys in order, without what they say."""
    match value:
        case dict():
            return {key: keys(part) for key, part in value.items()}
        case list():
            return [keys(value[0])] if value else []
        case _:
            return None


@pytest.mark.parametrize("kind", KINDS)
def test_affiliation_samples_are_taken(person: Person, kind: str) -> None:
    """Each kind's write sample is a 201."""
    person.has_added(kind, sample(f"write/{kind}-3.0.json"))


@pytest.mark.parametrize(
    "name", ["work-full-3.0", "work-51-contributors-3.0", "work-with-NISO-roles-51-contributors-3.0"]
)
def test_work_samples_are_taken(person: Person, name: str) -> None:
    """Full works are a 201."""
    person.has_added("work", sample(f"write/{name}.json"))


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("funding", "funding-3.0-simple"),
        ("funding", "funding-3.0-with-NISO-roles"),
        ("peer-review", "peer-review-simple-3.0"),
        ("peer-review", "peer-review-full-3.0"),
        ("peer-review", "peer-review-full-3.0-award-subject-type"),
        ("peer-review", "peer-review-full-3.0-research-resource"),
        ("research-resource", "research-resource-3.0"),
        ("keywords", "keywords-3.0"),
        ("other-names", "other-names-3.0"),
        ("researcher-urls", "researcher-url-3.0"),
        ("researcher-urls", "researcher-url-no-name-3.0"),
        ("address", "address-3.0"),
        ("external-identifiers", "external-identifier-3.0"),
    ],
)
def test_samples_of_the_other_sections_are_taken(person: Person, section: str, name: str) -> None:
    """Each section's write samples are a 201, and what comes back is taken again."""
    put_code = person.has_added(section, sample(f"write/{name}.json"))
    shown = person.get(f"{section}/{put_code}").json()
    assert person.put(section, put_code, shown).status_code == 200


def test_the_group_sample_is_taken(person: Person) -> None:
    """Once; another time it is there already."""
    token = person.control.grant(None, scopes=["/group-id-record/update"])["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    group = sample("write/peer-review-group-id.json")
    statuses = [person.http.post("/v3.0/group-id-record", json=group, headers=headers).status_code for _ in range(2)]
    assert statuses == [201, 409]


def test_every_write_sample_is_in_a_test() -> None:
    """A sample that ORCID adds is noticed."""
    here = Path(__file__).read_text("utf-8")
    names = [Path(name).stem for name in sample_names("v3.0", "write", "json")]
    kinds = {f"{kind}-3.0" for kind in KINDS}
    assert [name for name in names if name not in kinds and name not in here] == []


@pytest.mark.parametrize("name", ["bulk-works-3-works-3.0", "bulk-works-100-works-3.0"])
def test_bulk_samples_are_taken(person: Person, name: str) -> None:
    """Every slot is a work or, where the sample repeats an identifier, a duplicate."""
    response = person.post("works", sample(f"write/{name}.json"))
    assert response.status_code == 200
    outcomes = {slot["error"]["error-code"] if "error" in slot else "work" for slot in response.json()["bulk"]}
    assert outcomes <= {"work", 9021}


def test_the_bulk_sample_with_a_part(person: Person) -> None:
    """ORCID's own sample has a work with nothing but a `part-of`, which v3.0 refuses (API_FACTS section 6.4)."""
    slots = person.post("works", sample("write/bulk-work-3.0.json")).json()["bulk"]
    assert ["error" in slot for slot in slots] == [False, True]
    assert slots[1]["error"]["error-code"] == 9023


def test_lists_have_the_keys_of_orcids_record(person: Person) -> None:
    """Each list as in the full record that ORCID publishes, key by key."""
    full = sample("read/record-full-3.0.json")
    one = identifiers({**identifier("doi", "10.1/a"), "external-id-url": {"value": "https://doi.org/10.1/a"}})
    person.has_added("work", {**sample("write/work-full-3.0.json"), "external-ids": one})
    for kind in KINDS:
        person.has_added(kind, {**sample(f"write/{kind}-3.0.json"), "external-ids": one})
    person.has_added("funding", {**sample("write/funding-3.0-simple.json"), "external-ids": one})
    person.has_added("peer-review", {**sample("write/peer-review-full-3.0.json"), "review-identifiers": one})
    resource = sample("write/research-resource-3.0.json")
    resource["proposal"]["external-ids"] = one
    person.has_added("research-resource", resource)
    person.has_added("keywords", sample("write/keywords-3.0.json"))
    person.has_added("other-names", sample("write/other-names-3.0.json"))
    person.has_added("researcher-urls", sample("write/researcher-url-3.0.json"))
    person.has_added("address", sample("write/address-3.0.json"))
    person.has_added("external-identifiers", sample("write/external-identifier-3.0.json"))
    activities, about = person.get("activities").json(), person.get("person").json()
    for word, listed in full["activities-summary"].items():
        assert _plain(activities[word]) == _plain(listed), word
    for word in ("other-names", "researcher-urls", "addresses", "keywords", "external-identifiers", "emails"):
        assert _plain(about[word]) == _plain(full["person"][word]), word
    assert activities.keys() == full["activities-summary"].keys()
    assert about.keys() == full["person"].keys()
    assert person.get("record").json().keys() == full.keys()


def _plain(listed: object) -> object:
    """The keys without the optional parts that one side happens to leave empty."""
    optional = {
        "source",
        "subtitle",
        "translated-title",
        "region",
        "external-id-url",
        "external-id-normalized",
        "url",
        "end-date",
        "month",
        "day",
    }

    def without(value: object) -> object:
        match value:
            case dict():
                return {key: None if key in optional else without(part) for key, part in value.items()}
            case list():
                return [without(part) for part in value[:1]]
            case _:
                return None

    return without(listed)
