"""Bulks of works: each slot on its own, one message for all (API_FACTS section 1.4)."""

import httpx
import pytest

from tests.sandbox.people import (
    JSON,
    JsonObject,
    Person,
    a_person,
    a_work,
    an_employment,
    error_of,
    identifier,
    identifiers,
)
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import start_sandbox


def codes(response: httpx.Response) -> list[int | str]:
    """What became of each slot: the error-code, or `work`."""
    assert response.status_code == 200, response.text
    return [slot["error"]["error-code"] if "error" in slot else "work" for slot in response.json()["bulk"]]


def test_a_bulk_is_answered_slot_by_slot(person: Person) -> None:
    """Same order and length; a saved work comes back whole, without path, a refused one as its error."""
    response = person.bulk(a_work("10.1/a"), a_work("10.1/b", title=None), a_work("10.1/c"))
    assert codes(response) == ["work", 9022, "work"]
    first, refused, _ = response.json()["bulk"]
    assert first["work"]["put-code"] == person.items("work")[0].put_code
    assert first["work"]["path"] is None
    assert list(refused["error"]) == ["response-code", "developer-message", "user-message", "error-code", "more-info"]
    assert len(person.items("work")) == 2


def test_a_bulk_in_which_all_fails_is_200(person: Person) -> None:
    """And nobody gets a message."""
    assert codes(person.bulk(a_work(external_ids=None), a_work(type=None))) == [9023, 9037]
    assert person.inbox() == []


def test_an_empty_bulk_is_200(person: Person) -> None:
    """No slots, no message."""
    assert codes(person.bulk()) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"title": None}, 9022, id="no title"),
        pytest.param({"title": {"title": {"value": ""}}}, 9022, id="an empty title"),
        pytest.param({"type": None}, 9037, id="no type"),
        pytest.param({"country": {"value": None}}, 9037, id="an empty country"),
        pytest.param(
            {"title": {"title": "M", "translated-title": {"language-code": "en"}}}, 9020, id="a language without text"
        ),
        pytest.param({"title": {"title": "M", "translated-title": {"value": "M"}}}, 9037, id="a text without language"),
        pytest.param({"citation": {"citation-value": "x"}}, 9037, id="a citation without type"),
        pytest.param({"citation": {"citation-type": "ris"}}, 9020, id="a citation without value"),
        pytest.param({"publication_date": {}}, 9049, id="a date without year"),
        pytest.param({"publication_date": {"year": "20x4"}}, 9049, id="a year in letters"),
        pytest.param({"external_ids": identifiers(identifier("doi", ""))}, 9023, id="an empty identifier"),
        pytest.param({"contributors": {"contributor": [{"credit-name": ""}]}}, 9020, id="an empty credit name"),
        pytest.param({"put-code": 7}, 9024, id="a put-code"),
        pytest.param({"publication_date": {"year": "1066"}}, None, id="a year that the schema would refuse"),
        pytest.param({"journal_title": {"value": ""}}, None, id="a blank that the schema would refuse"),
    ],
)
def test_items_are_not_checked_by_the_schema(person: Person, changes: JsonObject, code: int | None) -> None:
    """In v3.0 only ORCID's own rules look at the items of a bulk."""
    assert codes(person.bulk(a_work(**changes))) == ["work" if code is None else code]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"bulk": [{"work": a_work()}, {"work": a_work("10.1/b", type="x")}]}, id="an unknown type"),
        pytest.param({"bulk": [{"work": a_work()}, {"work": a_work("10.1/b", journal="x")}]}, id="an unknown key"),
        pytest.param({"bulk": [{"work": a_work()}, {"employment": an_employment()}]}, id="an employment"),
        pytest.param({"bulk": [{"work": a_work()}, {"work": None}]}, id="nothing"),
        pytest.param({"works": []}, id="another key"),
        pytest.param(a_work(), id="a work without its bulk"),
    ],
)
def test_one_item_of_the_wrong_shape_refuses_all(person: Person, document: JsonObject) -> None:
    """9047 happens while the body is read, before anything is saved."""
    assert error_of(person.post("works", document)) == (400, 9047)
    assert person.items("work") == ()


def test_a_bulk_sent_as_a_work_is_refused(person: Person) -> None:
    """A single work has no key `bulk`."""
    assert error_of(person.post("work", {"bulk": [{"work": a_work()}]})) == (400, 9047)


def test_duplicates_within_one_bulk(person: Person) -> None:
    """The second of two equal works is refused with the first one's put-code."""
    response = person.bulk(a_work(), a_work("https://doi.org/10.5555/MOA"))
    assert codes(response) == ["work", 9021]
    put_code = response.json()["bulk"][0]["work"]["put-code"]
    assert f"put-code {put_code}." in response.json()["bulk"][1]["error"]["developer-message"]


@pytest.mark.parametrize(
    ("there", "new", "code"),
    [
        pytest.param("version-of", "self", 9021, id="self conflicts with a version"),
        pytest.param("self", "version-of", "work", id="a version does not conflict with self"),
        pytest.param("part-of", "self", "work", id="a part never conflicts"),
    ],
)
def test_the_rule_of_a_bulk_differs(person: Person, there: str, new: str, code: int | str) -> None:
    """In a bulk a new `self` also conflicts with an own `version-of`."""
    shared = "10.1/shared"
    person.has_added("work", a_work(external_ids=identifiers(identifier("uri", "a"), identifier("doi", shared, there))))
    new_work = a_work(external_ids=identifiers(identifier("uri", "b"), identifier("doi", shared, new)))
    assert codes(person.bulk(new_work)) == [code]


def test_a_hundred_works_and_no_more(person: Person) -> None:
    """101 works are refused as a whole."""
    works = [a_work(f"10.1/{number}") for number in range(101)]
    response = person.bulk(*works)
    assert error_of(response) == (400, 9006)
    assert response.json()["developer-message"] == (
        "The client application sent a bad request to ORCID."
        " Full validation error: You are allowed to add up to 100 elements per request."
    )
    assert codes(person.bulk(*works[:100])) == ["work"] * 100


def test_a_text_too_long_for_the_database_undoes_all(person: Person) -> None:
    """500/9008 and a rollback: nothing is saved, nobody is told, identifiers stay free."""
    response = person.bulk(a_work("10.1/a"), a_work("10.1/b", title={"title": "x" * 1001}))
    assert error_of(response) == (500, 9008)
    assert (person.items("work"), person.inbox()) == ((), [])
    assert codes(person.bulk(a_work("10.1/a"))) == ["work"]


def test_the_limit_of_works_counts_all_sources() -> None:
    """409/9048 for a bulk that would pass the limit, before its size is looked at, and for a single work at it."""
    settings = SandboxSettings(rate_limit=False, max_works=3)
    with (
        start_sandbox(settings=settings) as running,
        SandboxControl(running.base_url) as control,
        httpx.Client(base_url=running.base_url) as http,
    ):
        person = a_person(http, control)
        control.add_item(person.orcid, "work", a_work())
        assert error_of(person.bulk(*[a_work(f"10.1/{number}") for number in range(101)])) == (409, 9048)
        assert codes(person.bulk(a_work("10.1/a"), a_work("10.1/b"))) == ["work", "work"]
        assert error_of(person.post("work", a_work(external_ids=None))) == (409, 9048)
        person.has_added("employment", an_employment())


def test_several_works_are_read_at_once(person: Person) -> None:
    """Found ones first, whole and with path; others after them as 400/9034."""
    first, second = person.has_added("work", a_work("10.1/a")), person.has_added("work", a_work("10.1/b"))
    response = person.get(f"works/{second},999999,{first}")
    assert codes(response) == ["work", "work", 9034]
    slots = response.json()["bulk"]
    assert {slot["work"]["put-code"] for slot in slots[:2]} == {first, second}
    assert slots[0]["work"]["path"] == f"/{person.orcid}/work/{slots[0]['work']['put-code']}"
    assert slots[2]["error"]["response-code"] == 400
    assert slots[2]["error"]["developer-message"].endswith("Full validation error: '999999' is not a valid put code")


def test_a_private_work_of_another_source_is_an_error_in_its_slot(person: Person) -> None:
    """403/9013 for that slot alone."""
    put_code = person.control.add_item(person.orcid, "work", a_work(), visibility="private")
    assert codes(person.get(f"works/{put_code}")) == [9013]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(",".join(map(str, range(101))), (400, 9042), id="more than a hundred"),
        pytest.param("1,x", (400, 9006), id="not a number"),
    ],
)
def test_put_codes_that_cannot_be_read(person: Person, text: str, expected: tuple[int, int]) -> None:
    """The whole request is refused."""
    assert error_of(person.get(f"works/{text}")) == expected


def test_the_text_of_9042_is_the_exceptions_name(person: Person) -> None:
    """This code has no template."""
    text = person.get(f"works/{','.join(map(str, range(101)))}").json()["developer-message"]
    assert text == (
        "org.orcid.core.exception.ExceedMaxNumberOfPutCodesException"
        " Full validation error: Too many put codes specified: maximum is 100"
    )


def test_the_bulk_needs_a_works_scope(http: httpx.Client, control: SandboxControl) -> None:
    """The same scopes as a single work; and it is JSON that comes back."""
    person = a_person(http, control, scopes=["/orcid-works/create"])
    response = person.bulk(a_work())
    assert codes(response) == ["work"]
    assert response.headers["content-type"].startswith(JSON)
    reader = a_person(http, control, scopes=["/read-limited"])
    assert error_of(reader.bulk(a_work())) == (403, 9038)
