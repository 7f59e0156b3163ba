"""Where v2.1 has other rules than v3.0 (API_FACTS sections 2.3, 4 and 5.2 to 5.5)."""

import time
from typing import Any

import httpx
import pytest

from tests.sandbox.people import (
    AFFILIATIONS,
    JSON,
    SMALLEST,
    JsonObject,
    Person,
    a_date,
    a_funding,
    a_peer_review,
    a_work,
    an_employment,
    an_organization,
    error_of,
    identifier,
    identifiers,
    put_code_of,
)
from worker.sandbox.addresses import find_address
from worker.sandbox.errors import OrcidError
from worker.sandbox.operations import read_content
from worker.sandbox.records import Item, Source
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.table import SECTIONS
from worker.sandbox.versions import V2_1, V3_0

UNNAMED = an_organization(disambiguated_organization=None)
UNKNOWN = an_organization(
    disambiguated_organization={"disambiguated-organization-identifier": "x", "disambiguation-source": "ROR"}
)
PART = identifiers(identifier("doi", "10.1/a", "part-of"))


def answer(section: str, document: JsonObject, version: str, *, replaces: Item | None = None) -> int:
    """The error-code that a version has for a document, 0 for none."""
    row, sandbox = SECTIONS[section], Sandbox()
    content = read_content(row, document)
    draft = Draft(section, content, sandbox.organizations, sandbox.groups, version, replaces=replaces)
    try:
        row.check(draft)
        row.finish(draft)
    except OrcidError as error:
        return error.row.code
    return 0


@pytest.mark.parametrize(
    ("section", "document", "in_2_1", "in_3_0"),
    [
        pytest.param("work", a_work(external_ids=PART), 0, 9023, id="a work that is only a part"),
        pytest.param("work", a_work(external_ids=None), 9023, 9023, id="a work without identifier"),
        pytest.param("funding", a_funding(organization=UNNAMED), 0, 9045, id="a funder without identifier"),
        pytest.param("funding", a_funding(organization=UNKNOWN), 9045, 9045, id="a funder ORCID does not know"),
        pytest.param("funding", a_funding(end_date=a_date("2024")), 0, 9050, id="a funding without start"),
        pytest.param(
            "funding", a_funding(amount={"value": "1,000", "currency-code": "EUR"}), 0, 9054, id="an odd amount"
        ),
        pytest.param("employment", an_employment(organization=UNNAMED), 0, 9045, id="an employer without identifier"),
        pytest.param("employment", an_employment(organization=UNKNOWN), 9045, 9045, id="an unknown employer"),
        pytest.param("employment", an_employment(start_date=a_date("2024-3")), 9049, 9049, id="a date"),
        pytest.param(
            "employment",
            an_employment(start_date=a_date("2024"), end_date=a_date("2023")),
            9055,
            9055,
            id="an end before the start",
        ),
        pytest.param("peer-review", a_peer_review(convening_organization=UNNAMED), 0, 0, id="a review's organization"),
    ],
)
def test_rules_by_version(section: str, document: JsonObject, in_2_1: int, in_3_0: int) -> None:
    """The same content in both versions."""
    assert answer(section, document, V2_1) == in_2_1
    assert answer(section, document, V3_0) == in_3_0


def test_a_review_moves_to_a_new_journal_in_v2_1() -> None:
    """There an update makes the journal's group; in v3.0 it is 9020."""
    standing = Item(1, "peer-review", Source(), "public", 1, 1, read_content(SECTIONS["peer-review"], a_peer_review()))
    assert answer("peer-review", a_peer_review(), V2_1, replaces=standing) == 0
    assert answer("peer-review", a_peer_review(), V3_0, replaces=standing) == 9020


@pytest.mark.parametrize("name", ["research-resource", *AFFILIATIONS[2:]])
def test_sections_that_only_v3_0_has(name: str) -> None:
    """v2.1 knows no such word."""
    assert V2_1 not in SECTIONS[name].versions
    assert find_address(f"/{V3_0}/0000-0002-1825-0097/{name}") is not None
    assert find_address(f"/{V2_1}/0000-0002-1825-0097/{name}") is None


NAMED = frozenset({"type", "external-id-relationship", "reviewer-role", "review-type"})
"""Keys whose words v2.1's JSON writes in capitals."""


def in_2_1(value: Any) -> Any:
    """A v3.0 document in v2.1's JSON."""
    match value:
        case dict():
            return {
                key: part.upper().replace("-", "_") if key in NAMED and isinstance(part, str) else in_2_1(part)
                for key, part in value.items()
            }
        case list():
            return [in_2_1(part) for part in value]
        case _:
            return value


def ask_2_1(person: Person, method: str, path: str, document: JsonObject | None = None) -> httpx.Response:
    """One call in v2.1."""
    headers = {"authorization": f"Bearer {person.token}", "accept": JSON}
    sent = None if document is None else in_2_1(document)
    return person.http.request(method, f"/v2.1/{person.orcid}/{path}", json=sent, headers=headers)


def of_doi(value: str) -> JsonObject:
    """A work with this DOI."""
    return a_work(external_ids=identifiers(identifier("doi", value)))


def test_v2_1_does_not_normalise(person: Person) -> None:
    """The same DOI in another case is another work there, and a duplicate in v3.0."""
    first = put_code_of(ask_2_1(person, "POST", "work", of_doi("10.1/A")))
    assert put_code_of(ask_2_1(person, "POST", "work", of_doi("10.1/a"))) != first
    assert error_of(ask_2_1(person, "POST", "work", of_doi("10.1/A"))) == (409, 9021)
    assert error_of(person.post("work", of_doi("https://doi.org/10.1/A"))) == (409, 9021)


def test_v2_1_bulks_compare_raw_values_too(person: Person) -> None:
    """An equal value is a duplicate of an earlier slot, another case is not."""
    bulk = {"bulk": [{"work": of_doi("10.1/A")}, {"work": of_doi("10.1/a")}, {"work": of_doi("10.1/a")}]}
    slots = ask_2_1(person, "POST", "works", bulk).json()["bulk"]
    assert ["error" in slot for slot in slots] == [False, False, True]
    assert slots[2]["error"]["error-code"] == 9021


def test_updates_of_v2_1_are_compared(person: Person) -> None:
    """A PUT may not take the value of another work."""
    put_code_of(ask_2_1(person, "POST", "work", of_doi("10.1/a")))
    other = put_code_of(ask_2_1(person, "POST", "work", of_doi("10.1/b")))
    changed = {**of_doi("10.1/a"), "put-code": other}
    assert error_of(ask_2_1(person, "PUT", f"work/{other}", changed)) == (409, 9021)


def test_affiliations_of_v2_1_pile_up(person: Person) -> None:
    """Nothing tells two of them apart."""
    for _ in range(2):
        put_code_of(ask_2_1(person, "POST", "employment", an_employment()))
    assert len(person.items("employment")) == 2


@pytest.mark.parametrize("section", ["keywords", "other-names"])
def test_v2_1_compares_content_as_v3_0_does(person: Person, section: str) -> None:
    """409/9030 in both."""
    put_code_of(ask_2_1(person, "POST", section, SMALLEST[section]))
    assert error_of(ask_2_1(person, "POST", section, SMALLEST[section])) == (409, 9030)
    assert error_of(person.post(section, SMALLEST[section])) == (409, 9030)


@pytest.mark.parametrize("name", ["research-resource", *AFFILIATIONS[2:]])
def test_words_that_v2_1_lacks_lead_nowhere(person: Person, name: str) -> None:
    """404/9001 for each of their addresses."""
    put_code = person.has_added(name, SMALLEST[name])
    for method, path in (("POST", name), ("GET", f"{name}/{put_code}"), ("GET", f"{name}s"), ("DELETE", f"{name}/1")):
        assert error_of(ask_2_1(person, method, path, SMALLEST[name])) == (404, 9001)


def test_v2_1_does_not_look_at_whose_behalf(person: Person) -> None:
    """A client that began to write on the user's behalf still owns its old items there."""
    client_id = f"APP-OBO{person.orcid[-9:]}"
    token = str(person.control.grant(person.orcid, client_id=client_id)["access_token"])
    writer = Person(person.orcid, token, person.http, person.control)
    put_code = writer.has_added("funding", a_funding())
    person.control.create_client(client_id, user_obo=True)
    assert error_of(writer.put("funding", put_code, a_funding())) == (403, 9010)
    assert error_of(ask_2_1(writer, "POST", "funding", a_funding())) == (409, 9021)
    updated = ask_2_1(writer, "PUT", f"funding/{put_code}", {**a_funding(), "put-code": put_code})
    assert updated.status_code == 200
    assert ask_2_1(writer, "DELETE", f"funding/{put_code}").status_code == 204


@pytest.mark.parametrize("value", ["1." * 99_999, "1" * 99_999 + "x", "1e" + "1" * 99_999 + "x"])
def test_a_long_amount_is_read_in_one_go(value: str) -> None:
    """Its length alone says how long that takes."""
    began = time.monotonic()

    assert answer("funding", a_funding(amount={"value": value, "currency-code": "EUR"}), V3_0) == 9054
    assert time.monotonic() - began < 2.0


@pytest.mark.parametrize("value", ["1", "1.", "1.5", ".5", "-1e5", "+1.5E-3f", "NaN", " 7d "])
def test_what_java_reads_as_a_number_is_an_amount(value: str) -> None:
    """API v3.0 parses it, and keeps it as it is."""
    assert answer("funding", a_funding(amount={"value": value, "currency-code": "EUR"}), V3_0) == 0
