"""Texts that databases do not keep as they are, and all others, which they must."""

import pytest

from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.brake_facts import Suppression
from state.store import Store, UnkeptError
from tests.state.helpers import (
    a_departure,
    a_grant,
    a_key,
    a_letter,
    a_published,
    a_record,
    a_wanted,
    an_event,
    an_intent,
)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
def test_nul_is_replaced(store: Store) -> None:
    """The same in each database; what is beside it is kept, and what is asked for is found by it."""
    text, kept = "a\x00b", "a\ufffdb"
    with store.transaction():
        store.notes.put(text, f"é {text}")
        store.items.want(a_wanted(a_key(text), reason=text), text)
        store.items.publish(a_published(item=a_key(text)), text)
        store.records.accept(a_record(data=text))
        store.records.note_event(an_event(text, detail=text))
        store.letters.bury(a_letter(message=text))
        store.grants.put(a_grant(text, name=text))
        store.intents.open([an_intent(a_key(text), document=text)])
        store.agenda.changed(text, 0.0, 0.0)

    assert store.notes.get(text) == store.notes.get(kept) == f"é {kept}"
    (wanted,) = store.items.facts(text).wanted
    assert (wanted.key.person, wanted.reason) == (kept, kept)
    assert [grant.name for grant in store.grants.all()] == [kept]
    assert [letter.message for letter in store.letters.open()] == [kept]
    assert store.agenda.revision(kept) == 1


@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
def test_half_of_a_surrogate_pair_is_no_text(store: Store) -> None:
    """It is told as Python tells it, whether it is to be written or looked for; all else goes on."""
    with store.transaction():
        store.notes.put("note", "text")
        for act in (lambda: store.notes.get("a\ud800b"), lambda: store.items.facts("\udfff\ud800")):
            with pytest.raises(UnicodeEncodeError):
                act()
    with pytest.raises(UnicodeEncodeError):
        store.notes.put("a\ud800b", "text")

    assert store.notes.get("note") == "text"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("50 % of :this and %s, %(that)s, ? and $1", id="what-stands-for-parameters"),
        pytest.param("'; DROP TABLE notes; --\\", id="quotes"),
        pytest.param("\x01\t\r\n\x7f\u2028", id="controls"),
        pytest.param("e\u0301 é \U0001f600 \ufeff \uffff", id="beyond-ascii"),
        pytest.param("x" * 3_000_000, id="long"),
    ],
)
def test_every_other_text_comes_back_as_it_was(store: Store, text: str) -> None:
    """To the letter: digests and keys are of it."""
    store.notes.put("note", text)
    store.items.want(a_wanted(a_key(person=text[:100])), text)

    assert store.notes.get("note") == text
    assert store.items.document(a_key(person=text[:100])) == (a_wanted().revision, text)


def test_texts_are_ordered_by_their_code_points(store: Store) -> None:
    """Whatever the database's language: plans and lists are the same on all."""
    people = ["Z", "a", "z", "é", "ß", "_", "-", "10", "9", " b", "B", "\U0001f600", "\uffff", "ǆ"]
    for person in people:
        store.items.want(a_wanted(a_key(person)), None)

    assert list(store.items.persons()) == sorted(people)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
def test_the_longest_names_are_kept_in_every_key(store: Store) -> None:
    """Of as many bytes as events may have, none of them like another."""
    names = ["".join(chr(0x4E00 + (7 * place + turn * 1_000) % 20_000) for place in range(170)) for turn in range(4)]
    source, subject, person, part = names
    record = SourceKey(source, "hr.affiliation", subject)
    key = ItemKey(person, Section.RESEARCH_RESOURCE, record, part)
    assert {len(name.encode()) for name in names} == {510}

    store.records.accept(a_record(key=record))
    store.records.note_event(an_event(names[0], key=record))
    store.items.want(a_wanted(key), "{}")
    store.items.publish(a_published(item=key), "{}")
    store.intents.open([an_intent(key)])
    store.departures.leave(a_departure(person, record=record))
    store.suppressions.put(Suppression(person, record, withdraw=False, at=1.0))

    assert [one.key for one in store.items.facts(person).wanted] == [key]


@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
def test_a_value_that_cannot_be_kept_is_not_the_stores_fault(store: Store) -> None:
    """The event that brought it is put aside, and the others go on; nothing of it stays."""
    with pytest.raises(UnkeptError, match=r"^the state [^\n]* cannot keep it: [^\n]+$"), store.transaction():
        store.items.publish(a_published(put_code=2**80))

    assert list(store.items.published()) == []
    store.notes.put("note", "text")
