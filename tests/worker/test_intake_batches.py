"""Batches: positions, gaps, dead letters, and events that fail inside us (ARCHITECTURE.md 4)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.events.messages import LogId, Message, Place
from mappers.events.packed_messages import pack_message, unpack_message
from mappers.mapping_file import parse_mapping
from mappers.wanted import SourceKey
from state.facts import Acceptance, SourceRecord
from state.rooms.records import Records
from state.store import Store, StoreError
from tests.worker.builders import NOW
from tests.worker.messages import HR, OTHER, a_publication, an_event, of_file, of_topic
from worker.intake.intake import Intake, Tempo
from worker.intake.taken import Taken
from worker.note_names import RECOVERY
from worker.ports import Batch, Gap

MAPPING = parse_mapping("")
TEMPO = Tempo(quiet=0.0, quiet_max=0.0)


class Heard:
    """A dead-letter topic that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str | None]] = []

    def publish(self, place: Place, reason: str, field: str | None) -> None:
        """Tells of one."""
        self.told.append((str(place), reason, field))


class Failing:
    """Records that fail for one subject, as a fault of our own would."""

    def __init__(self, records: Records, subject: str, error: Exception) -> None:
        self._records = records
        self._subject = subject
        self._error = error

    def accept(self, record: SourceRecord) -> Acceptance:
        """Writes first, so that there is something to roll back."""
        accepted = self._records.accept(record)
        if record.key.subject == self._subject:
            raise self._error
        return accepted

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)


class TestAStateThatWentBack:
    """A database that failed over to a standby which had not got the last commits: nothing read since is taken."""

    def test_what_begins_too_late_is_not_taken(self, store: Store) -> None:
        """Until the log is read again from where the state is: then all is there, and nothing is a gap."""
        intake = Intake(store, MAPPING, TEMPO)
        messages = [of_topic(an_event(id=f"e{number}", subject=f"s{number}"), number) for number in range(3)]
        intake.take(Batch(messages[:2]), NOW)
        store.logs.begin_again(HR)

        with pytest.raises(StoreError, match=r"lost what was kept last: .* stood at 2, stands at 0"):
            intake.take(Batch(messages[2:]), NOW)
        assert store.logs.position(HR) is None
        assert intake.take(Batch(messages, starts={HR: 0}), NOW).total == 3
        assert store.logs.position(HR) == 3

    def test_a_log_that_was_taken_over_may_stand_anywhere(self, store: Store) -> None:
        """Whoever had it in between began it again."""
        intake = Intake(store, MAPPING, TEMPO)
        intake.take(Batch([of_topic(an_event(id="e0"), 0)]), NOW)
        store.logs.begin_again(HR)

        assert intake.take(Batch([of_topic(an_event(id="e0"), 0)], starts={HR: 0}), NOW).total == 1

    def test_where_nothing_was_lost_it_goes_on(self, store: Store) -> None:
        """Batch after batch, also when another process was quicker."""
        intake, other = Intake(store, MAPPING, TEMPO), Intake(store, MAPPING, TEMPO)
        messages = [of_topic(an_event(id=f"e{number}", subject=f"s{number}"), number) for number in range(4)]

        assert intake.take(Batch(messages[:1]), NOW).total == 1
        assert other.take(Batch(messages[:3]), NOW).total == 2
        assert intake.take(Batch(messages[1:]), NOW).total == 1


def take(store: Store, *messages: Message, **rest: Any) -> Taken:
    """Takes messages in one batch."""
    return Intake(store, MAPPING, TEMPO).take(Batch(messages, **rest), NOW)


def about(subject: str, offset: int = 0, log: LogId = HR, number: int = 1) -> Message:
    """A live event about a publication."""
    return of_topic(an_event(id=f"e{offset}", subject=subject, sequence=str(number)), offset, log)


def known(store: Store, *subjects: str) -> list[str]:
    """Those of the subjects whose publication the store knows."""
    return [one for one in subjects if store.records.record(SourceKey("/repository", "publication", one))]


def test_positions_move_with_the_batch(store: Store) -> None:
    """The next offset of every log in it is in the store, and told."""
    taken = take(store, about("1", 4), about("2", 5), about("3", 0, OTHER))

    assert taken.positions == {HR: 6, OTHER: 1}
    assert store.logs.positions() == {HR: 6, OTHER: 1}


def test_a_dead_letter_moves_the_position_as_well(store: Store) -> None:
    """What can't be taken does not come again and again."""
    taken = take(store, of_topic(b"nonsense", 0))

    assert taken.positions == {HR: 1}


def test_a_stale_batch_of_a_zombie_is_skipped(store: Store) -> None:
    """Its partition went to another process, which has applied the same messages: nothing is taken, nothing moves."""
    take(store, about("1", 0), about("2", 1))
    taken = take(store, about("1", 0), about("2", 1))

    assert (taken.skipped, taken.total, taken.positions) == (2, 0, {})
    assert store.logs.position(HR) == 2


def test_a_batch_that_is_stale_in_part_is_taken_from_there(store: Store) -> None:
    """What the other process has not applied is."""
    take(store, about("1", 0))
    taken = take(store, about("1", 0), about("2", 1))

    assert (taken.skipped, taken.total, taken.positions) == (1, 1, {HR: 2})


def test_lines_of_a_file_have_no_position(store: Store) -> None:
    """A log file is read from its beginning each time."""
    assert take(store, of_file(an_event(sequence="1"))).positions == {}
    assert store.logs.positions() == {}


def test_a_replayed_topic_does_not_move_its_position(store: Store) -> None:
    """Only the live reader owns it."""
    taken = take(store, of_topic(an_event(sequence="1"), 5, live=False))

    assert (taken.total, taken.positions, store.logs.positions()) == (1, {}, {})


def test_a_replayed_message_without_order_that_was_taken_in_its_turn_is_superseded(store: Store) -> None:
    """By arrival it is older than all that came after it."""
    take(store, of_topic(an_event(a_publication(title="Moa"), time=None), 0))
    take(store, of_topic(an_event(a_publication(title="Kiwi"), time=None, id="e2"), 1))
    taken = take(store, of_topic(an_event(a_publication(title="Moa"), time=None), 0, live=False))
    record = store.records.record(SourceKey("/repository", "publication", "1"))

    assert taken.events == {("publication.changed", "superseded"): 1}
    assert record is not None
    assert "Kiwi" in record.data


def test_a_gap_is_noted_once(store: Store) -> None:
    """What the log no longer had is shown until somebody closes it."""
    gap = Gap(HR, 10, 19, "retention")
    for _ in range(2):
        take(store, gaps=[gap])

    assert [(one.log, one.first, one.last, one.reason) for one in store.logs.gaps()] == [(HR, 10, 19, "retention")]


def test_committed_offsets_ahead_of_ours_begin_recovery_once(store: Store) -> None:
    """The store was lost or restored: since then, and not since the last time it was noticed."""
    take(store, behind=True)
    Intake(store, MAPPING, TEMPO).take(Batch(behind=True), NOW + 100.0)

    assert store.notes.get(RECOVERY) == repr(NOW)


def test_a_log_that_begins_below_our_position_is_read_again(store: Store) -> None:
    """It was cut and filled anew: what it holds now is not what we have read."""
    take(store, about("1", 41))
    taken = take(store, about("2", 0), starts={HR: 0}, gaps=[Gap(HR, 1, 41, "the log ends before")])

    assert (taken.total, taken.positions) == (1, {HR: 1})
    assert store.logs.position(HR) == 1


def test_a_log_whose_last_owner_applied_more_after_we_had_asked_keeps_its_position(store: Store) -> None:
    """Its start was read before that; without a gap nothing is missing, so nothing is taken again."""
    take(store, about("1", 41))
    taken = take(store, about("2", 40), starts={HR: 40})

    assert taken.skipped == 1
    assert store.logs.position(HR) == 42


def test_a_log_taken_over_where_we_are_goes_on(store: Store) -> None:
    """An ordinary assignment changes nothing."""
    take(store, about("1", 41))
    take(store, starts={HR: 42})

    assert store.logs.position(HR) == 42


def test_a_dead_letter_is_the_same_on_a_second_replay(store: Store) -> None:
    """The same bytes at the same place: one letter, and equal counts."""
    first = take(store, of_file(b"nonsense", 3))
    second = take(store, of_file(b"nonsense", 3))

    assert [letter.id for _, letter in first.letters] == [letter.id for _, letter in second.letters]
    assert first.events == second.events
    assert store.letters.count() == 1


@pytest.mark.parametrize("other", [of_file(b"nonsense", 4), of_file(b"other nonsense", 3)])
def test_other_bytes_or_another_place_are_another_letter(store: Store, other: Message) -> None:
    """A letter is what stood there."""
    take(store, of_file(b"nonsense", 3), other)

    assert store.letters.count() == 2


def test_a_discarded_letter_stays_discarded(store: Store) -> None:
    """A replay does not bring it back."""
    ((_, letter),) = take(store, of_file(b"nonsense")).letters
    store.letters.settle(letter.id, "discarded")

    assert take(store, of_file(b"nonsense")).letters == []
    assert store.letters.count() == 0


def test_a_dead_letter_can_be_tried_again_as_it_came(store: Store) -> None:
    """Its envelope holds the whole message."""
    message = of_topic(b"nonsense", 7, ce_type="publication.changed")
    take(store, message)

    assert [unpack_message(letter.envelope) for letter in store.letters.open()] == [message]


def test_a_dead_letter_names_its_source_record(store: Store) -> None:
    """As far as it can be read."""
    take(store, of_file(an_event({"title": "Moa"}, sequence="1")))

    assert [(one.source, one.entity, one.subject) for one in store.letters.naming("/repository", "1")] == [
        ("/repository", "publication", "1")
    ]


def test_the_dead_letter_topic_is_told(store: Store) -> None:
    """After the batch is in the store."""
    heard = Heard()
    Intake(store, MAPPING, TEMPO, heard).take(Batch([of_file(b"nonsense"), of_file(an_event(sequence="1"))]), NOW)

    assert heard.told == [("events.jsonl:1", "not-json", "")]


def test_an_event_that_fails_inside_us_stops_no_other(store: Store) -> None:
    """It alone becomes a dead letter `internal` and is rolled back; the others and the positions are kept."""
    store.records = Failing(store.records, "2", ZeroDivisionError("a secret"))
    taken = take(store, about("1", 0), about("2", 1), of_topic(b"nonsense", 2), about("3", 3))

    assert [(letter.rule, letter.subject) for _, letter in taken.letters] == [("internal", "2"), ("not-json", "")]
    assert known(store, "1", "2", "3") == ["1", "3"]
    assert store.items.of_record(SourceKey("/repository", "publication", "2")) == []
    assert store.logs.positions() == {HR: 4}
    assert taken.total == 4
    assert "a secret" not in repr(taken.letters)


def test_a_store_that_fails_takes_nothing(store: Store) -> None:
    """Nothing is applied and no position moves: the batch comes again."""
    store.records = Failing(store.records, "2", StoreError("disk full"))
    with pytest.raises(StoreError, match="disk full"):
        take(store, about("1", 0), about("2", 1))

    assert known(store, "1", "2") == []
    assert store.logs.positions() == {}
    assert store.letters.count() == 0


@pytest.mark.parametrize("alone", [False, True])
def test_taken_one_by_one_gives_the_same_counts(store: Store, *, alone: bool) -> None:
    """Whether a batch is applied at once or event by event is not seen from outside."""
    if alone:
        store.records = Failing(store.records, "9", ZeroDivisionError())
        messages = [about("1", 0), about("1", 1), about("9", 2)]
    else:
        messages = [about("1", 0), about("1", 1), of_topic(b"nonsense", 2)]
    taken = take(store, *messages)

    assert sorted(taken.events.values()) == [1, 1, 1]
    assert store.logs.positions() == {HR: 3}


def test_a_new_mapping_file_maps_again_from_the_store(store: Store) -> None:
    """What was refused for an unknown term is wanted once the file maps it; others are left as they are."""
    data = a_publication("E1", type="epic poem")
    take(store, of_file(an_event(data, sequence="1")), of_file(an_event(subject="2", sequence="1")))
    intake = Intake(store, parse_mapping('[work_types]\n"epic poem" = "other"'), TEMPO)
    before = store.agenda.revision("E1")

    assert (sum(intake.remap()), sum(intake.remap())) == (2, 0)
    assert [one.refusal for one in store.items.facts("E1").wanted] == ["", ""]
    assert store.agenda.revision("E1") > before


def test_a_removed_record_stays_withdrawn_when_mapped_again(store: Store) -> None:
    """A new mapping revives nobody."""
    take(store, of_file(an_event(sequence="1")), of_file(an_event({}, type="publication.removed", sequence="2")))
    sum(Intake(store, parse_mapping('[work_types]\npoem = "other"'), TEMPO).remap())

    assert [one.withdrawn for one in store.items.facts("E1").wanted] == [True]


LOGS = st.one_of(st.none(), st.builds(LogId, st.text(), st.text(), st.text(), st.integers(0, 99)))
MESSAGES = st.builds(
    Message,
    st.builds(Place, st.text(), st.integers(0, 2**63), LOGS),
    st.one_of(st.none(), st.binary()),
    st.lists(st.tuples(st.text(), st.binary())).map(tuple),
    st.one_of(st.none(), st.binary()),
    st.booleans(),
    st.one_of(st.none(), st.integers(0)),
)


@given(MESSAGES)
def test_an_envelope_gives_back_the_message(message: Message) -> None:
    """Whatever the bytes, headers, key and place."""
    assert unpack_message(pack_message(message)) == message
    json.loads(pack_message(message))
