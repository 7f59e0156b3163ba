"""Intake of departures, and of messages in an institution's own format."""

import json
from typing import Any

import pytest

from mappers.events.messages import Message, Place
from mappers.events.packed_messages import unpack_message
from mappers.mapping_file import parse_mapping
from mappers.wanted import SourceKey
from state.facts import Departure
from state.store import Store
from tests.worker.builders import NOW
from tests.worker.messages import an_event, of_file
from worker.intake.intake import Intake, Tempo
from worker.intake.taken import Taken
from worker.ports import Batch

LEFT = SourceKey("/hr", "hr.person.left", "E1")
ROWS = parse_mapping("""
[formats.rows]
topics = ["rows.jsonl"]
skip = "heartbeat"
type = "'hr.person.left'"
source = "'/hr'"
subject = "person"
sequence = "number"
data.person.id = "person"
data.date = "gone"
""")


def take(store: Store, *messages: Message) -> Taken:
    """Takes messages in one batch; nobody is due before."""
    for due in store.agenda.due(NOW, 10):
        store.agenda.retry(due.person, None, due.revision, 0)
    return Intake(store, ROWS, Tempo(0.0, 0.0)).take(Batch(messages), NOW)


def said(kind: str, sequence: int, person: str = "E1", **data: Any) -> Message:
    """That somebody left or returned, always of the same source record."""
    content = {"person": {"id": person}, **data}
    return of_file(an_event(content, type=f"hr.person.{kind}", source="/hr", subject="E1", sequence=str(sequence)))


def row(**content: Any) -> Message:
    """A line in the institution's own format."""
    return Message(Place("rows.jsonl", 1), json.dumps(content).encode())


def departures(store: Store, person: str = "E1") -> tuple[Departure, ...]:
    """What planning is told."""
    return store.items.facts(person).departures


def due(store: Store) -> list[str]:
    """Who is on the agenda now."""
    return sorted(one.person for one in store.agenda.due(NOW, 10))


def test_who_leaves_is_noted_and_due(store: Store) -> None:
    """With the day, and at once: the leaver policy acts when the person is planned."""
    take(store, said("left", 1, date="2026-02"))

    assert departures(store) == (Departure(LEFT, "E1", "2026-02"),)
    assert due(store) == ["E1"]


def test_who_returns_has_not_left(store: Store) -> None:
    """The departure is over, and the person due."""
    take(store, said("left", 1))
    take(store, said("returned", 2))

    assert departures(store) == ()
    assert due(store) == ["E1"]


@pytest.mark.parametrize("kinds", [("left", "returned"), ("returned", "left")])
def test_an_older_word_changes_nothing(store: Store, kinds: tuple[str, str]) -> None:
    """Versions order them, whichever comes first."""
    newer, older = kinds
    take(store, said(newer, 2))
    before = departures(store)
    taken = take(store, said(older, 1))

    assert departures(store) == before
    assert taken.results() == {"superseded": 1}
    assert due(store) == []


def test_a_departure_of_the_wrong_person_is_corrected_for_both(store: Store) -> None:
    """A new snapshot of the record names another one."""
    take(store, said("left", 1))
    take(store, said("left", 2, person="E2"))

    assert (departures(store), departures(store, "E2")) == ((), (Departure(LEFT, "E2", None),))
    assert due(store) == ["E1", "E2"]


def test_a_departure_stands_when_all_is_mapped_again(store: Store) -> None:
    """It goes by no mapping."""
    take(store, said("left", 1))
    intake = Intake(store, parse_mapping('[work_types]\npoem = "other"'), Tempo(0.0, 0.0))

    assert sum(intake.remap()) == 1
    assert sum(intake.remap()) == 0
    assert departures(store) == (Departure(LEFT, "E1", None),)


def test_a_row_is_taken_by_its_format(store: Store) -> None:
    """The same path as any event."""
    assert take(store, row(person="E1", number=1, gone="2026-02-28")).results() == {"applied": 1}
    assert departures(store) == (Departure(LEFT, "E1", "2026-02-28"),)


def test_a_skipped_message_is_counted(store: Store) -> None:
    """And is no dead letter."""
    taken = take(store, row(heartbeat=True))

    assert (taken.results(), taken.letters) == ({"skipped": 1}, [])


def test_a_dead_letter_of_a_format_is_taken_when_the_mapping_file_is_right(store: Store) -> None:
    """What is kept is the message as it came."""
    taken = take(store, row(person="E1", number=1, gone="28 Feb"))
    ((_, letter),) = taken.letters
    right = parse_mapping("""
    [formats.rows]
    topics = ["rows.jsonl"]
    type = "'hr.person.left'"
    source = "'/hr'"
    subject = "person"
    sequence = "number"
    data.person.id = "person"
    """)

    assert letter.field == "formats.rows.data.date"
    assert Intake(store, right, Tempo(0.0, 0.0)).retry(letter, unpack_message(letter.envelope), NOW)
    assert departures(store) == (Departure(LEFT, "E1", None),)
