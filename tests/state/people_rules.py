"""What is done to people in tests/state/test_same.py: known, merged, being forgotten, forgotten, erased."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from state.permission_facts import Forgetting, KnownPerson
from state.store import Store
from tests.state.helpers import a_letter, a_record
from tests.state.whole import LETTERS, PERSONS, RECORDS

persons, records = st.sampled_from(PERSONS), st.sampled_from(RECORDS)
times = st.sampled_from([0.0, 1.0, 2.0])


class PeopleRules:
    """Rules of the people and blocks rooms."""

    both: Callable[[Callable[[Store], Any]], None]

    @rule(person=persons, name=st.sampled_from(["", "Sofia"]), revoked_at=times, denied_at=times)
    def know(self, person: str, name: str, revoked_at: float, denied_at: float) -> None:
        """Something of a person."""
        self.both(lambda store: store.people.put(KnownPerson(person, name, revoked_at, denied_at)))

    @rule(person=persons, into=persons)
    def merge(self, person: str, into: str) -> None:
        """One person into another, as far as they are two."""

        def act(store: Store) -> bool:
            ours, theirs = store.people.canonical(person), store.people.canonical(into)
            if ours != theirs:
                store.people.merge(ours, theirs)
            return ours != theirs

        self.both(act)

    @rule(person=persons, remove_items=st.booleans(), since=times)
    def begin_forgetting(self, person: str, *, remove_items: bool, since: float) -> None:
        """Durably."""
        self.both(lambda store: store.blocks.begin(Forgetting(person, remove_items, since)))

    @rule(person=persons, spoken_of=st.sets(records))
    def forget_a_person(self, person: str, spoken_of: set[Any]) -> None:
        """To the end."""

        def act(store: Store) -> None:
            for record in spoken_of:
                store.people.erase_record(record)
            store.blocks.complete(person, dict.fromkeys(spoken_of, "1"))
            store.people.erase(person)

        self.both(act)

    @rule(
        record=records,
        text=st.sampled_from(["p1", "p2", "1024"]),
        removed=st.booleans(),
        behind=st.none() | records,
        limit=st.integers(1, 3),
    )
    def rewrite_a_record(self, *, record: Any, text: str, removed: bool, behind: Any, limit: int) -> None:
        """With data that hold an id."""
        written = a_record("1", text, key=record, data=f'{{"person":"{text}"}}', removed=removed)
        self.both(lambda store: store.records.rewrite(written))
        self.both(lambda store: store.records.speaking_of([text, "p9"], behind, limit))

    @rule(letter=st.sampled_from(LETTERS), goes=st.booleans())
    def rewrite_or_erase_a_letter(self, letter: str, *, goes: bool) -> None:
        """By its id."""
        if goes:
            self.both(lambda store: store.letters.erase(letter))
        else:
            self.both(lambda store: store.letters.rewrite(a_letter(letter, message="other", envelope=b"other")))

    @rule(person=persons)
    def undo_a_block(self, person: str) -> None:
        """Of somebody who is blocked, or not."""
        self.both(lambda store: store.blocks.undo(person))
