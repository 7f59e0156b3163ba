"""What operators say, in tests/state/test_same.py: pausing, suppressing, trying again, forgetting an order."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from state.brake_facts import Brake, Suppression
from state.store import Store
from tests.state.helpers import a_letter
from tests.state.whole import BRAKES, LETTERS, PERSONS, RECORDS

brakes, persons, records = st.sampled_from(BRAKES), st.sampled_from(PERSONS), st.sampled_from(RECORDS)


class BrakeRules:
    """Rules of the brakes and suppressions rooms, and of what is tried again."""

    both: Callable[[Callable[[Store], Any]], None]

    @rule(brake=brakes)
    def pause(self, brake: Brake) -> None:
        """Or again."""
        self.both(lambda store: store.brakes.put(brake))

    @rule(brake=brakes)
    def resume(self, brake: Brake) -> None:
        """Or again."""
        self.both(lambda store: store.brakes.release(brake))

    @rule(person=persons, record=records, withdraw=st.booleans())
    def suppress(self, person: str, record: Any, *, withdraw: bool) -> None:
        """Or otherwise."""
        self.both(lambda store: store.suppressions.put(Suppression(person, record, withdraw=withdraw)))

    @rule(person=persons, record=records)
    def unsuppress(self, person: str, record: Any) -> None:
        """Or again."""
        self.both(lambda store: store.suppressions.drop(person, record))

    @rule(letter=st.sampled_from(LETTERS), again_at=st.sampled_from([None, 0.0, 1e12]))
    def bury_for_a_while(self, letter: str, again_at: float | None) -> None:
        """What may be taken later."""
        self.both(lambda store: store.letters.bury(a_letter(letter, again_at=again_at)))
        self.both(lambda store: store.letters.knows(letter))

    @rule(record=records)
    def forget_the_order(self, record: Any) -> None:
        """Of a source."""
        self.both(lambda store: store.records.forget_order(record.source))
