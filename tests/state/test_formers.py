"""Records that people moved away from: what the facts tell of them, and how what stands there counts."""

from dataclasses import replace

import pytest

from mappers.identifiers import OrcidId
from mappers.sections import Section
from state.facts import ItemState, Standing
from state.permission_facts import Forgetting, Former, GrantState, MoveState, Suspension, SuspensionKind
from state.store import Store
from tests.state.helpers import JOSIAH, LAURE, a_grant, a_key, a_move, a_published, a_token, a_wanted, an_intent

REPLACED = a_grant(orcid=JOSIAH, state=GrantState.REPLACED, reason=f"replaced by a grant on {LAURE}")
OTHER = OrcidId("0000-0002-1694-233X")


def former(store: Store, person: str = "p1") -> tuple[OrcidId, ...]:
    """The person's former records."""
    return tuple(one.orcid for one in store.items.facts(person).former)


@pytest.fixture
def moved(store: Store) -> Store:
    """Somebody moved from Josiah's record to Laure's."""
    store.grants.put(a_grant(orcid=JOSIAH))
    store.grants.put(a_grant(orcid=LAURE, granted_at=2.0))
    return store


@pytest.mark.parametrize(
    ("standing", "is_former"),
    [
        pytest.param(Standing.LIVE, True, id="it stands"),
        pytest.param(Standing.MISSING, True, id="it was not found once"),
        pytest.param(Standing.REMOVED, False, id="the researcher removed it"),
        pytest.param(Standing.FOREIGN, False, id="it is another source's"),
    ],
)
def test_a_record_is_former_as_long_as_something_stands_there(
    moved: Store, standing: Standing, *, is_former: bool
) -> None:
    """What stands on the current record makes none."""
    moved.items.publish(a_published(1, orcid=LAURE))
    assert former(moved) == ()

    moved.items.publish(a_published(2, standing=standing))

    assert former(moved) == ((JOSIAH,) if is_former else ())


def test_a_record_is_former_while_an_intent_of_it_is_open(moved: Store) -> None:
    """Something may stand there. All intents are told, of every record."""
    opened = list(moved.intents.open([an_intent(orcid=LAURE), an_intent(orcid=JOSIAH)]))

    assert former(moved) == (JOSIAH,)
    assert list(moved.items.facts("p1").intents) == opened


def test_a_record_is_former_while_its_grant_ends_or_its_move_is_noted(moved: Store) -> None:
    """Nothing has to stand there for that."""
    moved.grants.mark("p1", JOSIAH, GrantState.ENDING, "revoked by the person")
    assert former(moved) == (JOSIAH,)

    moved.moves.put(a_move(orcid=OTHER))
    assert former(moved) == (OTHER, JOSIAH)


def test_a_former_record_is_told_with_all_that_is_known_of_it(moved: Store) -> None:
    """Its grant with its token, its suspension, its move, and when it was listed; nothing of other people's."""
    locked = Suspension(JOSIAH, SuspensionKind.LOCKED, "", 9.0)
    moved.items.publish(a_published())
    moved.grants.suspend(locked)
    moved.moves.put(a_move(state=MoveState.APPROVED))
    moved.items.know_section(JOSIAH, Section.WORK, listed_at=4.0)
    moved.items.know_section(JOSIAH, Section.EMPLOYMENT, filled_at=4.0)
    moved.items.publish(a_published(9, a_key("p2"), orcid=OTHER))

    facts = moved.items.facts("p1")

    known = Former(JOSIAH, REPLACED, locked, a_move(state=MoveState.APPROVED), {Section.WORK: 4.0})
    assert facts.former == (known,)
    assert facts.grant == a_grant(orcid=LAURE, granted_at=2.0)
    assert facts.suspension is None


def test_without_a_current_grant_only_tokens_make_a_record_former(moved: Store) -> None:
    """Put-codes are kept; the record was not moved away from."""
    moved.items.publish(a_published())
    moved.intents.open([an_intent()])
    moved.moves.put(a_move())
    for orcid in (JOSIAH, LAURE):
        moved.grants.mark("p1", orcid, GrantState.REVOKED, "by the person")
    assert former(moved) == ()

    moved.tokens.keep(a_token(to_revoke=True))
    assert former(moved) == (JOSIAH,)


def test_the_grant_that_ends_is_current_when_there_is_no_other(store: Store) -> None:
    """So its record is no former one."""
    store.grants.put(a_grant(state=GrantState.ENDING))
    store.items.publish(a_published())

    assert store.items.facts("p1").grant == a_grant(state=GrantState.ENDING)
    assert former(store) == ()


def test_tokens_that_shall_be_revoked_are_told(moved: Store) -> None:
    """Of every record; that of the current one is none of the former."""
    here, there = a_token("m1", orcid=LAURE), a_token("m2", orcid=OTHER)
    for token in (here, there, a_token("m3", orcid=JOSIAH), a_token("m4", "p2", to_revoke=True)):
        moved.tokens.keep(token)
    moved.tokens.revoke_all("p1", LAURE)
    moved.tokens.revoke_all("p1", OTHER)

    facts = moved.items.facts("p1")

    assert facts.tokens == (replace(here, to_revoke=True), replace(there, to_revoke=True))
    assert facts.former == (Former(OTHER, None, None, None),)


def test_a_person_who_is_being_forgotten_is_told(store: Store) -> None:
    """With what was asked for."""
    forgetting = Forgetting("p1", remove_items=True, since=3.0)
    store.blocks.begin(forgetting)

    assert store.items.facts("p1").forgetting == forgetting
    assert store.items.facts("p2").forgetting is None


@pytest.mark.parametrize(
    ("move", "state", "counted"),
    [
        pytest.param(MoveState.HELD, GrantState.REPLACED, ItemState.HELD, id="held"),
        pytest.param(MoveState.REJECTED, GrantState.REPLACED, ItemState.HELD, id="rejected"),
        pytest.param(MoveState.APPROVED, GrantState.REPLACED, ItemState.PENDING, id="approved"),
        pytest.param(MoveState.STRANDED, GrantState.REPLACED, ItemState.STRANDED, id="stranded"),
        pytest.param(None, GrantState.REPLACED, ItemState.HELD, id="not noted yet"),
        pytest.param(None, GrantState.BROKEN, ItemState.HELD, id="not noted yet, broken"),
        pytest.param(None, GrantState.REVOKED, ItemState.STRANDED, id="revoked"),
    ],
)
def test_what_stands_on_a_former_record_counts_by_its_move(
    moved: Store, move: MoveState | None, state: GrantState, counted: ItemState
) -> None:
    """Beside the items that are wanted, which it is none of."""
    moved.grants.mark("p1", JOSIAH, state, "why")
    moved.items.want(a_wanted(state=counted), None)
    for published in (a_published(1), a_published(2, standing=Standing.MISSING), a_published(3, orcid=LAURE)):
        moved.items.publish(published)
    for gone in (Standing.REMOVED, Standing.FOREIGN):
        moved.items.publish(a_published(9, standing=gone))
    if move is not None:
        moved.moves.put(a_move(state=move))

    assert moved.items.counts() == {**dict.fromkeys(ItemState, 0), counted: 3}
    assert moved.items.people_in(list(ItemState)) == {**dict.fromkeys(ItemState, 0), counted: 1}


def test_what_is_withdrawn_and_stands_on_a_former_record_counts_once(moved: Store) -> None:
    """As wanted; but where it stands on both records, each counts."""
    moved.items.want(a_wanted(digest=None, state=ItemState.HELD), None)
    moved.items.publish(a_published(1))
    assert moved.items.counts() == {**dict.fromkeys(ItemState, 0), ItemState.HELD: 1}

    moved.items.publish(a_published(2, orcid=LAURE))
    assert moved.items.counts() == {**dict.fromkeys(ItemState, 0), ItemState.HELD: 2}


def test_what_no_token_removes_is_stranded_before_its_move_is_noted(store: Store) -> None:
    """Nobody can ever remove it but by hand."""
    store.grants.put(replace(REPLACED, access_token=None))
    store.grants.put(a_grant(orcid=LAURE, granted_at=2.0))
    store.items.publish(a_published())

    assert store.items.counts() == {**dict.fromkeys(ItemState, 0), ItemState.STRANDED: 1}


def test_a_move_is_enough_for_what_stands_on_a_former_record(store: Store) -> None:
    """Also where no grant tells of that record."""
    store.grants.put(a_grant(orcid=LAURE))
    store.moves.put(a_move(orcid=JOSIAH, state=MoveState.STRANDED))
    store.items.publish(a_published())

    assert store.items.counts() == {**dict.fromkeys(ItemState, 0), ItemState.STRANDED: 1}
    assert store.items.people_in([ItemState.STRANDED]) == {ItemState.STRANDED: 1}


def test_people_who_moved_are_counted_however_many(store: Store) -> None:
    """Each once, with what they want and what they left behind in one state together."""
    with store.transaction():
        for number in range(450):
            person, there = f"p{number:03}", OrcidId(f"0000-0001-0000-{number:04}")
            store.grants.put(a_grant(person, orcid=there, granted_at=1.0))
            store.grants.put(a_grant(person, orcid=OrcidId(f"0000-0002-0000-{number:04}"), granted_at=2.0))
            store.items.publish(a_published(1, orcid=there, item=a_key(person)))
            if number % 3 == 0:
                store.items.want(a_wanted(a_key(person), state=ItemState.HELD), None)

    assert store.items.counts() == {**dict.fromkeys(ItemState, 0), ItemState.HELD: 600}
    assert store.items.people_in([ItemState.HELD, ItemState.REFUSED]) == {ItemState.HELD: 450, ItemState.REFUSED: 0}


@pytest.mark.parametrize("state", [pytest.param(state, id=state.value) for state in GrantState])
def test_what_stands_counts_once_where_the_person_is(store: Store, state: GrantState) -> None:
    """With whatever grant there, and without any."""
    store.grants.put(a_grant(state=state))
    store.items.want(a_wanted(state=ItemState.WAITING), None)
    store.items.publish(a_published())

    assert store.items.counts() == {**dict.fromkeys(ItemState, 0), ItemState.WAITING: 1}


def test_the_newest_current_grant_decides_which_record_is_former(store: Store) -> None:
    """Of two broken ones: what stands on the older one's record counts as held."""
    store.grants.put(a_grant(orcid=JOSIAH, state=GrantState.BROKEN))
    store.grants.put(a_grant(orcid=LAURE, granted_at=2.0, state=GrantState.BROKEN))
    store.items.publish(a_published(1, orcid=LAURE))
    store.items.publish(a_published(2, orcid=JOSIAH))
    assert former(store) == (JOSIAH,)
    assert store.items.counts()[ItemState.HELD] == 1

    store.grants.put(a_grant(orcid=JOSIAH))
    assert former(store) == (LAURE,)
