"""What an earlier version of a state in a database becomes when it is opened."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mappers.secret import Secret
from state.facts import Group, GroupState, ItemState, Published, Wanted
from state.permission_facts import Grant, GrantState, KeptToken, KnownPerson, token_mark
from state.sql.engine import item_columns, pack
from state.sql.migrations import STEPS
from state.sql.store import SqlStore
from state.store import StoreError
from state.vault import Vault, new_key
from tests.state.helpers import (
    THESIS,
    a_departure,
    a_grant,
    a_group,
    a_key,
    a_published,
    a_record,
    a_review,
    a_wanted,
    an_intent,
)
from tests.state.places import PLACES, Place
from tests.state.stores import Clock
from tests.state.whole import change_everything, whole

ITEMS = (
    a_wanted(a_key("p1"), revision=4, same_as="d0", state=ItemState.IN_SYNC, reason="adopted"),
    a_wanted(a_key("p2"), refused_digest="d1", refused_reason="400 9006", state=ItemState.REFUSED),
    a_wanted(a_key("p3"), digest=None, refusal="data.title: is empty"),
)
"""Wanted items as the first version knew them."""

GRANT = a_grant("p1", refresh_token=None)


def want_as_at_first(store: SqlStore[Any], wanted: Wanted, document: str | None) -> None:
    """Writes a wanted item in the columns of the first version."""
    store._engine.run(
        "INSERT INTO wanted_items VALUES (:person, :section, :source, :entity, :subject, :part, :digest, :document,"
        " :self_ids, :revision, :refusal, :same_as, :refused_digest, :refused_reason, :state, :reason)",
        {
            **item_columns(wanted.key),
            "digest": wanted.digest,
            "document": document,
            "self_ids": pack(wanted.self_ids),
            "revision": wanted.revision,
            "refusal": wanted.refusal,
            "same_as": wanted.same_as,
            "refused_digest": wanted.refused_digest,
            "refused_reason": wanted.refused_reason,
            "state": wanted.state.value,
            "reason": wanted.reason,
        },
    )


def publish_as_at_first(store: SqlStore[Any], published: Published, document: str) -> None:
    """Writes a published item in the columns of the first version."""
    store._engine.run(
        "INSERT INTO published_items VALUES (:orcid, :section, :put_code, :person, :source, :entity, :subject, :part,"
        " :digest, :document, :own_id, :self_ids, :origin, :standing)",
        {
            **item_columns(published.item),
            "orcid": published.orcid,
            "put_code": published.put_code,
            "digest": published.digest,
            "document": document,
            "own_id": published.own_id,
            "self_ids": pack(published.self_ids),
            "origin": published.origin.value,
            "standing": published.standing.value,
        },
    )


def grant_as_at_first(store: SqlStore[Any], vault: Vault, grant: Grant) -> None:
    """Writes a grant in the columns of the first version."""
    assert grant.access_token is not None
    store._engine.run(
        "INSERT INTO grants VALUES (:person, :orcid, :name, :scopes, :access_token, NULL, :expires_at, :granted_at,"
        " :state, :reason)",
        {
            "person": grant.person,
            "orcid": grant.orcid,
            "name": grant.name,
            "scopes": " ".join(sorted(grant.scopes)),
            "access_token": vault.seal(grant.access_token.reveal().encode()),
            "expires_at": grant.expires_at,
            "granted_at": grant.granted_at,
            "state": grant.state.value,
            "reason": grant.reason,
        },
    )


@pytest.fixture
def vault() -> Vault:
    """A vault with a key of its own."""
    return Vault([new_key()])


@pytest.fixture(params=list(PLACES))
def new_place(request: pytest.FixtureRequest, tmp_path: Path, vault: Vault, clock: Clock) -> Iterator[Place]:
    """A place for a state, where nothing is yet; in each kind of database in turn."""
    with PLACES[request.param](request, tmp_path, vault, clock) as place:
        yield place


@pytest.fixture
def place(new_place: Place, vault: Vault) -> Place:
    """Where there is a state that the first version wrote."""
    store = new_place.opened(STEPS[:1])
    for wanted in ITEMS:
        want_as_at_first(store, wanted, None if wanted.digest is None else f"document of {wanted.key.person}")
    store.records.accept(a_record())
    grant_as_at_first(store, vault, GRANT)
    publish_as_at_first(store, a_published(item=a_key("p1")), "document")
    store.intents.open([an_intent(a_key("p2"))])
    store.agenda.changed("p2", 0.0, 0.0)
    store.close()
    return new_place


def test_an_earlier_state_is_all_there(place: Place) -> None:
    """Its items lack nothing and need no group as long as nobody says so; nobody left."""
    store = place.opened()

    assert store.items.of_record(THESIS) == list(ITEMS)
    assert store.items.document(a_key("p1")) == (4, "document of p1")
    assert store.records.record(THESIS) == a_record()
    facts = store.items.facts("p1")
    assert (facts.wanted, facts.published, facts.grant) == (ITEMS[:1], (a_published(),), GRANT)
    assert (facts.groups, facts.departures) == ({}, ())
    assert store.items.facts("p2").intents == (an_intent(a_key("p2"), id=1, call=1),)
    assert store.agenda.revision("p2") == 1
    store.close()


def test_an_earlier_state_takes_what_is_new(place: Place) -> None:
    """In the items that were there as in others."""
    store = place.opened()
    wanted = replace(ITEMS[0], v2_1_lacks="v2.1 has no work type preprint", v2_1_drops="url")

    store.items.want(wanted, "{}")
    store.items.want(a_review(), "{}")
    store.groups.want(a_group())
    store.groups.settle(a_group().key, GroupState.KNOWN)
    store.departures.leave(a_departure())

    facts = store.items.facts("p1")
    assert set(facts.wanted) == {wanted, a_review()}
    assert facts.groups == {a_group().key: Group(a_group(), GroupState.KNOWN)}
    assert facts.departures == (a_departure(),)
    store.close()


def test_an_earlier_state_is_migrated_once(place: Place) -> None:
    """Opened again, it is as it was left."""
    store = place.opened()
    change_everything(store)
    before = whole(store)
    store.close()

    again = place.opened()
    assert whole(again) == before
    again.close()


def test_an_earlier_state_becomes_what_a_new_one_is(place: Place) -> None:
    """With the same tables, columns and indexes."""
    earlier = place.schema()
    place.opened().close()

    assert place.schema() == place.schema_of_a_new_one()
    assert {one[:2] for one in earlier} < {one[:2] for one in place.schema()}


def test_revocations_that_were_noted_are_known_of_their_people(new_place: Place, vault: Vault) -> None:
    """Whatever a person's id looks like; other notes stay."""
    place = new_place
    store = place.opened(STEPS[:4])
    revoked = {"E1024": 1_764_000_000.25, "revoked-at E1": 7.0, "Ébène 李 %": 0.5}
    for person, at in revoked.items():
        store.notes.put(f"revoked-at {person}", repr(at))
    store.notes.put("revoked", "another note")
    grant_as_at_first(store, vault, GRANT)
    store.close()

    store = place.opened()

    assert {person: store.people.person(person) for person in revoked} == {
        person: KnownPerson(person, revoked_at=at) for person, at in revoked.items()
    }
    assert store.notes.get("revoked-at E1024") is None
    assert store.notes.get("revoked") == "another note"
    assert store.grants.current("p1") == GRANT
    store.close()


def test_tokens_that_were_there_are_known_by_their_marks(place: Place, vault: Vault) -> None:
    """So that they can be revoked; at once those of grants that were revoked with us. Only the first time."""
    store = place.opened(STEPS[:4])
    grant_as_at_first(store, vault, replace(GRANT, person="p2", state=GrantState.REVOKED))
    grant_as_at_first(store, vault, replace(GRANT, person="p3", access_token=Secret("access-3")))
    store.close()

    store = place.opened()

    (third,) = store.tokens.of_person("p3")
    assert third == KeptToken(token_mark(Secret("access-3")), "p3", GRANT.orcid, 1.0, Secret("access-3"))
    (token,) = [token for person in ("p1", "p2") for token in store.tokens.of_person(person)]
    assert (token.token, token.to_revoke) == (GRANT.access_token, True)
    store.tokens.drop(third.mark)
    store.close()
    again = place.opened()
    assert again.tokens.of_person("p3") == []
    again.close()


def test_a_migration_that_fails_leaves_the_state_as_it_was(place: Place) -> None:
    """The earlier version can go on with it, and the next attempt begins at the same place."""
    earlier = place.schema()
    spoiled = (STEPS[0], (STEPS[1][0], STEPS[1][1] + "CREATE TABLE notes (name TEXT)"))
    with pytest.raises(StoreError, match=r"^[^\n]*already exists[^\n]*$"):
        place.opened(spoiled)
    assert place.schema() == earlier

    store = place.opened()
    assert store.items.of_record(THESIS) == list(ITEMS)
    store.close()


@pytest.mark.parametrize("steps", range(1, len(STEPS)))
def test_every_version_becomes_the_newest(new_place: Place, steps: int) -> None:
    """Whatever the version that made it; it knows nothing that a new one does not."""
    new_place.opened(STEPS[:steps]).close()

    store = new_place.opened()

    change_everything(store)
    assert new_place.schema() == new_place.schema_of_a_new_one()
    store.close()


def test_a_newer_state_is_refused(place: Place) -> None:
    """An older program would not know what it must keep."""
    place.opened((*STEPS, ("9999_later", "CREATE TABLE later (name TEXT PRIMARY KEY)"))).close()
    before = place.schema()

    with pytest.raises(StoreError, match=r"^[^\n]*newer orcid-sync \(9999_later\): upgrade this one$"):
        place.opened()

    assert place.schema() == before


def test_somebody_else_s_database_is_refused(new_place: Place) -> None:
    """Tables that we did not make are not ours to write to; nothing of ours is left in it."""
    new_place.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)")

    with pytest.raises(StoreError, match=r"^[^\n]*another program's database$"):
        new_place.opened()

    assert {name for name, *_ in new_place.schema()} <= {"notes", "sqlite_autoindex_notes_1"}
