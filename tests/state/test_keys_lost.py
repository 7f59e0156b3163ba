"""Vault keys that were lost: what doesn't open is given up, and the rest goes on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mappers.secret import Secret
from mappers.sections import Section
from state.facts import ItemState
from state.permission_facts import ConsentStage, Forgetting, GrantState
from state.sql.sealed import TOKENS_LOST, GivenUp
from state.sqlite.store import SqliteStore
from state.store import StoreError
from state.vault import Vault, new_key
from tests.state.helpers import JOSIAH, LAURE, a_consent, a_grant, a_letter, a_published, a_token, a_wanted
from tests.state.stores import Clock
from tests.state.whole import change_everything, whole

LOST, OURS = new_key(), new_key()


@pytest.fixture
def open_with(tmp_path: Path, clock: Clock) -> Callable[..., SqliteStore]:
    """Opens the state with these keys, though they may not be its own."""

    def opened(*keys: str) -> SqliteStore:
        return SqliteStore(tmp_path / "state.db", Vault(keys), clock, keys_lost=True)

    return opened


@pytest.fixture
def lost(open_with: Callable[..., SqliteStore]) -> SqliteStore:
    """A state that was written with a key that is lost."""
    return open_with(LOST)


def given_up(store: SqliteStore, open_with: Callable[..., SqliteStore], **how: bool) -> tuple[SqliteStore, GivenUp]:
    """The store, closed and opened with our key, and what that gave up."""
    store.close()
    again = open_with(OURS)
    return again, again.give_up(**how)


@pytest.mark.parametrize(
    ("state", "becomes", "reason"),
    [
        pytest.param(GrantState.ACTIVE, GrantState.BROKEN, TOKENS_LOST, id="active"),
        pytest.param(GrantState.BROKEN, GrantState.BROKEN, TOKENS_LOST, id="broken"),
        pytest.param(GrantState.ENDING, GrantState.ENDING, "before", id="ending"),
        pytest.param(GrantState.REVOKED, GrantState.REVOKED, "before", id="revoked"),
        pytest.param(GrantState.REPLACED, GrantState.REPLACED, "before", id="replaced"),
    ],
)
def test_a_grant_loses_its_tokens(
    lost: SqliteStore, open_with: Callable[..., SqliteStore], state: GrantState, becomes: GrantState, reason: str
) -> None:
    """What was in use is broken, so that a new permission is asked for; all else stays as it ended."""
    grant = a_grant(state=state, reason="before", refreshed_at=2.0)
    lost.grants.put(grant)

    store, dropped = given_up(lost, open_with)

    left = replace(grant, access_token=None, refresh_token=None, state=becomes, reason=reason)
    assert list(store.grants.all()) == [left]
    assert dropped == GivenUp(keys=True, grants=1, tokens=0, consents=0, dead_letters=0, blocks=0)
    store.close()


def test_put_codes_stay_and_the_people_are_looked_at(lost: SqliteStore, open_with: Callable[..., SqliteStore]) -> None:
    """The next permission goes on with the items that stand."""
    lost.grants.put(a_grant())
    lost.grants.put(a_grant("p3", LAURE, access_token=None, refresh_token=None))
    lost.items.want(a_wanted(state=ItemState.IN_SYNC), "{}")
    lost.items.publish(a_published(), "{}")

    store, _ = given_up(lost, open_with)

    assert store.items.published_as(JOSIAH, Section.WORK, 7) == a_published()
    assert store.items.document(a_wanted().key) == (1, "{}")
    assert [due.person for due in store.agenda.due(store.now(), 9)] == ["p1"]
    store.close()


def test_a_token_is_forgotten_with_its_mark(lost: SqliteStore, open_with: Callable[..., SqliteStore]) -> None:
    """So that the same one is taken when it is imported again; one that was dropped before stays known."""
    lost.tokens.keep(a_token("m1"))
    lost.tokens.keep(a_token("m2", "p2"))
    lost.tokens.drop("m2")

    store, dropped = given_up(lost, open_with)

    assert dropped.tokens == 1
    assert store.tokens.known("m1") is None
    assert store.tokens.known("m2") == a_token("m2", "p2", token=None)
    store.close()


@pytest.mark.parametrize(
    ("stage", "becomes", "outcome"),
    [
        pytest.param(ConsentStage.OFFERED, ConsentStage.FAILED, "unavailable", id="offered"),
        pytest.param(ConsentStage.HELD, ConsentStage.FAILED, "unavailable", id="held"),
        pytest.param(ConsentStage.DECLINED, ConsentStage.DECLINED, "declined", id="declined"),
    ],
)
def test_a_walk_that_needs_what_orcid_gave_fails(
    lost: SqliteStore, open_with: Callable[..., SqliteStore], stage: ConsentStage, becomes: ConsentStage, outcome: str
) -> None:
    """One that ended stays as it ended; one that has nothing of ORCID yet goes on."""
    lost.consents.put(a_consent("c1", stage=stage, code="k1", grant=a_grant(), outcome="declined"))
    lost.consents.put(a_consent("c2"))

    store, dropped = given_up(lost, open_with)

    assert dropped.consents == 1
    assert store.consents.consent("c1") == a_consent("c1", stage=becomes, code="k1", outcome=outcome)
    assert store.consents.consent("c2") == a_consent("c2")
    store.close()


def test_dead_letters_are_settled_as_lost(lost: SqliteStore, open_with: Callable[..., SqliteStore]) -> None:
    """Told without their bytes; what was discarded stays so. The event sent again is kept anew."""
    for identity in ("a", "b"):
        lost.letters.bury(a_letter(identity))
    lost.letters.settle("b", "discarded")

    store, dropped = given_up(lost, open_with)

    assert dropped.dead_letters == 1
    assert list(store.letters.open()) == []
    assert store.letters.letter("a") == a_letter("a", state="lost", envelope=b"")
    assert store.letters.letter("b") == a_letter("b", state="discarded", envelope=b"")
    assert store.letters.bury(a_letter("a"))
    assert not store.letters.bury(a_letter("b"))
    assert list(store.letters.open()) == [a_letter("a")]
    store.close()


def test_who_was_forgotten_is_lost_only_on_demand(lost: SqliteStore, open_with: Callable[..., SqliteStore]) -> None:
    """They would be taken in again; until that is accepted, nothing is given up."""
    lost.blocks.begin(Forgetting("p9", remove_items=False, since=1.0))
    lost.blocks.complete("p9", {})
    lost.blocks.begin(Forgetting("p8", remove_items=False, since=1.0))
    lost.grants.put(a_grant())
    lost.close()

    store = open_with(OURS)
    with pytest.raises(StoreError, match=r"^[^\n]*--lose-blocks[^\n]*$"):
        store.give_up()
    store.close()
    untouched = open_with(LOST)
    assert list(untouched.grants.all()) == [a_grant()]

    store, dropped = given_up(untouched, open_with, lose_blocks=True)

    assert dropped == GivenUp(keys=True, grants=1, tokens=0, consents=0, dead_letters=0, blocks=1)
    assert not store.blocks.blocks_person("p9")
    assert store.blocks.blocks_person("p8")
    store.blocks.complete("p8", {})
    assert store.blocks.blocks_person("p8")
    store.close()


def test_the_state_opens_with_our_keys_from_then_on(
    lost: SqliteStore, open_with: Callable[..., SqliteStore], tmp_path: Path, clock: Clock
) -> None:
    """Everything of it; the lost key is another one now."""
    change_everything(lost)

    store, _ = given_up(lost, open_with, lose_blocks=True)
    before = whole(store)
    store.close()

    again = SqliteStore(tmp_path / "state.db", Vault([OURS]), clock)
    assert whole(again) == before
    change_everything(again)
    again.close()
    with pytest.raises(StoreError, match=r"^ORCID_SYNC_VAULT_KEYS: "):
        SqliteStore(tmp_path / "state.db", Vault([LOST]), clock)


def test_what_opens_is_not_touched(lost: SqliteStore, open_with: Callable[..., SqliteStore]) -> None:
    """All of it with the right keys; with one of two keys lost, what the other sealed."""
    change_everything(lost)
    before = whole(lost)
    assert lost.give_up() == GivenUp(keys=False, grants=0, tokens=0, consents=0, dead_letters=0, blocks=0)
    assert whole(lost) == before
    lost.close()

    rotated = open_with(OURS, LOST)
    rotated.grants.put(a_grant("p4", granted_at=3.0, access_token=Secret("ours")))
    rotated.letters.bury(a_letter("ffff"))
    store, _ = given_up(rotated, open_with, lose_blocks=True)

    assert store.grants.active("p4") == a_grant("p4", granted_at=3.0, access_token=Secret("ours"))
    assert list(store.letters.open()) == [a_letter("ffff")]
    store.close()
