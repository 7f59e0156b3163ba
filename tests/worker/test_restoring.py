"""What a backup becomes before it is put in place of the state: nothing that ended since comes back with it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from mappers.wanted import SourceKey
from state.brake_facts import Brake, Suppression
from state.moving.backup import back_up, copied
from state.permission_facts import Ask, GrantState, KeptToken, KnownPerson, Move, MoveState, token_mark
from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.state.helpers import a_grant
from tests.worker.builders import JOSIAH, NOW
from tests.worker.forgotten import ANN, SOFIA, TUI, a_paper, about, forget, held, take
from tests.worker.messages import an_event
from worker.note_names import RECOVERY
from worker.people.forgetting import begin_forgetting
from worker.people.merging import merge_people
from worker.people.restoring import Carried, carry_over
from worker.permission.grants import Permissions

Since = Callable[[SqliteStore], object]


@pytest.fixture
def present(tmp_path: Path) -> Iterator[SqliteStore]:
    """A state of two people, with a permission."""
    store = SqliteStore(tmp_path / "state.db", Vault([new_key()]), lambda: NOW)
    take(store, about(SOFIA), an_event(a_paper(SOFIA, TUI)), about(SOFIA, "P-bad", country=7))
    Permissions(store).grant(a_grant(SOFIA))
    yield store
    store.close()


def restored(present: SqliteStore, tmp_path: Path, since: Since) -> tuple[SqliteStore, Carried]:
    """The backup after what happened since, as it would be put in place. Closed with the test's folder."""
    back_up(present, tmp_path / "backup.db")
    since(present)
    with copied(tmp_path / "backup.db", present) as copy:
        with copy.transaction():
            carried = carry_over(present, copy)
        back_up(copy, tmp_path / "carried.db")
    return present.at(tmp_path / "carried.db"), carried


def test_nothing_happened_since(present: SqliteStore, tmp_path: Path) -> None:
    """It is the backup, in recovery mode."""
    copy, carried = restored(present, tmp_path, lambda _: None)

    assert carried == Carried(erased=0, revoked=0)
    assert copy.notes.get(RECOVERY) == repr(NOW)
    assert copy.grants.active(SOFIA) == present.grants.active(SOFIA)
    assert copy.items.facts(SOFIA).wanted == present.items.facts(SOFIA).wanted
    copy.close()


def test_who_was_forgotten_since_is_erased_from_it(present: SqliteStore, tmp_path: Path) -> None:
    """Their records, permissions and dead letters; what they share stays without them."""
    copy, carried = restored(present, tmp_path, lambda store: forget(store, SOFIA))

    assert carried.erased >= 1
    assert held(copy, SOFIA, "Sofia Garcia", "P-1", "P-bad") == []
    assert copy.letters.count() == 0
    assert [one.key.person for one in copy.items.facts(TUI).wanted] == [TUI]
    assert copy.blocks.count() == 1
    assert take(copy, about(SOFIA)) == ["erased"]
    copy.close()


def test_who_is_being_forgotten_goes_on_to_be(present: SqliteStore, tmp_path: Path) -> None:
    """With the permission of the backup ended, too."""
    copy, _ = restored(present, tmp_path, lambda store: begin_forgetting(store, SOFIA, remove_items=True, now=NOW))

    assert copy.blocks.under_way() == present.blocks.under_way()
    assert [one.state for one in copy.grants.of_person(SOFIA)] == [GrantState.ENDING]
    assert all(one.to_revoke for one in copy.tokens.of_person(SOFIA))
    assert copy.items.facts(SOFIA).wanted
    copy.close()


def test_who_became_one_since_is_one(present: SqliteStore, tmp_path: Path) -> None:
    """Also when they were forgotten afterwards, under either id."""
    copy, _ = restored(present, tmp_path, lambda store: merge_people(store, SOFIA, ANN))
    assert copy.people.canonical(SOFIA) == ANN
    assert copy.grants.active(ANN) is not None
    copy.close()

    present.blocks.undo(ANN)

    def one_and_forgotten(store: SqliteStore) -> None:
        forget(store, ANN)

    copy, _ = restored(present, tmp_path, one_and_forgotten)
    assert held(copy, SOFIA, ANN, "Sofia Garcia") == []
    assert copy.blocks.count() == 1
    copy.close()


def test_what_was_forgotten_under_another_id_is_erased_too(present: SqliteStore, tmp_path: Path) -> None:
    """The backup is older than the merge: it knows the person by the old id alone."""

    def since(store: SqliteStore) -> None:
        merge_people(store, SOFIA, ANN)
        forget(store, ANN)

    copy, carried = restored(present, tmp_path, since)

    assert carried.erased >= 1
    assert held(copy, SOFIA, ANN, "Sofia Garcia") == []
    assert copy.blocks.count() == 1
    assert copy.blocks.undo(ANN)
    assert not copy.blocks.any()
    copy.close()


def test_what_was_revoked_since_stays_so(present: SqliteStore, tmp_path: Path) -> None:
    """Whether its tokens are revoked at ORCID by now or not."""

    def revoked(store: SqliteStore) -> None:
        Permissions(store).revoke(SOFIA, NOW, "said so")

    copy, _ = restored(present, tmp_path, revoked)
    assert [one.state for one in copy.grants.of_person(SOFIA)] == [GrantState.ENDING]
    assert len(copy.tokens.to_revoke(SOFIA)) == 1
    assert copy.people.person(SOFIA).revoked_at == NOW
    copy.close()


def test_a_token_that_is_dead_serves_no_more(present: SqliteStore, tmp_path: Path) -> None:
    """It was dropped since, and nothing took its place."""

    def dropped(store: SqliteStore) -> None:
        for token in store.tokens.all():
            store.tokens.drop(token.mark)
        for grant in store.grants.of_person(SOFIA):
            store.grants.put(replace(grant, state=GrantState.REVOKED, access_token=None, refresh_token=None))

    copy, carried = restored(present, tmp_path, dropped)
    (grant,) = copy.grants.of_person(SOFIA)
    assert (grant.state, grant.access_token) == (GrantState.REVOKED, None)
    assert copy.tokens.of_person(SOFIA) == []
    assert carried.revoked == 1
    copy.close()


def test_a_permission_that_was_refreshed_since_keeps_its_newer_tokens(present: SqliteStore, tmp_path: Path) -> None:
    """The older ones are dead at ORCID."""
    newer = Secret("a-newer-access-token")

    def refreshed(store: SqliteStore) -> None:
        grant = store.grants.active(SOFIA)
        assert grant is not None
        assert grant.access_token is not None
        store.tokens.drop(token_mark(grant.access_token))
        store.tokens.keep(KeptToken(token_mark(newer), SOFIA, grant.orcid, grant.granted_at, newer))
        store.grants.put(replace(grant, access_token=newer, refreshed_at=NOW))

    copy, _ = restored(present, tmp_path, refreshed)
    grant = copy.grants.active(SOFIA)
    assert grant is not None
    assert grant.access_token == newer
    assert [one.token for one in copy.tokens.of_person(SOFIA)] == [newer]
    copy.close()


def test_who_said_no_since_said_no(present: SqliteStore, tmp_path: Path) -> None:
    """Nobody asks them again; and the backup knows their name as it was."""

    def denied(store: SqliteStore) -> None:
        store.people.put(KnownPerson(SOFIA, "", 0.0, NOW))

    copy, _ = restored(present, tmp_path, denied)
    assert copy.people.person(SOFIA) == KnownPerson(SOFIA, "Sofia Garcia", 0.0, NOW)
    copy.close()


def test_what_was_given_since_is_kept(present: SqliteStore, tmp_path: Path) -> None:
    """The consent on another iD too: nobody is sent back to the record that they left, and no token is lost."""
    other, fresh = OrcidId("0000-0001-5109-3700"), Secret("given-since")

    def given(store: SqliteStore) -> None:
        Permissions(store).grant(a_grant(SOFIA, other, NOW, access_token=fresh, refresh_token=None))
        Permissions(store).grant(a_grant(TUI, granted_at=NOW, access_token=Secret("another"), refresh_token=None))
        store.moves.put(Move(SOFIA, JOSIAH, MoveState.REJECTED, "left there"))
        store.asks.put(Ask(ANN, JOSIAH, 7, NOW))

    copy, carried = restored(present, tmp_path, given)
    assert list(copy.grants.all()) == list(present.grants.all())
    assert list(copy.tokens.all()) == list(present.tokens.all())
    assert copy.moves.of_person(SOFIA) == present.moves.of_person(SOFIA)
    assert copy.asks.newest(ANN) == present.asks.newest(ANN)
    assert carried == Carried(erased=0, revoked=1)
    copy.close()


def test_a_broken_permission_elsewhere_sends_nobody_back(present: SqliteStore, tmp_path: Path) -> None:
    """The record that was left stays left."""
    other = OrcidId("0000-0001-5109-3700")

    def moved_and_broken(store: SqliteStore) -> None:
        Permissions(store).grant(a_grant(SOFIA, other, NOW, access_token=Secret("since"), refresh_token=None))
        store.grants.mark(SOFIA, other, GrantState.BROKEN, "gone")

    copy, carried = restored(present, tmp_path, moved_and_broken)
    assert {one.orcid: one.state for one in copy.grants.of_person(SOFIA)} == {
        other: GrantState.BROKEN,
        JOSIAH: GrantState.REPLACED,
    }
    assert carried.revoked == 1
    copy.close()


def test_what_operators_said_not_to_send_is_as_they_said_it_last(present: SqliteStore, tmp_path: Path) -> None:
    """Pauses and suppressions of since then are kept, those taken back since stay so."""
    record = SourceKey("/repository", "publication", "1")
    present.brakes.put(Brake(source="/hr"))
    present.suppressions.put(Suppression(TUI, record))

    def since(store: SqliteStore) -> None:
        store.brakes.release(Brake(source="/hr"))
        store.brakes.put(Brake(person=SOFIA))
        store.suppressions.drop(TUI, record)
        store.suppressions.put(Suppression(SOFIA, record, withdraw=True))

    copy, _ = restored(present, tmp_path, since)

    assert list(copy.brakes.all()) == [Brake(person=SOFIA)]
    assert list(copy.suppressions.all()) == [Suppression(SOFIA, record, withdraw=True)]
    copy.close()
