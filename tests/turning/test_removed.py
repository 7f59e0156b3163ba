"""What the researcher removed, through the whole loop: respected, added again once, or sent again by an operator."""

import pytest

from mappers.sections import Section
from state.facts import ItemState, Origin, Published, Standing
from tests.benchmarks.institution import person_id
from tests.turning.weather import CUT, TIMEOUT, Trouble, by
from tests.turning.worlds import Office, World, ended, work
from worker.planning.policy import Policy
from worker.ports import Reply
from worker.recording.resending import resend
from worker.sandbox.control_forms import ItemForm
from worker.sandbox.researchers import add_item, delete_item
from worker.sandbox.sandbox import CLIENT_ID

READD = Policy(settle_seconds=10.0, readd=True)


def standing(world: World) -> Published:
    """What is known of the only item."""
    (one,) = world.store.items.facts(person_id(1)).published
    return one


def remove(world: World, *offices: Office, sequence: int = 2) -> None:
    """The researcher deletes the item, and its source changes it."""
    delete_item(world.sandbox, world.orcid(1), standing(world).put_code)
    world.tell(work(1, sequence=sequence, title=f"Title {sequence}"))
    world.settle(*offices)


def a_world(world: World, policy: Policy) -> Office:
    """One person with one work that stands."""
    world.connect(1)
    office = world.office(policy=policy)
    world.tell(work(1))
    world.settle(office)
    return office


def test_it_is_respected_over_replays_restarts_and_new_keys(world: World) -> None:
    """A replay, another process, the source's removal and another source record of the same DOI: no call."""
    office = a_world(world, Policy(settle_seconds=10.0))
    remove(world, office)
    world.tell(work(1, sequence=2, title="Title 2"))
    another = world.office("two")
    world.tell({**work(1, sequence=3, title="Title 3"), "subject": "re-keyed"}, ended(work(1), 4))
    world.settle(office, another)

    assert world.titles(1) == []
    assert world.states() == {ItemState.REMOVED_BY_RESEARCHER: 1}


@pytest.mark.parametrize(
    ("reply", "carried_out"),
    [
        pytest.param(None, "", id="answered"),
        pytest.param(CUT, "now", id="the reply was lost"),
        pytest.param(CUT, "never", id="the call was lost"),
        pytest.param(TIMEOUT, "later", id="it arrives late"),
    ],
)
def test_it_is_added_again_once(world: World, reply: Reply | None, carried_out: str) -> None:
    """`readd`: it stands again; removed again it is respected, whatever becomes of the calls."""
    office = a_world(world, READD)
    if reply is not None:
        office.weather.troubles.append(Trouble(reply, by("POST"), times=1, carried_out=carried_out))
    remove(world, office)
    office.weather.carry_out_late()
    world.settle(office)

    assert world.titles(1) == ["Title 2"]
    assert (standing(world).origin, standing(world).standing) == (Origin.READDED, Standing.LIVE)

    remove(world, office, sequence=3)
    assert world.titles(1) == []
    assert (standing(world).origin, standing(world).standing) == (Origin.READDED, Standing.REMOVED)
    assert world.states() == {ItemState.REMOVED_BY_RESEARCHER: 1}


def test_an_operator_has_it_sent_again(world: World) -> None:
    """`resend`: as often as it is asked for; a second removal is respected as the first was."""
    office = a_world(world, Policy(settle_seconds=10.0))
    record = standing(world).item.record
    assert resend(world.store, person_id(1), record) == 0
    for sequence in (2, 3):
        remove(world, office, sequence=sequence)
        assert world.titles(1) == []
        assert resend(world.store, person_id(1), record) == 1
        world.settle(office)
        assert world.titles(1) == [f"Title {sequence}"]


def test_what_is_sent_again_is_of_that_source_record_alone(world: World) -> None:
    """And a refusal of it is forgotten."""
    world.connect(1)
    office = world.office()
    world.tell(work(1, 0), work(1, 1))
    world.settle(office)
    first, second = world.store.items.facts(person_id(1)).published
    for one in (first, second):
        delete_item(world.sandbox, world.orcid(1), one.put_code)
    world.tell(work(1, 0, sequence=2, title="A"), work(1, 1, sequence=2, title="B"))
    world.settle(office)
    world.store.items.refuse(first.item, "digest", "reason")

    assert resend(world.store, person_id(1), first.item.record) == 1
    assert [one.item for one in world.store.items.tombstones(person_id(1))] == [second.item]
    assert all(not item.refused_reason for item in world.store.items.facts(person_id(1)).wanted)


def test_an_update_that_meets_an_unknown_item_of_our_client_is_held_up_by_it(world: World) -> None:
    """409/9021 to a PUT: another system that shares our client put the new DOI there: listed once, and shown."""
    office = a_world(world, Policy(settle_seconds=10.0))
    ours = standing(world)
    (item,) = world.sandbox.records[world.orcid(1)].items()
    doi = {"external-id-type": "doi", "external-id-value": "10.5555/new", "external-id-relationship": "self"}
    document = {**item.document, "external-ids": {"external-id": [doi]}}
    theirs = add_item(world.sandbox, world.orcid(1), ItemForm(section="work", document=document, client_id=CLIENT_ID))
    changed = work(1, sequence=2)
    changed["data"]["identifiers"] = [{"type": "doi", "value": "10.5555/new"}]
    world.tell(changed)
    before = len(office.weather.calls)
    world.settle(office)

    assert len(office.weather.calls) - before <= 5
    assert {one.put_code: one.origin for one in world.store.items.facts(person_id(1)).published} == {
        ours.put_code: Origin.CREATED,
        theirs.put_code: Origin.ADOPTED,
    }
    assert world.states() == {ItemState.HELD: 1}

    delete_item(world.sandbox, world.orcid(1), theirs.put_code)
    world.store.items.unpublish(world.orcid(1), Section.WORK, theirs.put_code)  # as `verify --repair` finds out
    world.store.agenda.changed(person_id(1), 0.0, 0.0)
    world.settle(office)
    assert world.states() == {ItemState.IN_SYNC: 1}


def doubled(world: World, policy: Policy) -> Office:
    """Two source records of one DOI, whose item the researcher removed."""
    office = a_world(world, policy)
    world.tell(work(1) | {"subject": "the same"})
    world.settle(office)
    remove(world, office)
    return office


@pytest.mark.parametrize("holds_the_tombstone", [True, False])
def test_what_is_sent_again_is_found_by_its_slot(world: World, *, holds_the_tombstone: bool) -> None:
    """Whichever of the records that ORCID counts as one holds what is known of the removed item."""
    office = doubled(world, Policy(settle_seconds=10.0))
    tombstone = standing(world)
    records = {item.key.record for item in world.store.items.facts(person_id(1)).wanted}
    (other,) = records - {tombstone.item.record}

    assert resend(world.store, person_id(1), tombstone.item.record if holds_the_tombstone else other) == 1
    world.settle(office)

    assert len(world.titles(1)) == 1
    assert resend(world.store, person_id(1), other) == 0


def test_all_tombstones_of_a_slot_are_gone_at_once(world: World) -> None:
    """Two items were removed before a third made one of them: each of their records has it sent again."""
    world.connect(1)
    office = world.office()
    world.tell(work(1, 0), work(1, 1))
    world.settle(office)
    for one in world.store.items.facts(person_id(1)).published:
        delete_item(world.sandbox, world.orcid(1), one.put_code)
    both = work(1, 2)
    both["data"]["identifiers"] = [work(1, n)["data"]["identifiers"][0] for n in (0, 1)]
    world.tell(work(1, 0, sequence=2, title="A"), work(1, 1, sequence=2, title="B"))
    world.settle(office)
    world.tell(both)
    world.settle(office)
    record = next(item.key.record for item in world.store.items.facts(person_id(1)).wanted)
    assert world.titles(1) == []

    assert resend(world.store, person_id(1), record) == 1
    world.settle(office)
    assert len(world.titles(1)) == 1
