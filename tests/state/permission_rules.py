"""What is done about permission in tests/state/test_same.py: tokens, moves, consents and asks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mappers.secret import Secret
from state.permission_facts import PERMISSIONS, ConsentStage, MoveState, Sought
from state.store import Store, StoreError
from tests.state.helpers import a_consent, a_grant, a_move, a_token, an_ask
from tests.state.whole import CODES, CONSENTS, MARKS, ORCIDS, PERSONS

persons, orcids, marks = st.sampled_from(PERSONS), st.sampled_from(ORCIDS), st.sampled_from(MARKS)
walks, stages = st.sampled_from(CONSENTS), st.sampled_from(ConsentStage)
codes = st.just("") | st.sampled_from(CODES)
times, small = st.sampled_from([0.0, 1.0, 2.0]), st.integers(0, 2)
grants = st.builds(
    a_grant, persons, orcids, times, name=st.just("Ébène 李"), refresh_token=st.sampled_from([None, Secret("r")])
)

searches = st.builds(
    Sought,
    person=st.sampled_from(["", *PERSONS]),
    part=st.sampled_from(["", "P", "1", "%", "_", "!"]),
    orcid=st.none() | orcids,
    permission=st.sampled_from(["", *PERMISSIONS]),
)


class PermissionRules:
    """Rules of the tokens, moves, consents and asks rooms."""

    both: Callable[[Callable[[Store], Any]], None]

    @rule(mark=marks, person=persons, orcid=orcids, at=times, lives=st.booleans(), to_revoke=st.booleans())
    def keep_a_token(self, *, mark: str, person: str, orcid: Any, at: float, lives: bool, to_revoke: bool) -> None:
        """New, told of again, or dead."""
        token = a_token(mark, person, orcid, at, to_revoke=to_revoke)
        kept = token if lives else replace(token, token=None)
        self.both(lambda store: store.tokens.keep(kept))

    @rule(mark=marks)
    def drop_a_token(self, mark: str) -> None:
        """Known or not."""
        self.both(lambda store: store.tokens.drop(mark))

    @rule(person=persons, orcid=st.none() | orcids)
    def have_tokens_revoked(self, person: str, orcid: Any) -> None:
        """Everywhere, or on one record."""
        self.both(lambda store: store.tokens.revoke_all(person, orcid))

    @rule(person=persons, orcid=orcids, state=st.none() | st.sampled_from(MoveState))
    def move(self, person: str, orcid: Any, state: MoveState | None) -> None:
        """Away from a record, or not any more."""
        if state is None:
            self.both(lambda store: store.moves.drop(person, orcid))
        else:
            self.both(lambda store: store.moves.put(a_move(person, orcid, state, state.value)))

    @rule(walk=walks, person=persons, until=times, stage=stages, code=codes, grant=st.none() | grants)
    def walk(self, *, walk: str, person: str, until: float, stage: ConsentStage, code: str, grant: Any) -> None:
        """Through the consent pages."""
        consent = a_consent(walk, person, until, stage=stage, code=code, grant=grant)

        def put(store: Store) -> str:
            try:
                store.consents.put(consent)
            except StoreError:
                return "refused"
            return "put"

        self.both(put)

    @rule(walk=walks, person=persons, stage=stages, code=codes, grant=st.none() | grants, expected=stages)
    def advance_a_walk(self, *, walk: str, person: str, stage: Any, code: str, grant: Any, expected: Any) -> None:
        """When it is where it is expected."""
        consent = a_consent(walk, person, stage=stage, code=code, grant=grant, outcome="granted")
        self.both(lambda store: store.consents.advance(consent, expected))

    @rule(walk=walks)
    def drop_a_walk(self, walk: str) -> None:
        """Known or not."""
        self.both(lambda store: store.consents.drop(walk))

    @rule(put_code=small, person=persons, orcid=orcids, at=times, seen=st.none() | times)
    def ask_for_permission(self, *, put_code: int, person: str, orcid: Any, at: float, seen: float | None) -> None:
        """In an inbox at ORCID."""
        ask = an_ask(put_code, person, at, orcid=orcid, looked_at=at, read_at=seen, acted_at=seen, archived_at=seen)
        self.both(lambda store: store.asks.put(ask))

    @rule(sought=searches, at=times | st.just(9.0), after=st.sampled_from(["", *PERSONS]), limit=st.integers(1, 2))
    def look_for_people(self, sought: Sought, at: float, after: str, limit: int) -> None:
        """By id, iD and permission."""
        self.both(lambda store: store.grants.search(sought, at, after, limit))
