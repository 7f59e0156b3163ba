"""Calls in every form: what the request of each section looks like, in both versions and both formats."""

import json
from typing import Any

import pytest

from mappers.documents import Document, ExternalId, Relationship, Work, digest, dump
from mappers.forms import Form, Format, Version
from mappers.groups import GroupIdRecord
from mappers.identifiers import OWN_TYPE
from mappers.sections import Section
from state.facts import Method
from tests.worker.builders import JOSIAH, NOW, PERSON, a_key, a_work, an_employment, published, wanted
from tests.worker.documents import a_document
from worker.calling.calls import GROUP_SCOPE, Sender, intents_for, request_for, set_aside
from worker.planning import steps

FORMS = [Form(version, format_) for version in Version for format_ in Format]
IN_EVERY_FORM = [pytest.param(form, id=str(form)) for form in FORMS]
SECTIONS = [
    pytest.param(section, form, id=f"{section}, {form}")
    for section in Section
    for form in FORMS
    if section.is_in(form.version)
]
GROUP = GroupIdRecord("orcid-generated:kelp & co", "Kelp", "journal", "All about kelp")


def sender(form: Form) -> Sender:
    """Who sends in this form."""
    return Sender(PERSON, JOSIAH, epoch=3, call_seconds=30.0, form=form)


def a_document_of(section: Section) -> Document:
    """A document with one identifier, where its section has any."""
    return a_document(section, ["a"])


@pytest.mark.parametrize(("section", "form"), SECTIONS)
def test_an_item_of_every_section_has_its_path_and_media_type(section: Section, form: Form) -> None:
    """POST to the section, PUT and DELETE to the put-code, GET of its list."""
    document = a_document_of(section)
    item, stands = wanted("1", document), published(7, "1", document)
    base = f"/{form.version}/{JOSIAH}"
    found = (steps.FoundItem(7, item.key, stands.origin),)
    todo: list[steps.RecordStep] = [
        steps.Add(item, None, ""),
        steps.Update(item, stands, None, ""),
        steps.Remove(stands, ""),
        steps.ListSection(section, ""),
        steps.ReadItems(section, found, NOW),
    ]
    made = [request_for(step, {item.key: document}, sender(form)) for step in todo]

    assert [(one.verb, one.path.removeprefix(base)) for one in made] == [
        ("POST", f"/{section}"),
        ("PUT", f"/{section}/7"),
        ("DELETE", f"/{section}/7"),
        ("GET", f"/{section.list_path}"),
        ("GET", f"/{section.list_path if section.takes_bulk else section}/7"),
    ]
    expected = form.format.media_type
    assert [one.media_type for one in made] == [expected, expected, None, None, None]
    assert [one.scope for one in made] == [None] * 5
    assert all((one.body or b"").startswith(b"<?xml") is (form.format is Format.XML) for one in made[:2])


@pytest.mark.parametrize("form", IN_EVERY_FORM)
def test_a_bulk_is_one_message(form: Form) -> None:
    """Works alone go in bulk."""
    works = {a_key(subject): a_work(f"10.1/{subject}") for subject in "12"}
    adds = tuple(steps.Add(wanted(key.record.subject, work), None, "") for key, work in works.items())
    request = request_for(steps.AddWorks(adds), dict(works), sender(form))

    assert (request.path.rpartition("/")[2], request.bulk, request.kind) == ("works", 2, "POST_BULK")
    assert request.media_type == form.format.media_type


@pytest.mark.parametrize("form", IN_EVERY_FORM)
def test_a_complete_group_is_created_with_our_clients_own_token(form: Form) -> None:
    """ORCID answers 409/9025 when it is there already, which is as good."""
    request = request_for(steps.EnsureGroup(GROUP, ""), {}, sender(form))

    assert (request.verb, request.path, request.scope) == ("POST", f"/{form.version}/group-id-record", GROUP_SCOPE)
    assert request.media_type == form.format.media_type
    assert b"orcid-generated:kelp &" in (request.body or b"")


@pytest.mark.parametrize("form", IN_EVERY_FORM)
@pytest.mark.parametrize(
    "group",
    [
        pytest.param(GroupIdRecord(" orcid-generated:kelp & co"), id="incomplete"),
        pytest.param(GroupIdRecord("ISSN:1234-5679", "Kelp", "journal"), id="of an ISSN, which ORCID makes by itself"),
    ],
)
def test_another_group_is_looked_for_on_v3(group: GroupIdRecord, form: Form) -> None:
    """Only v3.0 finds a group by its group-id; its value is quoted."""
    request = request_for(steps.EnsureGroup(group, ""), {}, sender(form))
    quoted = "ISSN%3A1234-5679" if group.is_issn else "orcid-generated%3Akelp%20%26%20co"

    assert (request.verb, request.path) == ("GET", f"/v3.0/group-id-record?group-id={quoted}")
    assert (request.body, request.scope) == (None, GROUP_SCOPE)


def test_a_group_needs_no_note() -> None:
    """The group itself is noted as asked for."""
    assert intents_for(steps.EnsureGroup(GROUP, ""), {}, {}, sender(Form()), NOW) == []


MIXED = Work(
    title="Moa",
    type="journal-article",
    external_ids=(
        ExternalId(type="doi", value="10.1/a"),
        ExternalId(type="doi", value="10.1/b", relationship=Relationship.VERSION_OF),
        ExternalId(type="issn", value="1234-5679", relationship=Relationship.PART_OF),
    ),
)


def ids_of(body: bytes | None) -> list[tuple[str, str]]:
    """The external-ids of a message in JSON, with their relationship."""
    message: dict[str, Any] = json.loads(body or b"{}")
    found = message["external-ids"]["external-id"]
    return [(one["external-id-value"], one["external-id-relationship"]) for one in found]


def test_what_makes_way_carries_our_own_id_as_the_only_self() -> None:
    """Its other identifiers stay: they conflict with nothing."""
    step = steps.MoveAside(wanted("1", MIXED), published(7, "1", MIXED), "own", "")
    request = request_for(step, {step.item.key: MIXED}, sender(Form()))
    (noted,) = intents_for(step, {step.item.key: MIXED}, {step.item.key: dump(MIXED)}, sender(Form()), NOW)

    assert (request.verb, request.path.rpartition("/")[2]) == ("PUT", "7")
    assert ids_of(request.body) == [("10.1/b", "version-of"), ("1234-5679", "part-of"), ("own", "self")]
    assert (noted.method, noted.put_code, noted.digest, noted.document) == (Method.PUT, 7, "", None)
    assert (noted.own_id, noted.self_ids) == ("own", frozenset({f"{OWN_TYPE}:own"}))


def test_a_document_without_external_ids_is_set_aside_as_it_is() -> None:
    """A keyword has nothing to free."""
    keyword = a_document(Section.KEYWORDS)

    assert set_aside(keyword) == keyword


def test_what_several_sources_say_together_is_what_is_noted() -> None:
    """The digest is that of the document composed, which is what stands when it is accepted."""
    whole = a_work("10.1/1", "Moa and kiwi")
    step = steps.Add(wanted("1"), None, "", composed=whole)
    (noted,) = intents_for(step, {step.item.key: whole}, {step.item.key: dump(whole)}, sender(Form()), NOW)

    assert (noted.digest, noted.document) == (digest(whole), dump(whole))


@pytest.mark.parametrize(
    ("document", "own_id", "on_v3", "on_v2_1"),
    [
        pytest.param(
            a_document(Section.EMPLOYMENT, ["a"]),
            "own",
            {"uri:https://example.org/a", f"{OWN_TYPE}:own"},
            set(),
            id="an employment: v2.1 has no place for identifiers",
        ),
        pytest.param(a_work("10.1/a"), None, {"doi:10.1/a"}, {"doi:10.1/a"}, id="a work: as it is"),
        pytest.param(a_work(""), "own", {f"{OWN_TYPE}:own"}, {f"{OWN_TYPE}:own"}, id="a work known by our own id"),
        pytest.param(a_document(Section.KEYWORDS), None, {"Moa"}, {"Moa"}, id="a keyword: its content"),
    ],
)
def test_an_intent_notes_the_identities_that_are_truly_sent(
    document: Document, own_id: str | None, on_v3: set[str], on_v2_1: set[str]
) -> None:
    """By them ORCID, or a list, knows the item again; the digest is that of the whole document on both."""
    step = steps.Add(wanted("1", document), own_id, "")
    texts = {step.item.key: dump(document)}
    noted = [
        intents_for(step, {step.item.key: document}, texts, sender(Form(version)), NOW)[0]
        for version in (Version.V3_0, Version.V2_1)
    ]

    assert [one.self_ids for one in noted] == [on_v3, on_v2_1]
    assert {one.digest for one in noted} == {digest(document)}
    assert {one.document for one in noted} == {dump(document)}


def test_our_own_id_is_not_noted_where_it_was_not_sent() -> None:
    """So that a switch to v3.0 knows that it still has to be added."""
    job = an_employment()
    step = steps.Add(wanted("1", job), "own", "")
    (noted,) = intents_for(step, {step.item.key: job}, {}, sender(Form(Version.V2_1)), NOW)

    assert noted.own_id is None
