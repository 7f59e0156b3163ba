"""Every rule that a document can break: refused here, by name, before a call; ORCID would answer with the same code.

One table (tests/mappers/broken_events.py), one row for each rule and code of each section (API_FACTS.md 4.2, 5).
"""

import json
import re
from typing import Any

import httpx
import pytest

from mappers.events.faults import escaped
from mappers.forms import Form, Format, Version
from mappers.wire.writing import write
from tests.mappers.broken_events import BROKEN_EVENTS, BrokenEvent
from tests.mappers.builders import Json, mapped, publication_data
from tests.orcid_files import FACTS, needs_orcids_files
from tests.rules.same_document import GROUPS, OWN_ID, body_of, built
from tests.sandbox.people import JSON, Person

TAKEN = 0
"""In the place of an error-code: ORCID takes the document."""
PUBLICATION = "publication.changed"
OURS = {"person": {"id": "E1024"}}
EACH_RULE = [pytest.param(one, id=one.name) for one in BROKEN_EVENTS]

SCHEMA_FIRST = (
    "publication-blank-title",
    "funding-blank-title",
    "publication-blank-type",
    "peer-review-blank-type",
    "citation-without-type",
    "translated-language-without-title",
    "amount-without-currency",
    "identifiers-blank-type",
    "identifiers-blank-value",
    "subject-identifier-value",
    "resource-no-identifier",
    "organization-no-name",
    "organization-blank-name",
    "funder-no-name",
    "funder-blank-name",
    "hosts[1]-no-name",
    "hosts[1]-blank-name",
    "organization-no-list",
    "funder-no-list",
    "hosts[1]-no-list",
)
"""Rules about something missing that ORCID's schema asks, too, and before: then it is 9047. We name the rule's own
code, which says what is wrong; a bulk of works, which goes past the schema, is answered with it."""
NOT_ASKED = {
    "funding-amount-1e999": "Java reads it, as infinite; nobody grants that much",
    "funding-amount-NaN": "Java reads it, as no number",
    **{
        f"research-resource-proposal-start_date-{name}": "ORCID asks no calendar of a proposal, our documents do always"
        for name in ("no-such-day", "no-leap-day")
    },
}
"""Documents that ORCID takes although it has such a rule elsewhere; why we refuse them with that rule's code."""
CANNOT = {
    9001: "is v2.1's answer to XML; what v2.1 can't carry is left out, or waits (test_rules_of_v2_1.py)",
    9010: "is about whose item it is",
    9021: "is about another item, of the same identifier: the slots see to that",
    9024: "we write a put-code into an update alone",
    9035: "we write no visibility into an update",
    9062: "our own external-id stands in for an organization's identifier",
}
"""Codes of section 5 that no document of ours can be answered with, and why."""
XML_ALONE = {9012: "a breach of the schema", 9051: "a word that an enum does not know"}
"""What 9047 is in XML."""


def answer_to(broken: BrokenEvent) -> int:
    """ORCID's error-code for the document alone in JSON."""
    if broken.name.endswith(SCHEMA_FIRST):
        return 9047
    return TAKEN if broken.code is None or broken.name in NOT_ASKED else broken.code


def answered(response: httpx.Response) -> tuple[int, int]:
    """Status and error-code."""
    return response.status_code, TAKEN if response.status_code == 201 else response.json()["error-code"]


def send(person: Person, section: str, content: bytes, media_type: str) -> httpx.Response:
    """A POST to a section of the person's record, or of a group with a token for that."""
    token, path = person.token, f"{person.orcid}/{section}"
    if section == GROUPS:
        token, path = str(person.control.grant(None, scopes=["/group-id-record/update"])["access_token"]), section
    headers = {"authorization": f"Bearer {token}", "accept": JSON, "content-type": media_type}
    return person.http.request("POST", f"/v3.0/{path}", content=content, headers=headers)


@pytest.mark.parametrize("broken", EACH_RULE)
def test_a_broken_rule_is_refused_here_by_name(broken: BrokenEvent) -> None:
    """The refused item names section, source record, the field as the event spells it, its value, rule and code."""
    first, *others = mapped(broken.data, type=broken.type, subject="R-1")

    assert first.document is None
    assert first.group is None
    assert first.refusal is not None
    assert first.refusal.field == broken.field
    assert broken.says in first.refusal.rule
    assert re.findall(r"ORCID (\d+)", first.refusal.rule) == ([str(broken.code)] if broken.code else [])
    assert first.refusal.value.casefold() in ("", _shown(broken.data, broken.field))
    assert str(first.refusal).isprintable()
    assert f" {first.key.section} /hr {broken.type.removesuffix('.changed')} R-1" in str(first.key)
    assert all(one.refusal == first.refusal for one in others)


@pytest.mark.parametrize("broken", EACH_RULE)
def test_orcid_answers_the_same_document_with_that_code(person: Person, broken: BrokenEvent) -> None:
    """400 and the code that the refusal names; what is answered otherwise stands above, with the reason."""
    section, body = body_of(broken)
    code = answer_to(broken)

    response = send(person, section, json.dumps(body).encode(), JSON)

    assert answered(response) == ((400, code) if code else (201, TAKEN))


IN_XML = [one for one in BROKEN_EVENTS if built(one) is not None and body_of(one)[0] != GROUPS]
"""All but those that no document of ours can say, and a group's."""


@pytest.mark.parametrize("broken", [pytest.param(one, id=one.name) for one in IN_XML])
def test_orcid_answers_the_same_document_in_xml(person: Person, broken: BrokenEvent) -> None:
    """A rule's code is the same; a breach of the schema has codes of its own there."""
    document, code, form = built(broken), answer_to(broken), Form(Version.V3_0, Format.XML)
    assert document is not None
    if "XML can't carry" in str(mapped(broken.data, type=broken.type)[0].refusal):
        with pytest.raises(ValueError, match="XML"):
            write(document, form, own_id=OWN_ID)
        return

    response = send(person, document.section.value, write(document, form, own_id=OWN_ID), form.format.media_type)

    status, said = answered(response)
    assert status == (400 if code else 201)
    assert said in (XML_ALONE if code == 9047 else (code,))


IN_BULK = [one for one in BROKEN_EVENTS if one.type == PUBLICATION and one.name.endswith(SCHEMA_FIRST)]


@pytest.mark.parametrize("broken", [pytest.param(one, id=one.name) for one in IN_BULK])
def test_a_bulk_is_answered_with_the_rules_own_code(person: Person, broken: BrokenEvent) -> None:
    """Its works go past the schema; what is missing is missing there."""
    _, body = body_of(broken)

    (slot,) = person.bulk(_without_blanks(body)).json()["bulk"]

    assert slot["error"]["error-code"] == broken.code


def test_brackets_in_a_query_are_taken(person: Person) -> None:
    """RFC 3986 has them escaped, and libxml2 insists; ORCID's checker does not, and such links work."""
    (item,) = mapped(publication_data(url="https://example.org/moas?id[]=1", contributors=[OURS]), type=PUBLICATION)

    assert item.document is not None
    body = json.loads(write(item.document, Form(Version.V3_0, Format.JSON), own_id=OWN_ID))
    assert answered(person.post("work", body)) == (201, TAKEN)


def test_every_difference_is_one() -> None:
    """No reason is left of a row that is gone, or that ORCID answers with our code by now."""
    names = [one.name for one in BROKEN_EVENTS]

    assert len(set(names)) == len(names)
    assert set(NOT_ASKED) <= set(names)
    for end in SCHEMA_FIRST:
        found = [one for one in BROKEN_EVENTS if one.name.endswith(end)]
        assert found, end
        assert not [one.name for one in found if one.code == 9047]


@needs_orcids_files
def test_every_code_of_the_rules_has_a_row_or_a_reason() -> None:
    """API_FACTS.md lies beside ORCID's files: each code that its section 5 tells of."""
    if not FACTS.exists():
        pytest.skip(f"not compared with {FACTS.name}: it is not beside ORCID's files")
    text = FACTS.read_text()
    told = {int(code) for code in re.findall(r"\b9\d{3}\b", text[text.index("\n## 5.") : text.index("\n## 6.")])}
    rows = {one.code for one in BROKEN_EVENTS if one.code is not None}

    assert told == (rows | set(CANNOT) | set(XML_ALONE)) & told
    assert rows <= told
    assert not rows & (set(CANNOT) | set(XML_ALONE))


def _without_blanks(value: Any) -> Any:
    """The message without its empty texts, and objects of nothing else."""
    match value:
        case dict():
            return {key: kept for key, part in value.items() if (kept := _without_blanks(part)) not in ("", {})}
        case list():
            return [_without_blanks(part) for part in value]
        case _:
            return value


def _shown(data: Json, field: str) -> str:
    """The value that stands in a field of the event, as a line shows it; the empty text for one that is no text."""
    found: Any = data
    for step in re.findall(r"\w+", field):
        found = found[int(step)] if isinstance(found, list) else (found or {}).get(step)
    return escaped(found.strip()).casefold() if isinstance(found, str) else ""
