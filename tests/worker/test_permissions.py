"""Permissions: consent counts in the order in which ORCID issued it (ARCHITECTURE.md 9; CONTRACT.md 5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from state.facts import Grant, GrantState, Suspension, SuspensionKind
from state.memory_store import MemoryStore
from state.store import Store
from tests.worker.builders import JOSIAH, LAURE, NOW, PERSON, grant
from worker.intake.permissions import GrantRefused, Permissions, Taken


def a_grant(at: float, *, orcid: OrcidId = JOSIAH, person: str = PERSON) -> Grant:
    """A grant issued then, with a token of its own."""
    return grant(granted_at=NOW + at, orcid=orcid, person=person, access_token=Secret(f"token of {at}"))


def state_of(store: Store, person: str = PERSON) -> dict[str, str]:
    """The states of a person's grants, by iD."""
    return {one.orcid: one.state.value for one in store.grants.of_person(person)}


def test_a_grant_is_taken_and_the_person_is_due(store: Store) -> None:
    """Work that waited for permission goes out at once."""
    assert Permissions(store).grant(a_grant(1)) is Taken.APPLIED
    assert state_of(store) == {JOSIAH: "active"}
    assert store.agenda.next_at() == NOW


def test_the_same_grant_again_is_nothing_new(store: Store) -> None:
    """A replay changes nothing."""
    Permissions(store).grant(a_grant(1))

    assert Permissions(store).grant(a_grant(1)) is Taken.UNCHANGED


def test_a_newer_grant_replaces_an_older_one(store: Store) -> None:
    """The token of the newest consent is used."""
    Permissions(store).grant(a_grant(1))

    assert Permissions(store).grant(a_grant(2)) is Taken.APPLIED
    assert [one.access_token.reveal() for one in store.grants.of_person(PERSON)] == ["token of 2"]


def test_an_older_grant_never_replaces_a_newer_one(store: Store) -> None:
    """Whatever comes late was superseded before."""
    Permissions(store).grant(a_grant(2))

    assert Permissions(store).grant(a_grant(1)) is Taken.SUPERSEDED
    assert [one.access_token.reveal() for one in store.grants.of_person(PERSON)] == ["token of 2"]


def test_a_grant_on_another_id_replaces_the_first(store: Store) -> None:
    """At most one grant of a person is active."""
    Permissions(store).grant(a_grant(1))
    Permissions(store).grant(a_grant(2, orcid=LAURE))

    assert state_of(store) == {LAURE: "active", JOSIAH: "replaced"}


def test_an_older_grant_on_another_id_is_superseded(store: Store) -> None:
    """Also when it is for an iD that we did not know."""
    Permissions(store).grant(a_grant(2))

    assert Permissions(store).grant(a_grant(1, orcid=LAURE)) is Taken.SUPERSEDED
    assert state_of(store) == {JOSIAH: "active"}


@pytest.mark.parametrize("state", [GrantState.ACTIVE, GrantState.BROKEN, GrantState.REVOKED])
def test_one_id_belongs_to_one_person(store: Store, state: GrantState) -> None:
    """An iD that another person connected is refused, and the reason names both."""
    Permissions(store).grant(a_grant(1, person="E1"))
    store.grants.mark("E1", JOSIAH, state, "")

    with pytest.raises(GrantRefused, match="0000-0002-1825-0097 belongs to E1 already, so not to E2"):
        Permissions(store).grant(a_grant(2, person="E2"))


def test_an_id_that_its_person_has_left_may_be_taken(store: Store) -> None:
    """After the person connected another iD."""
    Permissions(store).grant(a_grant(1, person="E1"))
    Permissions(store).grant(a_grant(2, person="E1", orcid=LAURE))

    assert Permissions(store).grant(a_grant(3, person="E2")) is Taken.APPLIED


def test_a_new_grant_lifts_a_suspension(store: Store) -> None:
    """The person has just been at ORCID: the record may be writable again."""
    store.grants.suspend(Suspension(JOSIAH, SuspensionKind.LOCKED, "", NOW + 1e6))
    Permissions(store).grant(a_grant(1))

    assert store.items.facts(PERSON).suspension is None


def test_a_revocation_ends_a_grant(store: Store) -> None:
    """And the person is looked at: what waits says so."""
    Permissions(store).grant(a_grant(1))

    assert Permissions(store).revoke(PERSON, NOW + 2, "by an event") is Taken.APPLIED
    assert state_of(store) == {JOSIAH: "revoked"}
    assert store.items.facts(PERSON).grant is None


def test_a_revocation_ends_a_broken_grant(store: Store) -> None:
    """Nothing goes out any more, removals neither."""
    Permissions(store).grant(a_grant(1))
    store.grants.mark(PERSON, JOSIAH, GrantState.BROKEN, "")
    Permissions(store).revoke(PERSON, NOW + 2, "by an event")

    assert state_of(store) == {JOSIAH: "revoked"}


def test_a_revocation_does_not_end_a_newer_grant(store: Store) -> None:
    """The person has consented again since."""
    Permissions(store).grant(a_grant(3))

    assert Permissions(store).revoke(PERSON, NOW + 2, "by an event") is Taken.UNCHANGED
    assert state_of(store) == {JOSIAH: "active"}


@pytest.mark.parametrize("at", [1, 1.5])
def test_no_replay_revives_an_old_consent(store: Store, at: float) -> None:
    """Neither the grant that was revoked, nor one issued between it and the revocation."""
    Permissions(store).grant(a_grant(1))
    Permissions(store).revoke(PERSON, NOW + 2, "by an event")

    assert Permissions(store).grant(a_grant(at)) in (Taken.UNCHANGED, Taken.SUPERSEDED)
    assert store.items.facts(PERSON).grant is None


def test_a_revocation_counts_for_grants_told_of_later(store: Store) -> None:
    """The two may come from partitions that are read in any order."""
    Permissions(store).revoke(PERSON, NOW + 2, "by an event")

    assert Permissions(store).grant(a_grant(1)) is Taken.SUPERSEDED
    assert Permissions(store).grant(a_grant(3)) is Taken.APPLIED


def test_a_revocation_is_of_one_person(store: Store) -> None:
    """Others keep theirs."""
    Permissions(store).grant(a_grant(1, person="E1"))
    Permissions(store).revoke("E2", NOW + 2, "by an event")

    assert state_of(store, "E1") == {JOSIAH: "active"}


def test_a_new_consent_after_a_revocation_is_taken(store: Store) -> None:
    """The same person, the same iD, a new token."""
    Permissions(store).grant(a_grant(1))
    Permissions(store).revoke(PERSON, NOW + 2, "by an event")

    assert Permissions(store).grant(a_grant(3)) is Taken.APPLIED
    assert state_of(store) == {JOSIAH: "active"}


@given(st.permutations([("grant", 1), ("grant", 2), ("revoke", 3), ("grant", 4), ("revoke", 5), ("grant", 6)]))
def test_consent_does_not_depend_on_the_order_of_arrival(events: list[tuple[str, int]]) -> None:
    """In whatever order grants and revocations come, the newest word stands."""
    store = MemoryStore(lambda: NOW)
    for kind, at in events:
        if kind == "grant":
            Permissions(store).grant(a_grant(at))
        else:
            Permissions(store).revoke(PERSON, NOW + at, "by an event")
    active = store.items.facts(PERSON).grant

    assert active is not None
    assert active.access_token.reveal() == "token of 6"
    store.close()


@given(st.permutations([("grant", 1), ("grant", 2), ("revoke", 3)]))
def test_the_last_word_may_be_no(events: list[tuple[str, int]]) -> None:
    """In whatever order they come, what was revoked last stays revoked."""
    store = MemoryStore(lambda: NOW)
    for kind, at in events:
        if kind == "grant":
            Permissions(store).grant(a_grant(at))
        else:
            Permissions(store).revoke(PERSON, NOW + at, "by an event")

    assert store.items.facts(PERSON).grant is None
    store.close()
