"""Source records and the events about them, over every store."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mappers.wanted import SourceKey
from state.facts import Acceptance, Scheme
from state.store import Store
from tests.state.helpers import CONTRACT, THESIS, a_record, an_event, an_intent, an_outcome


def looked_at(store: Store, limit: int, after: SourceKey | None = None) -> tuple[Sequence[SourceKey], SourceKey | None]:
    """What is outdated under the revision `new`, by key, and the last that was looked at."""
    found, last = store.records.outdated("new", limit, after)
    return [record.key for record in found], last


def test_the_first_scheme_of_a_source_stays(store: Store) -> None:
    """A source does not change what orders its events by sending something else."""
    assert store.records.scheme("/hr") is None

    assert store.records.fix_scheme("/hr", Scheme.TIME) is Scheme.TIME
    assert store.records.fix_scheme("/hr", Scheme.SEQUENCE) is Scheme.TIME
    assert store.records.fix_scheme("/repository", Scheme.ARRIVAL) is Scheme.ARRIVAL
    assert store.records.scheme("/hr") is Scheme.TIME


def test_named_finds_a_subject_of_any_entity(store: Store) -> None:
    """An operator who names a subject need not know its entity."""
    keys = [SourceKey("/hr", "person", "1024"), CONTRACT, SourceKey("/hr", "person", "10"), THESIS]
    for key in keys:
        store.records.accept(a_record(key=key))

    assert [record.key for record in store.records.named("/hr", "1024")] == [CONTRACT, keys[0]]
    assert store.records.named("/hr", "unknown") == []


def test_outdated_gives_what_another_revision_mapped(store: Store) -> None:
    """`remap` works through all there are, some at a time, and passes by what is mapped already."""
    keys = [SourceKey("/hr", "employment", str(number)) for number in range(5)]
    for key in keys:
        store.records.accept(a_record(key=key, revision="old"))
    store.records.mapped(keys[1], "new")

    assert looked_at(store, 3) == ([keys[0], keys[2]], keys[2])
    assert looked_at(store, 3, keys[2]) == ([keys[3], keys[4]], keys[4])
    assert looked_at(store, 3, keys[4]) == ([], None)
    for key in keys:
        store.records.mapped(key, "new")
    assert looked_at(store, 3) == ([], keys[2])


def test_what_is_outdated_comes_as_it_was_accepted_last(store: Store) -> None:
    """Behind whatever key, of any source and entity; a record that came meanwhile as well."""
    for key in (THESIS, CONTRACT):
        store.records.accept(a_record("7", key=key, revision="old"))

    found, last = store.records.outdated("new", 9, SourceKey("", "", ""))
    assert found == [a_record("7", key=key, revision="old") for key in sorted((THESIS, CONTRACT))]
    assert last == max(THESIS, CONTRACT)
    later = replace(last, subject=last.subject + "0")
    store.records.accept(a_record(key=later, revision="old"))
    assert looked_at(store, 9, last) == ([later], later)


@pytest.mark.parametrize("other", ["1:a", "3:a", "2:b"])
def test_all_are_mapped_alike_or_not(store: Store, other: str) -> None:
    """A newer revision is another one as well; where there is no record, there is none to be mapped."""
    assert store.records.mapped_alike("2:aa")
    for key in (THESIS, CONTRACT):
        store.records.accept(a_record(key=key, revision="2:aa"))

    assert store.records.mapped_alike("2:aa")
    store.records.mapped(CONTRACT, other)
    assert not store.records.mapped_alike("2:aa")
    store.records.mapped(THESIS, other)
    assert not store.records.mapped_alike("2:aa")


def test_mapped_changes_nothing_but_the_revision(store: Store) -> None:
    """Remapping is no new version; an unknown record stays unknown."""
    store.records.accept(a_record("4"))

    store.records.mapped(THESIS, "r2")
    store.records.mapped(CONTRACT, "r2")

    assert store.records.record(THESIS) == a_record("4", revision="r2")
    assert store.records.record(CONTRACT) is None


def test_events_are_told_oldest_first(store: Store) -> None:
    """Events of one moment are told as they came."""
    notes = [an_event("z", at=1.0), an_event("b", at=2.0, detail="v2"), an_event("a", at=2.0)]
    for note in (notes[1], notes[2], notes[0]):
        store.records.note_event(note)

    assert store.records.events(THESIS.source, THESIS.subject) == notes


def test_an_event_noted_twice_stays_as_it_was(store: Store) -> None:
    """A replay adds nothing; the same event with another result does."""
    store.records.note_event(an_event(at=1.0, place="hr/0@1"))
    store.records.note_event(an_event(at=5.0, place="hr/0@99"))
    store.records.note_event(an_event(result="superseded", at=6.0))

    told = store.records.events(THESIS.source, THESIS.subject)
    assert told == [an_event(at=1.0, place="hr/0@1"), an_event(result="superseded", at=6.0)]


def test_events_are_of_one_subject_and_any_entity(store: Store) -> None:
    """The story of a subject is not mixed with another's."""
    person = replace(CONTRACT, entity="person")
    store.records.note_event(an_event(key=CONTRACT, at=1.0))
    store.records.note_event(an_event(key=person, at=2.0))
    store.records.note_event(an_event(key=THESIS, at=3.0))

    assert [note.key for note in store.records.events("/hr", "1024")] == [CONTRACT, person]


def test_history_is_forgotten_records_are_not(store: Store) -> None:
    """Events and closed intents go by age; open intents, records and dead letters stay."""
    store.records.accept(a_record())
    for at in (1.0, 2.0, 3.0):
        store.records.note_event(an_event(f"e{at}", at=at))
        (closed,) = store.intents.open([an_intent(opened_at=0.5)])
        store.intents.close(closed, an_outcome(at=at))
    store.intents.open([an_intent(opened_at=0.5)])

    assert store.records.forget_history(2.0, 10) == 2
    assert store.records.forget_history(2.0, 10) == 0

    assert [note.at for note in store.records.events(THESIS.source, THESIS.subject)] == [2.0, 3.0]
    ends = [story.outcome and story.outcome.at for story in store.intents.story(THESIS)]
    assert ends == [2.0, 3.0, None]
    assert store.records.record(THESIS) == a_record()


def test_history_is_forgotten_in_portions(store: Store) -> None:
    """The oldest first, of each kind, and never more at once than was asked for."""
    for at in (3.0, 1.0, 2.0):
        store.records.note_event(an_event(f"e{at}", at=at))
        (closed,) = store.intents.open([an_intent(opened_at=0.5)])
        store.intents.close(closed, an_outcome(at=at))

    assert store.records.forget_history(4.0, 2) == 2
    assert [note.at for note in store.records.events(THESIS.source, THESIS.subject)] == [3.0]
    assert store.records.forget_history(4.0, 3) == 3
    assert store.records.events(THESIS.source, THESIS.subject) == []
    assert [story.outcome and story.outcome.at for story in store.intents.story(THESIS)] == [3.0]
    assert store.records.forget_history(4.0, 3) == 1
    assert store.intents.story(THESIS) == []


def test_numbers_of_forgotten_intents_are_not_given_again(store: Store) -> None:
    """A reply that comes very late cannot close somebody else's intent."""
    (old,) = store.intents.open([an_intent()])
    store.intents.close(old, an_outcome(at=1.0))
    store.records.forget_history(2.0, 10)

    (new,) = store.intents.open([an_intent()])
    assert new.id > old.id
    assert new.call != old.call


def test_a_source_without_order_takes_whatever_comes_next(store: Store) -> None:
    """Of each of its records, removed ones too; what they had is kept beside."""
    other = SourceKey("/other", "x", "1")
    store.records.fix_scheme(THESIS.source, Scheme.SEQUENCE)
    store.records.accept(a_record("09", key=THESIS))
    store.records.accept(a_record("09", key=other))

    assert store.records.forget_order(THESIS.source) == 1
    assert store.records.forget_order(THESIS.source) == 1
    assert store.records.forget_order("/none") == 0

    assert store.records.scheme(THESIS.source) is None
    kept = store.records.record(THESIS)
    assert kept is not None
    assert (kept.scheme, kept.version) == (Scheme.RESET, "sequence 09")
    assert store.records.accept(a_record("01", key=THESIS)) is Acceptance.APPLIED
    assert store.records.accept(a_record("01", key=other)) is Acceptance.SUPERSEDED


def test_what_changed_a_record_is_told_the_newest_first(store: Store) -> None:
    """Up to a time, no more than asked for, with the trace that each brought; nothing of what changed nothing."""
    notes = [an_event(f"e{number}", at=float(number), trace=f"00-{number}") for number in (1, 2, 3)]
    others = [
        an_event("late", "superseded", at=2.0),
        an_event("other", at=2.0, key=CONTRACT),
        an_event("same subject", at=2.0, key=replace(THESIS, entity="else")),
    ]
    for note in (*notes, *others):
        store.records.note_event(note)

    assert store.records.causes(THESIS, 9.0, 9) == notes[::-1]
    assert store.records.causes(THESIS, 2.0, 9) == [notes[1], notes[0]]
    assert store.records.causes(THESIS, 9.0, 1) == [notes[2]]
    assert store.records.causes(SourceKey("/hr", "x", "unknown"), 9.0, 9) == []


def test_records_are_looked_through_some_at_a_time(store: Store) -> None:
    """By key; an id counts where it is a whole text, and a record about a person is called so itself."""
    says = {
        "1": '{"person":"E_1"}',
        "2": '{"person":"Ex1"}',
        "3": '{"person":"e_1"}',
        "4": '{"note":"E_1 wrote it"}',
        "5": '["E2"]',
    }
    keys = {subject: SourceKey("/a", "publication", subject) for subject in says}
    for subject, data in says.items():
        store.records.accept(a_record("01", data=data, key=keys[subject]))
    about = SourceKey("/b", "hr.person", "E2")
    for key in (about, SourceKey("/b", "publication", "E2")):
        store.records.accept(a_record("01", data="{}", key=key))

    seen, behind, pages = [], None, 0
    while pages == 0 or behind is not None:
        found, behind = store.records.speaking_of(["E_1", "E2"], behind, 2)
        seen += [record.key for record in found]
        pages += 1
    assert (seen, pages) == ([keys["1"], keys["5"], about], 4)
