"""Grants and suspensions, over every store."""

from dataclasses import replace

import pytest

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from state.permission_facts import GrantState, Suspension, SuspensionKind
from state.store import Store
from tests.state.helpers import JOSIAH, LAURE, a_grant

ORCIDS = [OrcidId(f"0000-0002-1825-000{number}") for number in range(7)]


@pytest.mark.parametrize("refresh_token", [pytest.param(None, id="none"), pytest.param(Secret("r"), id="one")])
def test_a_grant_comes_back_as_it_was(store: Store, refresh_token: Secret | None) -> None:
    """Tokens, scopes and all."""
    grant = a_grant(refresh_token=refresh_token, name="Ébène 李", scopes=frozenset[str](), refreshed_at=2.5)

    store.grants.put(grant)

    assert store.grants.active("p1") == grant
    found = store.grants.active("p1")
    assert found is not None
    assert found.access_token == Secret("access-1")


def test_a_grant_may_have_no_token_any_more(store: Store) -> None:
    """It was forgotten, or lost; all else stays."""
    store.grants.put(a_grant())
    bare = a_grant(access_token=None, refresh_token=None, state=GrantState.REVOKED, reason="by the person")

    store.grants.put(bare)

    assert list(store.grants.all()) == [bare]


def test_a_revoked_grant_keeps_its_tokens_until_they_are_taken_away(store: Store) -> None:
    """To mark it says how it ended; a removal that is due may still need them."""
    store.grants.put(a_grant())

    store.grants.mark("p1", JOSIAH, GrantState.REVOKED, "by the person")

    assert list(store.grants.all()) == [a_grant(state=GrantState.REVOKED, reason="by the person")]


def test_nobody_has_a_grant_at_first(store: Store) -> None:
    """An unknown person is no error."""
    assert store.grants.active("p1") is None
    assert store.grants.of_person("p1") == []
    assert store.grants.of_orcid(JOSIAH) == []
    assert list(store.grants.all()) == []


def test_a_grant_is_written_by_person_and_id(store: Store) -> None:
    """A person who comes back has one grant on the iD, the new one."""
    store.grants.put(a_grant(granted_at=1.0, state=GrantState.BROKEN, reason="invalid_token"))
    renewed = a_grant(granted_at=2.0, access_token=Secret("access-2"), refresh_token=None)
    store.grants.put(renewed)

    assert store.grants.of_person("p1") == [renewed]


def test_an_active_grant_replaces_the_person_s_others(store: Store) -> None:
    """At most one of a person is active; other people's, and what ended otherwise, stay as they are."""
    first = a_grant(orcid=JOSIAH, granted_at=1.0)
    others = a_grant("p2", orcid=JOSIAH, granted_at=1.0)
    second = a_grant(orcid=LAURE, granted_at=2.0)
    for grant in (first, others, second):
        store.grants.put(grant)

    assert store.grants.active("p1") == second
    assert store.grants.active("p2") == others
    (_, replaced) = store.grants.of_person("p1")
    assert replaced.state is GrantState.REPLACED
    assert str(LAURE) in replaced.reason
    assert replace(replaced, state=GrantState.ACTIVE, reason="") == first


def test_a_revoked_grant_stays_revoked_when_another_comes(store: Store) -> None:
    """How a grant ended is not forgotten: ORCID still takes removals with a revoked token."""
    store.grants.put(a_grant(orcid=JOSIAH, state=GrantState.REVOKED))
    store.grants.put(a_grant(orcid=LAURE, granted_at=2.0))

    assert [grant.state for grant in store.grants.of_person("p1")] == [GrantState.ACTIVE, GrantState.REVOKED]


def test_a_grant_that_is_not_active_replaces_none(store: Store) -> None:
    """News of an old grant takes nothing from the one in use."""
    store.grants.put(a_grant(orcid=JOSIAH))
    store.grants.put(a_grant(orcid=LAURE, state=GrantState.REVOKED))

    assert store.grants.active("p1") == a_grant(orcid=JOSIAH)


def test_grants_are_listed_newest_first_or_by_person(store: Store) -> None:
    """By when ORCID issued them."""
    grants = [
        a_grant("p2", orcid=JOSIAH, granted_at=3.0),
        a_grant("p1", orcid=LAURE, granted_at=1.0, state=GrantState.REPLACED),
        a_grant("p1", orcid=JOSIAH, granted_at=2.0),
    ]
    for grant in grants:
        store.grants.put(grant)

    assert store.grants.of_person("p1") == [grants[2], grants[1]]
    assert store.grants.of_orcid(JOSIAH) == [grants[0], grants[2]]
    assert list(store.grants.all()) == [grants[1], grants[2], grants[0]]


def test_mark_sets_state_and_reason(store: Store) -> None:
    """A broken grant is not active, and says why; an unknown one stays unknown."""
    store.grants.put(a_grant())

    store.grants.mark("p1", JOSIAH, GrantState.BROKEN, "invalid_token")
    store.grants.mark("p1", LAURE, GrantState.BROKEN, "invalid_token")

    assert store.grants.active("p1") is None
    assert list(store.grants.all()) == [a_grant(state=GrantState.BROKEN, reason="invalid_token")]

    store.grants.mark("p1", JOSIAH, GrantState.ACTIVE, "")
    assert store.grants.active("p1") == a_grant()


def test_the_current_grant_is_active_before_broken_before_ending(store: Store) -> None:
    """The newest of each: they may still serve removals. One that was revoked or replaced is not current."""
    assert store.grants.current("p1") is None
    for number, state in enumerate((GrantState.REVOKED, GrantState.REPLACED)):
        store.grants.put(a_grant(orcid=ORCIDS[number], granted_at=9.0, state=state))
    assert store.grants.current("p1") is None

    for state in (GrantState.ENDING, GrantState.BROKEN):
        for number, at in ((3, 1.0), (2, 2.0), (4, 2.0)):
            store.grants.put(a_grant(orcid=ORCIDS[number], granted_at=at, state=state))
        assert store.grants.current("p1") == a_grant(orcid=ORCIDS[2], granted_at=2.0, state=state)
        assert store.items.facts("p1").grant == store.grants.current("p1")
        assert store.grants.active("p1") is None
        store.grants.put(a_grant(orcid=ORCIDS[5], granted_at=99.0, state=GrantState.ENDING))

    active = a_grant(orcid=ORCIDS[6], granted_at=0.5)
    store.grants.put(active)
    assert store.grants.current("p1") == active == store.grants.active("p1")


def test_a_suspension_is_seen_until_lifted(store: Store) -> None:
    """The newest counts, and only on the iD that is granted."""
    store.grants.put(a_grant())
    locked = Suspension(JOSIAH, SuspensionKind.LOCKED, "", 100.0)
    deprecated = Suspension(JOSIAH, SuspensionKind.DEPRECATED, str(LAURE), 200.0)
    store.grants.suspend(Suspension(LAURE, SuspensionKind.UNCLAIMED, "", 300.0))
    assert store.items.facts("p1").suspension is None

    store.grants.suspend(locked)
    assert store.items.facts("p1").suspension == locked
    store.grants.suspend(deprecated)
    assert store.items.facts("p1").suspension == deprecated

    store.grants.lift(JOSIAH)
    store.grants.lift(JOSIAH)
    assert store.items.facts("p1").suspension is None
