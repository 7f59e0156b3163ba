"""Dead letters, over every store."""

import pytest

from state.store import Store
from tests.state.helpers import a_letter


def test_a_dead_letter_is_kept_with_its_bytes(store: Store) -> None:
    """What was buried comes back as it was, whatever its bytes are."""
    letter = a_letter(envelope=bytes(range(256)))

    assert store.letters.bury(letter)
    assert list(store.letters.open()) == [letter]
    assert store.letters.letter(letter.id) == letter
    assert store.letters.count() == 1


def test_the_same_letter_is_buried_once(store: Store) -> None:
    """A replay meets the letter that is there; what it is told about it now counts, where and when it came stays."""
    store.letters.bury(a_letter(at=1.0))

    assert store.letters.bury(a_letter(at=9.0, rule="time-ahead", field="time", message="lies ahead"))
    assert list(store.letters.open()) == [a_letter(at=1.0, rule="time-ahead", field="time", message="lies ahead")]


def test_a_discarded_letter_stays_discarded(store: Store) -> None:
    """An operator's word outlives a replay."""
    store.letters.bury(a_letter())
    store.letters.settle("abcd", "discarded")

    assert not store.letters.bury(a_letter())
    assert store.letters.count() == 0
    assert list(store.letters.open()) == []
    assert store.letters.letter("abcd") == a_letter(state="discarded")


def test_a_retried_letter_opens_again(store: Store) -> None:
    """A retry that failed is a dead letter as before."""
    store.letters.bury(a_letter())
    store.letters.settle("abcd", "retried")
    assert store.letters.count() == 0

    assert store.letters.bury(a_letter())
    assert list(store.letters.open()) == [a_letter()]


def test_a_letter_is_open_when_buried(store: Store) -> None:
    """The state that a new letter claims does not count."""
    assert store.letters.bury(a_letter(state="discarded"))
    assert list(store.letters.open()) == [a_letter(state="open")]


def test_settling_an_unknown_letter_does_nothing(store: Store) -> None:
    """There is nothing to mark."""
    store.letters.settle("unknown", "discarded")

    assert store.letters.letter("unknown") is None


def test_open_letters_are_listed_oldest_first(store: Store) -> None:
    """By when, then by place, then by id."""
    letters = [
        a_letter("d", at=1.0),
        a_letter("a", at=2.0, place="hr/0@1"),
        a_letter("b", at=2.0, place="hr/0@1"),
        a_letter("0", at=2.0, place="hr/0@2"),
    ]
    for letter in reversed(letters):
        store.letters.bury(letter)

    assert list(store.letters.open()) == letters


def test_the_number_of_a_place_is_a_number(store: Store) -> None:
    """Line 10 comes after line 9; another log does not come between."""
    places = ["a.jsonl:9", "a.jsonl:10", "a.jsonl:100", "bb:1", "hr/0@2", "hr/0@11", "hr/10@1", "z"]
    letters = [a_letter(f"{9 - number}", place=place) for number, place in enumerate(places)]
    for letter in letters:
        store.letters.bury(letter)

    assert [one.place for one in store.letters.open()] == places
    assert {one.place for one in store.letters.all()} == {*places}
    assert list(store.letters.due()) == [one.id for one in letters]


def test_open_letters_may_be_looked_at_unopened(store: Store) -> None:
    """The newest or all, in the same order, without their bytes."""
    for number in range(12):
        store.letters.bury(a_letter(f"{number}", at=2.0, place=f"hr:{number}"))
    store.letters.settle("11", "discarded")

    assert [one.id for one in store.letters.unopened()] == [f"{number}" for number in range(11)]
    assert store.letters.newest(2) == [
        a_letter("9", at=2.0, place="hr:9", envelope=b""),
        a_letter("10", at=2.0, place="hr:10", envelope=b""),
    ]


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        pytest.param("ab", None, id="several"),
        pytest.param("abc", "abcd", id="the-only-one"),
        pytest.param("abcd", "abcd", id="the-whole-id"),
        pytest.param("abcde", None, id="longer-than-the-id"),
        pytest.param("ABC", None, id="case-counts"),
        pytest.param("%", None, id="no-pattern"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_letter_is_found_by_the_beginning_of_its_id(store: Store, prefix: str, found: str | None) -> None:
    """As long as no other begins so; of any state."""
    store.letters.bury(a_letter("abcd"))
    store.letters.bury(a_letter("abff"))
    store.letters.settle("abcd", "discarded")

    letter = store.letters.letter(prefix)
    assert (letter and letter.id) == found


def test_naming_finds_the_open_letters_of_a_subject(store: Store) -> None:
    """Of any entity, oldest first; not of another source, and not settled ones."""
    ours = [a_letter("1", at=1.0, entity="person"), a_letter("2", at=2.0)]
    others = [a_letter("3", source="/x"), a_letter("4", subject="10"), a_letter("5")]
    for letter in (*others, *reversed(ours)):
        store.letters.bury(letter)
    store.letters.settle("5", "retried")

    assert store.letters.naming("/hr", "1024") == ours


def test_letters_are_due_when_their_time_has_come(store: Store) -> None:
    """Oldest first; those without a time never by time, settled ones not at all."""
    for letter in (
        a_letter("late", again_at=9.0),
        a_letter("b", at=2.0, again_at=5.0),
        a_letter("a", at=1.0, again_at=5.0),
        a_letter("never"),
        a_letter("gone", again_at=1.0),
    ):
        store.letters.bury(letter)
    store.letters.settle("gone", "retried")

    assert list(store.letters.due(4.9)) == []
    assert list(store.letters.due(5.0)) == ["a", "b"]
    assert list(store.letters.due()) == ["a", "late", "never", "b"]


def test_what_is_told_of_a_letter_anew_counts(store: Store) -> None:
    """Its type and its time among it."""
    store.letters.bury(a_letter(again_at=5.0, type="hr.affiliation.changed"))
    store.letters.bury(a_letter(type="x"))

    assert list(store.letters.open()) == [a_letter(type="x")]
    assert list(store.letters.due(99.0)) == []


def test_a_letter_is_known_whatever_its_state(store: Store) -> None:
    """By its whole id."""
    store.letters.bury(a_letter("abcd"))
    store.letters.settle("abcd", "discarded")

    assert store.letters.knows("abcd")
    assert not store.letters.knows("ab")
