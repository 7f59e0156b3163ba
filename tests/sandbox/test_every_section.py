"""What holds for every section alike: an item's life, its put-code, source and visibility (API_FACTS section 2)."""

import re

import pytest

from tests.sandbox.people import SMALLEST, JsonObject, Person, a_person, error_of
from worker.sandbox.sections.table import SECTIONS

ACTIVITIES = [name for name, section in SECTIONS.items() if section.is_activity]
OF_THE_PERSON = [name for name, section in SECTIONS.items() if not section.is_activity]
OTHER = "APP-ANOTHERCLIENT001"

every_section = pytest.mark.parametrize("section", SMALLEST)


def test_no_section_is_forgotten() -> None:
    """The tests below run over all there are."""
    assert SMALLEST.keys() == SECTIONS.keys()


@every_section
def test_an_item_lives_from_post_to_delete(person: Person, section: str) -> None:
    """POST, GET, PUT, GET, DELETE, and then it is gone."""
    document = SMALLEST[section]
    response = person.post(section, document)
    put_code = int(response.headers["location"].rpartition("/")[2])
    assert response.headers["location"] == f"{person.http.base_url}/v3.0/{person.orcid}/{section}/{put_code}"
    assert response.content == b""
    shown = person.get(f"{section}/{put_code}").json()
    assert contains(shown, document)
    assert shown["path"] == f"/{person.orcid}/{section}/{put_code}"
    assert shown["source"]["source-client-id"]["path"] == "APP-0RCIDSYNCSANDBOX"
    replaced = person.put(section, put_code, document)
    assert replaced.status_code == 200
    assert contains(replaced.json(), document)
    assert person.delete(section, put_code).status_code == 204
    assert error_of(person.get(f"{section}/{put_code}")) == (404, 9016)
    assert error_of(person.delete(section, put_code)) == (404, 9016)
    assert person.items(section) == ()


@every_section
def test_what_comes_back_may_be_sent_again(person: Person, section: str) -> None:
    """A reply is a valid PUT: read-only fields are accepted and ignored."""
    put_code = person.has_added(section, SMALLEST[section])
    shown = person.get(f"{section}/{put_code}").json()
    assert person.put(section, put_code, shown).status_code == 200


@pytest.mark.parametrize("section", ACTIVITIES)
def test_the_path_of_an_updated_activity_is_null(person: Person, section: str) -> None:
    """The reply to its PUT has none."""
    put_code = person.has_added(section, SMALLEST[section])
    assert person.put(section, put_code, SMALLEST[section]).json()["path"] is None


@pytest.mark.parametrize("section", OF_THE_PERSON)
def test_the_path_of_an_updated_item_of_the_person_is_there(person: Person, section: str) -> None:
    """Items of the person keep theirs, and their display-index is a number."""
    put_code = person.has_added(section, SMALLEST[section])
    shown = person.put(section, put_code, SMALLEST[section]).json()
    assert shown["path"] == f"/{person.orcid}/{section}/{put_code}"
    assert shown["display-index"] == 1


@every_section
def test_put_codes_are_checked(person: Person, section: str) -> None:
    """9024, 9019 with another and without one, 9034, 9016 for an item that is not there."""
    document = SMALLEST[section]
    put_code = person.has_added(section, document)
    assert error_of(person.post(section, {**document, "put-code": 1})) == (400, 9024)
    assert error_of(person.ask("PUT", f"/{section}/{put_code}", {**document, "put-code": 1})) == (400, 9019)
    assert error_of(person.ask("PUT", f"/{section}/{put_code}", document)) == (400, 9019)
    assert error_of(person.ask("PUT", f"/{section}/x", {**document, "put-code": 1})) == (400, 9034)
    assert error_of(person.put(section, 1, document)) == (404, 9016)


@every_section
@pytest.mark.parametrize("client_id", [pytest.param(None, id="the researcher's"), pytest.param(OTHER, id="another's")])
def test_items_of_others_cannot_be_changed(person: Person, section: str, client_id: str | None) -> None:
    """403/9010, or 9014 for a work that is the same, and the item stays."""
    put_code = person.control.add_item(person.orcid, section, SMALLEST[section], client_id=client_id)
    refused = 9014 if section == "work" else 9010
    assert error_of(person.put(section, put_code, SMALLEST[section])) == (403, refused)
    assert error_of(person.delete(section, put_code)) == (403, 9010)
    assert [item.put_code for item in person.items(section)] == [put_code]


@every_section
def test_the_researcher_decides_who_sees_an_item(person: Person, section: str) -> None:
    """What is sent on create is ignored; on update anything but the present value is 403/9035."""
    document = SMALLEST[section]
    put_code = person.has_added(section, {**document, "visibility": "private"})
    assert person.get(f"{section}/{put_code}").json()["visibility"] == "public"
    changed = {**document, "visibility": "private"}
    if section == "work":
        changed["type"] = "book"
    assert error_of(person.put(section, put_code, changed)) == (403, 9035)
    person.control.edit_as_researcher(person.orcid, put_code, visibility="private")
    assert person.put(section, put_code, document).json()["visibility"] == "private"


@every_section
def test_private_items_of_others_are_hidden(person: Person, section: str) -> None:
    """Neither in the list nor alone; one's own are always there."""
    hidden = person.control.add_item(person.orcid, section, SMALLEST[section], client_id=OTHER, visibility="private")
    own = person.has_added(section, SMALLEST[section])
    person.control.edit_as_researcher(person.orcid, own, visibility="private")
    assert error_of(person.get(f"{section}/{hidden}")) == (403, 9013)
    listed = re.findall(r'"put-code":\s*(\d+)', person.get(SECTIONS[section].plural).text)
    assert str(own) in listed
    assert str(hidden) not in listed


@pytest.mark.parametrize("section", ACTIVITIES)
def test_activities_tell_the_inbox(person: Person, section: str) -> None:
    """One message for each change, with a name to read."""
    put_code = person.has_added(section, SMALLEST[section])
    changed = SMALLEST[section] | ({"type": "book"} if section == "work" else {})
    person.put(section, put_code, changed)
    person.delete(section, put_code)
    messages = person.inbox()
    assert [message.items[0].action for message in messages] == ["CREATE", "UPDATE", "DELETE"]
    assert {message.section for message in messages} == {section}
    assert all(message.items[0].name for message in messages)


@pytest.mark.parametrize("section", OF_THE_PERSON)
def test_items_of_the_person_tell_nobody(person: Person, section: str) -> None:
    """ORCID sends no message for them."""
    put_code = person.has_added(section, SMALLEST[section])
    person.put(section, put_code, SMALLEST[section])
    person.delete(section, put_code)
    assert person.inbox() == []


@every_section
def test_every_section_has_its_scopes(person: Person, section: str) -> None:
    """A token that only reads writes nothing."""
    reader = a_person(person.http, person.control, scopes=["/read-limited"])
    assert error_of(reader.post(section, SMALLEST[section])) == (403, 9038)


@pytest.mark.parametrize(
    ("section", "scope", "statuses"),
    [
        pytest.param("funding", "/funding/create", (201, 403, 403), id="fundings are created"),
        pytest.param("funding", "/funding/update", (201, 200, 204), id="fundings are updated"),
        pytest.param("peer-review", "/peer-review/create", (201, 403, 403), id="peer reviews are created"),
        pytest.param("peer-review", "/peer-review/update", (201, 200, 204), id="peer reviews are updated"),
        pytest.param("research-resource", "/affiliations/update", (201, 200, 204), id="resources are affiliations"),
        pytest.param("keywords", "/orcid-bio/update", (201, 200, 204), id="keywords are of the bio"),
        pytest.param("keywords", "/person/update", (201, 200, 204), id="keywords are of the person"),
        pytest.param(
            "external-identifiers",
            "/orcid-bio/external-identifiers/create",
            (201, 200, 403),
            id="identifiers are created and updated",
        ),
        pytest.param("external-identifiers", "/person/update", (201, 200, 204), id="identifiers are of the person"),
    ],
)
def test_scopes_of_the_sections(person: Person, section: str, scope: str, statuses: tuple[int, int, int]) -> None:
    """POST, PUT and DELETE with one scope alone (API_FACTS section 1.2)."""
    writer = a_person(person.http, person.control, scopes=[scope])
    put_code = writer.has_added(section, SMALLEST[section])
    updated, deleted = writer.put(section, put_code, SMALLEST[section]), writer.delete(section, put_code)
    assert (201, updated.status_code, deleted.status_code) == statuses


@every_section
def test_the_researcher_edits_and_removes_any_item(person: Person, section: str) -> None:
    """The control API works for all sections alike."""
    put_code = person.control.add_item(person.orcid, section, SMALLEST[section])
    edited = person.control.edit_as_researcher(person.orcid, put_code, document=SMALLEST[section])
    assert contains(edited.document, SMALLEST[section])
    person.control.remove_as_researcher(person.orcid, put_code)
    assert person.items(section) == ()


def contains(whole: object, part: object) -> bool:
    """Whether everything in one JSON value is in another."""
    match part:
        case dict():
            return isinstance(whole, dict) and all(contains(whole.get(key), value) for key, value in part.items())
        case list():
            pairs = zip(whole, part, strict=True) if isinstance(whole, list) else [(None, part)]
            return all(contains(one, other) for one, other in pairs)
        case _:
            return whole == part


def test_what_was_not_sent_is_cleared(person: Person) -> None:
    """A PUT replaces everything."""
    put_code = person.has_added("researcher-urls", SMALLEST["researcher-urls"] | {"url-name": "Moa"})
    shown: JsonObject = person.put("researcher-urls", put_code, SMALLEST["researcher-urls"]).json()
    assert shown["url-name"] is None
