"""ORCID's own sample documents (`ORCID_MODEL_DIR`): the stand-in takes what ORCID publishes as examples."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.people import JsonObject, Person, identifier, identifiers

BESIDE = Path(__file__).parents[2].parent / "shared" / "orcid"
FOLDER = os.environ.get("ORCID_MODEL_DIR", str(BESIDE) if BESIDE.is_dir() else None)
KINDS = ("employment", "education", "qualification", "invited-position", "distinction", "membership", "service")

pytestmark = pytest.mark.skipif(FOLDER is None, reason="ORCID_MODEL_DIR is not set: ORCID's samples were not checked")


def sample(name: str) -> Any:
    """A JSON sample by its path below the samples of v3.0."""
    return json.loads((Path(FOLDER or "") / "samples" / "v3.0" / name).read_text("utf-8"))


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
    """Works and employments as in the full record that ORCID publishes, key by key."""
    activities = sample("read/record-full-3.0.json")["activities-summary"]
    work = sample("write/work-full-3.0.json")
    one = identifiers({**identifier("doi", "10.1/a"), "external-id-url": {"value": "https://doi.org/10.1/a"}})
    person.has_added("work", {**work, "external-ids": one})
    person.has_added("employment", {**sample("write/employment-3.0.json"), "external-ids": one})
    works, employments = person.get("works").json(), person.get("employments").json()
    assert _plain(works) == _plain(activities["works"])
    assert _plain(employments) == _plain(activities["employments"])


def _plain(listed: JsonObject) -> object:
    """The keys without the optional parts that one side happens to leave empty."""
    optional = {"source", "subtitle", "translated-title", "region"}

    def without(value: object) -> object:
        match value:
            case dict():
                return {key: None if key in optional else without(part) for key, part in value.items()}
            case list():
                return [without(part) for part in value[:1]]
            case _:
                return None

    return without(listed)
