"""Both versions and both formats: the same items, no call for a switch, one PUT for one field."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution

FORMS = [
    pytest.param(version, format_, id=f"{version} {format_}")
    for version in ("v3.0", "v2.1")
    for format_ in ("json", "xml")
]
NONE = {"POST": 0, "POST_BULK": 0, "PUT": 0, "DELETE": 0, "GET": 0}
ONLY_V3 = {"qualification", "invited-position", "distinction", "membership", "service", "research-resource"}


def _set(institution: Institution, version: str, format_: str) -> None:
    institution.settings |= {"ORCID_SYNC_API_VERSION": version, "ORCID_SYNC_FORMAT": format_}


@pytest.mark.parametrize(("version", "format_"), FORMS)
def test_every_section_is_kept_in_every_form_and_a_second_replay_makes_no_call(
    institution: Institution, version: str, format_: str
) -> None:
    """All that the version has is in sync; what it lacks waits and says so; nothing is refused."""
    _set(institution, version, format_)
    institution.permit(1)
    log = institution.log("all.jsonl", *events.everything(person_id(1)))
    first = institution.json("replay", log, code=0 if version == "v3.0" else 3)
    sections = {item.section for item in institution.control.record(institution.orcid(1)).items}

    assert first["items"]["refused"] == first["items"]["in_doubt"] == first["dead_letters"] == 0
    assert first["items"]["waiting"] == (0 if version == "v3.0" else len(ONLY_V3))
    assert len(sections) == (16 if version == "v3.0" else 10)
    assert sections.isdisjoint(ONLY_V3) == (version == "v2.1")
    waiting = [row for row in institution.json("status", "--person", person_id(1))["list"] if row["state"] == "waiting"]
    assert all("v2.1" in row["reason"] for row in waiting)

    second = institution.json("replay", log, code=0 if version == "v3.0" else 3)
    assert second["calls"] == NONE


def test_switching_version_and_format_on_a_live_store_makes_no_call(institution: Institution) -> None:
    """The same state, and all four forms in turn: what stands, stands."""
    institution.permit(1)
    log = institution.log("all.jsonl", *events.everything(person_id(1)))
    institution.json("replay", log)
    for version, format_ in [("v3.0", "xml"), ("v2.1", "xml"), ("v2.1", "json"), ("v3.0", "json")]:
        _set(institution, version, format_)
        summary = institution.json("replay", log)
        assert summary["calls"] == NONE
        assert summary["items"]["waiting"] == 0
        assert institution.json("sync")["calls"] == NONE


def test_what_waited_for_v3_goes_out_when_the_version_is_switched(institution: Institution) -> None:
    """The sections that v2.1 lacks are added then, and nothing else is sent."""
    _set(institution, "v2.1", "json")
    institution.permit(1)
    log = institution.log("all.jsonl", *events.everything(person_id(1)))
    institution.json("replay", log, code=3)
    _set(institution, "v3.0", "xml")

    summary = institution.json("sync")

    assert summary["calls"] == NONE | {"POST": len(ONLY_V3)}
    assert summary["items"]["waiting"] == 0


CHANGES: dict[str, dict[str, Any]] = {
    "affiliation": {
        "role_title": "Reader",
        "department": "Mathematics",
        "start_date": "2019-10",
        "end_date": None,
        "url": "https://www.example.edu/other",
        "organization": events.UNIVERSITY | {"name": "Example University of Boston"},
    },
    "publication": {
        "title": "Another title",
        "subtitle": None,
        "translated_title": {"value": "Mélange", "language": "fr"},
        "type": "report",
        "identifiers": [{"type": "doi", "value": "10.5555/changed"}],
        "container_title": "Journal of Others",
        "publication_date": "2025-05",
        "abstract": "Nine winters.",
        "url": "https://repository.example.edu/2",
        "language": "fr",
        "country": "FR",
        "citation": {"type": "ris", "value": "TY - JOUR"},
        "contributors": [{"person": {"id": person_id(1)}, "name": "Garcia, S.", "role": "author"}],
    },
    "funding": {
        "title": "Another title",
        "translated_title": None,
        "type": "award",
        "organization_defined_type": "Fellowship",
        "funder": events.FUNDER | {"name": "Foundation"},
        "identifiers": [{"type": "grant_number", "value": "CHANGED"}],
        "amount": {"value": "412001", "currency": "EUR"},
        "start_date": "2023-11",
        "end_date": None,
        "description": "Moorings.",
        "url": None,
        "holders": [{"person": {"id": person_id(1)}, "role": "co-lead"}],
    },
    "peer_review": {
        "role": "editor",
        "type": "evaluation",
        "completion_date": "2025-12",
        "organization": events.FUNDER,
        "identifiers": [{"type": "other-id", "value": "changed"}],
        "subject": None,
        "url": None,
        "group": {"id": "orcid-generated:another", "name": "Another", "type": "journal"},
    },
    "research_resource": {
        "title": "Three weeks of ship time",
        "hosts": [events.FUNDER],
        "identifiers": [{"type": "proposal-id", "value": "changed"}],
        "start_date": "2024-05-03",
        "end_date": None,
        "url": None,
        "resources": [events.research_resource("", "", "")["data"]["resources"][0] | {"name": "RV Another"}],
    },
}


def _with(before: events.Event, field: str, value: Any) -> events.Event:
    """The event's next version with this field changed; those of a proposal stand within it."""
    proposal = before["data"].get("proposal")
    if proposal is None or field not in proposal:
        return events.changed(before, sequence=2, **{field: value})
    return events.changed(before, sequence=2, proposal=proposal | {field: value})


def _one_field_each(version: str) -> Iterator[tuple[events.Event, events.Event]]:
    """Pairs of an event and the same with one field changed, each of a source record of its own."""
    person = person_id(1)
    make = {
        "affiliation": lambda n: events.affiliation(person, f"A-{n}", start_date=f"{1950 + n}-09-01"),
        "publication": lambda n: events.publication(person, f"W-{n}", f"10.5555/w{n}"),
        "funding": lambda n: events.funding(person, f"F-{n}", f"GRANT-{n}"),
        "peer_review": lambda n: events.peer_review(person, f"R-{n}", f"review-{n}"),
        "research_resource": lambda n: events.research_resource(person, f"X-{n}", f"PROPOSAL-{n}"),
    }
    for family, changes in CHANGES.items():
        if family == "research_resource" and version == "v2.1":
            continue
        for number, (field, value) in enumerate(changes.items()):
            before = make[family](number)
            own = deepcopy(value)
            if field == "identifiers":  # of a value of its own, so that no two records meet
                own[0]["value"] += f"-{family}"
            yield before, _with(before, field, own)
    before = events.person(person, "P-1")
    pages = [{"name": "Our page", "url": before["data"]["websites"][0]["url"]}]
    ids = [before["data"]["identifiers"][0] | {"url": "https://loop.example.org/new"}]
    yield before, events.changed(before, sequence=2, websites=pages, country="IE", identifiers=ids)


@pytest.mark.parametrize(("version", "format_"), FORMS)
def test_a_change_of_one_field_is_exactly_one_put(institution: Institution, version: str, format_: str) -> None:
    """Each field of each event type, changed alone: as many PUTs as changes, and nothing else but a new group."""
    _set(institution, version, format_)
    institution.permit(1)
    pairs = list(_one_field_each(version))
    institution.json("replay", institution.log("before.jsonl", *(before for before, _ in pairs)))
    in_person = 3  # the last pair changes a website, the country and an identifier: an item each

    summary = institution.json("replay", institution.log("after.jsonl", *(after for _, after in pairs)))

    new_group = 1
    assert summary["calls"] == NONE | {"PUT": len(pairs) - 1 + in_person, "POST": new_group}
    assert summary["items"]["in_sync"] == sum(summary["items"].values())


def test_what_v2_1_left_out_is_sent_by_a_rewrite_once_the_version_is_switched(institution: Institution) -> None:
    """It is shown until then, costs no call by itself, and is sent once."""
    _set(institution, "v2.1", "json")
    institution.permit(1)
    institution.json("replay", institution.log("all.jsonl", events.affiliation(person_id(1), "A-1")))
    _set(institution, "v3.0", "json")

    assert institution.json("sync")["calls"] == NONE
    reason = institution.json("status", "--person", person_id(1))["list"][0]["reason"]
    rewritten = institution.json("sync", "--rewrite")
    again = institution.json("sync", "--rewrite")

    assert reason == "API v2.1 left out: external-ids, url; `orcid-sync sync --rewrite` sends it"
    assert rewritten["calls"] == NONE | {"PUT": 1}
    assert again["calls"] == NONE
    stands = institution.control.record(institution.orcid(1)).section("employment")[0].document
    assert stands["url"]["value"] == "https://www.example.edu/physics"
    assert institution.json("status", "--person", person_id(1))["list"][0]["reason"] == ""


def test_a_rewrite_of_much_that_was_left_out_is_held(institution: Institution) -> None:
    """More updates than the limit wait for an operator."""
    _set(institution, "v2.1", "json")
    institution.settings["ORCID_SYNC_MAX_REWRITES"] = "1"
    institution.permit(1)
    jobs = [events.affiliation(person_id(1), f"A-{job}", start_date=f"{2000 + job}-09-01") for job in range(3)]
    institution.json("replay", institution.log("all.jsonl", *jobs))
    _set(institution, "v3.0", "json")

    held = institution.json("sync", "--rewrite", code=3)
    (row,) = institution.json("held", "list")["held"]
    assert institution.run("approve", row["id"]).returncode == 0
    approved = institution.json("sync")

    assert (held["calls"], held["items"]["held"], row["updates"]) == (NONE, 3, 3)
    assert approved["calls"] == NONE | {"PUT": 3}
