"""Put-codes, sources and replacements (API_FACTS sections 2.2 to 2.4 and 5.8)."""

import pytest

from tests.sandbox.people import (
    JsonObject,
    Person,
    a_person,
    a_work,
    an_employment,
    error_of,
    identifier,
    identifiers,
)

OTHER = "APP-ANOTHERCLIENT001"
NOT_SOURCE = "403 Forbidden: You are not the source of the work, so you are not allowed to update it."


@pytest.mark.parametrize(
    ("in_body", "shown"),
    [pytest.param(2, "2", id="another"), pytest.param(None, "null", id="none")],
)
def test_an_update_needs_its_put_code_in_the_body(person: Person, in_body: int | None, shown: str) -> None:
    """9019 for another put-code or none."""
    response = person.ask("PUT", "/work/1", {**a_work(), "put-code": in_body})
    assert error_of(response) == (400, 9019)
    expected = f"400 Bad Request: The put code in the URL was 1 whereas the one in the body was {shown}."
    assert response.json()["developer-message"] == expected


@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET"])
def test_an_item_of_another_record_is_not_found(person: Person, method: str) -> None:
    """A put-code counts only on its own record."""
    someone = a_person(person.http, person.control)
    put_code = someone.has_added("work", a_work())
    body = {**a_work(), "put-code": put_code} if method == "PUT" else None
    assert error_of(person.ask(method, f"/work/{put_code}", body)) == (404, 9016)


def test_a_second_delete_is_404(person: Person) -> None:
    """The first is 204 without a body."""
    put_code = person.has_added("work", a_work())
    response = person.delete("work", put_code)
    assert (response.status_code, response.content) == (204, b"")
    assert error_of(person.delete("work", put_code)) == (404, 9016)


def test_a_put_code_is_never_used_again(person: Person) -> None:
    """After a delete the next item gets another."""
    first = person.has_added("work", a_work())
    person.delete("work", first)
    assert person.has_added("work", a_work()) != first


@pytest.mark.parametrize("client_id", [pytest.param(None, id="the researcher"), pytest.param(OTHER, id="a client")])
@pytest.mark.parametrize(
    ("section", "document"),
    [pytest.param("work", a_work(), id="work"), pytest.param("employment", an_employment(), id="employment")],
)
def test_an_item_of_another_source_cannot_be_written(
    person: Person, section: str, document: JsonObject, client_id: str | None
) -> None:
    """9010 for update and delete; the word is always work."""
    put_code = person.control.add_item(person.orcid, section, document, client_id=client_id)
    before = person.items(section)
    changed = {**document, "url": {"value": "https://example.org"}}
    update, delete = person.put(section, put_code, changed), person.delete(section, put_code)
    assert (error_of(update), error_of(delete)) == ((403, 9010), (403, 9010))
    assert update.json()["developer-message"] == NOT_SOURCE
    assert person.items(section) == before


def test_an_unchanged_update_of_anothers_work_is_9014(person: Person) -> None:
    """An identical body has a code of its own."""
    put_code = person.control.add_item(person.orcid, "work", a_work())
    response = person.put("work", put_code, a_work())
    assert error_of(response) == (403, 9014)
    assert response.json()["developer-message"].endswith(f" Full validation error: {NOT_SOURCE}")


def test_an_update_replaces_everything_but_what_is_orcids(person: Person) -> None:
    """Fields that are not sent are cleared; source, visibility and creation date stay; path is null in the reply."""
    put_code = person.has_added("work", a_work(url={"value": "https://example.org"}))
    before = person.get(f"work/{put_code}").json()
    reply = person.put("work", put_code, a_work(type="book"))
    assert reply.status_code == 200
    after = reply.json()
    assert (after["type"], after["url"], after["path"]) == ("book", None, None)
    assert after["last-modified-date"]["value"] > before["last-modified-date"]["value"]
    assert all(after[key] == before[key] for key in ("created-date", "source", "put-code", "visibility"))
    assert person.get(f"work/{put_code}").json() == {**after, "path": f"/{person.orcid}/work/{put_code}"}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="the same body"),
        pytest.param({"contributors": {"contributor": []}}, id="no contributors spelled out"),
        pytest.param({"title": {"title": "Moa", "subtitle": None}}, id="the same in other words"),
        pytest.param({"visibility": "private"}, id="a visibility that is not even looked at"),
    ],
)
def test_an_unchanged_work_is_left_alone(person: Person, changes: JsonObject) -> None:
    """200 with the stored work; last-modified stays and nobody is told."""
    put_code = person.has_added("work", a_work())
    before = person.get(f"work/{put_code}").json()
    reply = person.put("work", put_code, a_work(**changes))
    assert reply.json() == {**before, "path": None}
    assert len(person.inbox()) == 1


def test_an_unchanged_work_escapes_all_rules(person: Person) -> None:
    """The comparison comes before validation: what stands there may stay, even if it breaks a rule now."""
    document = a_work(external_ids=None)
    put_code = person.control.add_item(person.orcid, "work", document, client_id="APP-0RCIDSYNCSANDBOX")
    assert person.put("work", put_code, document).status_code == 200
    assert error_of(person.put("work", put_code, {**document, "type": "book"})) == (400, 9023)


def test_an_unchanged_employment_is_saved_and_told(person: Person) -> None:
    """All sections but works save and notify every time."""
    put_code = person.has_added("employment", an_employment())
    before = person.items("employment")[0]
    assert person.put("employment", put_code, an_employment()).status_code == 200
    assert person.items("employment")[0].last_modified > before.last_modified
    assert len(person.inbox()) == 2


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(None, 200, id="none"),
        pytest.param("limited", 200, id="the current one"),
        pytest.param("public", 403, id="another"),
    ],
)
@pytest.mark.parametrize(
    ("section", "document"),
    [pytest.param("work", a_work(), id="work"), pytest.param("employment", an_employment(), id="employment")],
)
def test_an_update_cannot_change_the_visibility(
    person: Person, section: str, document: JsonObject, sent: str | None, expected: int
) -> None:
    """9035, and the researcher's choice stays."""
    put_code = person.has_added(section, document)
    person.control.edit_as_researcher(person.orcid, put_code, visibility="limited")
    changed = {**document, "url": {"value": "https://example.org"}, "visibility": sent}
    response = person.put(section, put_code, changed)
    assert response.status_code == expected
    assert expected == 200 or error_of(response) == (403, 9035)
    assert person.items(section)[0].visibility == "limited"


def test_the_records_default_decides_on_visibility(person: Person) -> None:
    """A new item takes the researcher's default."""
    person.control.create_record(person.orcid, visibility="private")
    person.has_added("work", a_work(visibility="public"))
    assert person.items("work")[0].visibility == "private"


def test_a_refused_update_changes_nothing(person: Person) -> None:
    """After a rule's refusal the stored work is what it was, and its identifiers are still its own."""
    put_code = person.has_added("work", a_work())
    wrong = a_work(external_ids=identifiers(identifier("DOI", "x")))
    assert error_of(person.put("work", put_code, wrong)) == (400, 9023)
    assert error_of(person.post("work", a_work())) == (409, 9021)
