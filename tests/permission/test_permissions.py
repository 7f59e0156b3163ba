"""Permissions: consent counts in the order in which ORCID issued it (ARCHITECTURE.md 9; CONTRACT.md 5)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from state.memory.store import MemoryStore
from state.permission_facts import (
    Forgetting,
    Grant,
    GrantState,
    KnownPerson,
    Move,
    Suspension,
    SuspensionKind,
    token_mark,
)
from state.store import Store
from tests.worker.builders import JOSIAH, LAURE, NOW, PERSON, grant
from worker.permission.grants import GrantRefused, Permissions, Taken


def a_grant(at: float, *, orcid: OrcidId = JOSIAH, person: str = PERSON) -> Grant:
    """A grant issued then, with a token of its own."""
    return grant(granted_at=NOW + at, orcid=orcid, person=person, access_token=Secret(f"token of {at}"))


def tokens_of(store: Store, person: str = PERSON) -> list[str]:
    """The tokens of a person's grants, newest grant first."""
    return ["" if one.access_token is None else one.access_token.reveal() for one in store.grants.of_person(person)]


def ledger(store: Store, person: str = PERSON) -> dict[str, bool]:
    """The person's living tokens, and whether each shall be revoked."""
    return {one.token.reveal(): one.to_revoke for one in store.tokens.of_person(person) if one.token is not None}


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
    assert tokens_of(store) == ["token of 2"]


def test_an_older_grant_never_replaces_a_newer_one(store: Store) -> None:
    """Whatever comes late was superseded before."""
    Permissions(store).grant(a_grant(2))

    assert Permissions(store).grant(a_grant(1)) is Taken.SUPERSEDED
    assert tokens_of(store) == ["token of 2"]


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


@pytest.mark.parametrize("state", [GrantState.ACTIVE, GrantState.BROKEN, GrantState.REVOKED])
def test_an_id_that_its_person_has_left_may_be_taken(store: Store, state: GrantState) -> None:
    """After the person connected another iD, whatever had become of their permission on this one."""
    Permissions(store).grant(a_grant(1, person="E1"))
    store.grants.mark("E1", JOSIAH, state, "")
    Permissions(store).grant(a_grant(2, person="E1", orcid=LAURE))

    assert Permissions(store).grant(a_grant(3, person="E2")) is Taken.APPLIED


def test_a_new_grant_lifts_a_suspension(store: Store) -> None:
    """The person has just been at ORCID: the record may be writable again."""
    store.grants.suspend(Suspension(JOSIAH, SuspensionKind.LOCKED, "", NOW + 1e6))
    Permissions(store).grant(a_grant(1))

    assert store.items.facts(PERSON).suspension is None


@pytest.mark.parametrize("state", [GrantState.ACTIVE, GrantState.BROKEN, GrantState.REPLACED])
def test_a_revocation_ends_a_grant(store: Store, state: GrantState) -> None:
    """What is due to be removed goes out first, then its token: the person is looked at."""
    Permissions(store).grant(a_grant(1))
    store.grants.mark(PERSON, JOSIAH, state, "")
    before = store.agenda.revision(PERSON)

    assert Permissions(store).revoke(PERSON, NOW + 2, "by an event") is Taken.APPLIED
    assert state_of(store) == {JOSIAH: "ending"}
    assert ledger(store) == {"token of 1": True}
    assert store.agenda.revision(PERSON) > before
    assert store.people.person(PERSON).revoked_at == NOW + 2
    assert tokens_of(store) == ["token of 1"]


def test_a_revocation_ends_a_grant_once(store: Store) -> None:
    """A replay changes nothing, and what has ended is left alone."""
    Permissions(store).grant(a_grant(1))
    Permissions(store).revoke(PERSON, NOW + 2, "by an event")
    (token,) = store.tokens.of_person(PERSON)
    store.tokens.drop(token.mark)
    store.grants.mark(PERSON, JOSIAH, GrantState.REVOKED, "done")

    assert Permissions(store).revoke(PERSON, NOW + 2, "by an event") is Taken.UNCHANGED
    assert Permissions(store).revoke(PERSON, NOW + 3, "by an event") is Taken.UNCHANGED
    assert state_of(store) == {JOSIAH: "revoked"}
    assert store.people.person(PERSON).revoked_at == NOW + 3


def test_a_revocation_reaches_every_token_of_the_person(store: Store) -> None:
    """Overwritten ones, those on a former record, and those that came too late."""
    for grant_ in (a_grant(2), a_grant(3), a_grant(4, orcid=LAURE), a_grant(1)):
        Permissions(store).grant(grant_)
    assert ledger(store) == dict.fromkeys(["token of 1", "token of 2", "token of 3", "token of 4"], False)

    Permissions(store).revoke(PERSON, NOW + 5, "by an event")
    assert ledger(store) == dict.fromkeys(["token of 1", "token of 2", "token of 3", "token of 4"], True)
    assert state_of(store) == {LAURE: "ending", JOSIAH: "ending"}


def test_a_revocation_leaves_newer_tokens_alone(store: Store) -> None:
    """Older ones go."""
    for grant_ in (a_grant(1), a_grant(3)):
        Permissions(store).grant(grant_)

    assert Permissions(store).revoke(PERSON, NOW + 2, "by an event") is Taken.APPLIED
    assert ledger(store) == {"token of 1": True, "token of 3": False}
    assert state_of(store) == {JOSIAH: "active"}


def test_a_token_that_comes_after_its_revocation_is_revoked(store: Store) -> None:
    """It was issued before, and lives at ORCID."""
    Permissions(store).revoke(PERSON, NOW + 2, "by an event")
    assert store.agenda.of(PERSON) is None

    assert Permissions(store).grant(a_grant(2)) is Taken.SUPERSEDED
    assert ledger(store) == {"token of 2": True}
    assert store.agenda.of(PERSON) is not None


@pytest.mark.parametrize("at", [1, 9])
@pytest.mark.parametrize("orcid", [JOSIAH, LAURE])
def test_a_token_that_is_known_changes_nothing(store: Store, at: float, orcid: OrcidId) -> None:
    """Whatever its message says of its time or iD: it was refreshed, revoked or dropped since."""
    Permissions(store).grant(a_grant(1))
    (token,) = store.tokens.of_person(PERSON)
    store.tokens.drop(token.mark)
    store.grants.put(replace(a_grant(1), access_token=Secret("token of a refresh")))

    told = replace(a_grant(1), granted_at=NOW + at, orcid=orcid)
    assert Permissions(store).grant(told) is Taken.UNCHANGED
    assert tokens_of(store) == ["token of a refresh"]
    assert ledger(store) == {}


def test_a_token_is_of_one_person(store: Store) -> None:
    """Told for another, it stays whose it is."""
    Permissions(store).grant(a_grant(1, person="E1"))
    Permissions(store).grant(a_grant(2, person="E1", orcid=LAURE))

    assert Permissions(store).grant(a_grant(1, person="E2")) is Taken.SUPERSEDED
    with pytest.raises(GrantRefused):
        Permissions(store).grant(a_grant(2, person="E2", orcid=LAURE))
    assert state_of(store, "E2") == {}
    assert ledger(store, "E1") == {"token of 1": False, "token of 2": False}


def test_a_new_grant_takes_back_a_move(store: Store) -> None:
    """The person has come back to the record."""
    store.moves.put(Move(PERSON, JOSIAH))
    store.moves.put(Move(PERSON, LAURE))
    Permissions(store).grant(a_grant(1))

    assert store.moves.of_person(PERSON) == [Move(PERSON, LAURE)]


@pytest.mark.parametrize(("at", "denied"), [(1, True), (2, False), (3, False)])
def test_a_grant_takes_back_an_older_denial(store: Store, at: float, *, denied: bool) -> None:
    """A newer one stays."""
    store.people.put(KnownPerson(PERSON, "Sofia", 0.0, NOW + 2))
    Permissions(store).grant(a_grant(at))

    assert (store.people.person(PERSON).denied_at > 0) is denied
    assert store.people.person(PERSON).name == "Sofia"


def test_who_was_merged_is_who_they_are_now(store: Store) -> None:
    """By whichever id a message names them."""
    Permissions(store).grant(a_grant(1, person="E7"))
    store.people.merge("E7", PERSON)

    assert Permissions(store).grant(a_grant(1, person="E7")) is Taken.UNCHANGED
    assert Permissions(store).grant(a_grant(2, person="E7")) is Taken.APPLIED
    assert Permissions(store).revoke("E7", NOW + 3, "by an event") is Taken.APPLIED
    assert state_of(store) == {JOSIAH: "ending"}
    assert state_of(store, "E7") == {}


@pytest.mark.parametrize("done", [True, False])
def test_who_is_forgotten_gives_nothing(store: Store, *, done: bool) -> None:
    """Nor takes anything back: nothing is kept of it."""
    store.blocks.begin(Forgetting(PERSON, remove_items=False, since=NOW))
    if done:
        store.blocks.complete(PERSON, {})

    assert Permissions(store).grant(a_grant(1)) is Taken.ERASED
    assert Permissions(store).revoke(PERSON, NOW + 2, "by an event") is Taken.ERASED
    assert list(store.grants.all()) == []
    assert ledger(store) == {}
    assert store.people.person(PERSON).revoked_at == 0.0


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
    assert state_of(store) == {JOSIAH: "ending"}


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


WORDS = st.lists(
    st.tuples(st.sampled_from(["grant", "revoke"]), st.integers(1, 9), st.sampled_from([JOSIAH, LAURE])),
    min_size=1,
    max_size=9,
    unique_by=lambda word: word[1],
)
"""Grants and revocations, each at a time of its own."""


@given(WORDS, st.data())
def test_consent_does_not_depend_on_the_order_of_arrival(
    words: list[tuple[str, int, OrcidId]], data: st.DataObject
) -> None:
    """In whatever order and however often they come, the newest word stands; what is older is revoked with it."""
    store = MemoryStore(lambda: NOW)
    replayed = data.draw(st.lists(st.sampled_from(words), max_size=9))
    for kind, at, orcid in data.draw(st.permutations([*words, *replayed])):
        if kind == "grant":
            Permissions(store).grant(a_grant(at, orcid=orcid))
        else:
            Permissions(store).revoke(PERSON, NOW + at, "by an event")
    kind, at, orcid = max(words, key=lambda word: word[1])
    last_no = max((at for kind, at, _ in words if kind == "revoke"), default=0)
    active = store.grants.active(PERSON)

    assert (active is not None) is (kind == "grant")
    if active is not None:
        assert (active.orcid, active.access_token) == (orcid, Secret(f"token of {at}"))
    assert ledger(store) == {f"token of {at}": at < last_no for kind, at, _ in words if kind == "grant"}
    assert sum(one.state is GrantState.ACTIVE for one in store.grants.of_person(PERSON)) == (active is not None)
    store.close()


@given(st.permutations(["a", "b", "c"]))
def test_of_two_grants_at_one_moment_the_same_one_stands(texts: list[str]) -> None:
    """Whichever comes first."""
    store = MemoryStore(lambda: NOW)
    for text in texts:
        Permissions(store).grant(replace(a_grant(1), access_token=Secret(text)))

    assert tokens_of(store) == [max(["a", "b", "c"], key=lambda text: token_mark(Secret(text)))]
    store.close()


def test_an_end_of_all_takes_what_is_dated_ahead(store: Store) -> None:
    """Clocks differ a little: what an operator ends now is ended."""
    Permissions(store).grant(a_grant(200))

    assert Permissions(store).revoke(PERSON, 100, "by time") is Taken.UNCHANGED
    assert Permissions(store).revoke_all(PERSON, 100, "all of it") is Taken.APPLIED
    assert state_of(store) == {JOSIAH: "ending"}
    assert len(store.tokens.to_revoke(PERSON)) == 1
