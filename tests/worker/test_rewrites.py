"""The rewrite limit: more updates without a new event behind them than the limit are held, and an operator decides."""

import json

import pytest

from mappers.documents import load
from mappers.events.messages import Message, Place
from mappers.mapping import map_record
from mappers.mapping_file import parse_mapping
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey, WantedItem
from state.facts import ItemState, Published
from state.store import Store
from tests.worker.builders import JOSIAH, NOW, PERSON, grant
from worker.intake import remapping
from worker.intake.anew import note_unseen
from worker.intake.intake import Intake, Tempo
from worker.intake.wants import want
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.ports import Batch

PLAIN = ""
MAPPED = '[work_types]\n"journal-article" = "report"\n'
WORKS = 3


def event(number: int, sequence: int = 1, kind: str = "journal-article") -> Message:
    """A work of the person."""
    content = {
        "specversion": "1.0",
        "id": f"{number}-{sequence}",
        "source": "/repository",
        "type": "publication.changed",
        "subject": f"W{number}",
        "sequence": str(sequence),
        "data": {
            "title": f"Work {number}",
            "type": kind,
            "contributors": [{"person": {"id": PERSON}, "name": "Kea, Tui"}],
            "identifiers": [{"type": "doi", "value": f"10.5555/{number}"}],
        },
    }
    return Message(Place("log", number), json.dumps(content).encode())


def intake(store: Store, mapping: str = PLAIN, limit: int = WORKS - 1) -> Intake:
    """The intake under a mapping file and a limit."""
    return Intake(store, parse_mapping(mapping), Tempo(0.0, 0.0), None, limit)


@pytest.fixture
def filled(store: Store) -> Store:
    """Three works wanted and published, as they were mapped without a mapping file; nobody is due."""
    store.grants.put(grant())
    intake(store).take(Batch([event(number) for number in range(WORKS)]), NOW)
    publish(store)
    for due in store.agenda.due(NOW, 10):
        store.agenda.retry(due.person, None, due.revision, 0)
    return store


def publish(store: Store) -> None:
    """Everything stands on the record as it is wanted."""
    for put_code, item in enumerate(store.items.facts(PERSON).wanted, 7):
        key, ids = item.key, item.self_ids
        store.items.publish(Published(PERSON, JOSIAH, key.section, put_code, key, item.digest or "", None, ids))


def updates(store: Store) -> int:
    """How many updates would be made now."""
    return sum(isinstance(step, steps.Update) for step in plan(store.items.facts(PERSON), Policy(), NOW).calls)


def standings(store: Store) -> set[tuple[ItemState, str]]:
    """How far the items have come."""
    return {(one.state, one.reason) for one in plan(store.items.facts(PERSON), Policy(), NOW).standings}


def hold(store: Store) -> str:
    """The only hold."""
    ((found, _, _),) = store.items.holds()
    return found


def test_up_to_the_limit_updates_go_out(filled: Store) -> None:
    """A small correction of the mapping file needs nobody's word."""
    sum(intake(filled, MAPPED, limit=WORKS).remap())

    assert updates(filled) == WORKS
    assert filled.items.holds() == []
    assert filled.agenda.all_due() == 1


def test_beyond_the_limit_all_of_them_are_held(filled: Store) -> None:
    """The reason names the count, the limit and what to type."""
    sum(intake(filled, MAPPED).remap())

    ((state, reason),) = standings(filled)
    assert updates(filled) == 0
    assert state is ItemState.HELD
    assert reason == (
        "3 updates have no new event behind them, more than 2 (ORCID_SYNC_MAX_REWRITES):"
        f" `orcid-sync approve {hold(filled)}`"
    )


def test_what_is_mapped_otherwise_and_takes_anothers_place_is_counted(filled: Store) -> None:
    """By one change of the mapping file: nothing of its own stands on the record."""
    others = [json.loads(event(number).value or b"") | {"source": "/zoo"} for number in range(WORKS)]
    messages = [Message(Place("zoo", number), json.dumps(one).encode()) for number, one in enumerate(others)]
    intake(filled).take(Batch(messages), NOW)
    for item in filled.items.facts(PERSON).wanted:
        merged = item.key.record.source == "/zoo"
        filled.items.set_state(item.key, ItemState.MERGED if merged else ItemState.IN_SYNC, "")
    policy = Policy(precedence={"/zoo": 1})
    note_unseen(filled, "policy")

    sum(Intake(filled, parse_mapping(MAPPED), Tempo(0.0, 0.0), None, WORKS - 1, policy=policy).remap())

    calls = plan(filled.items.facts(PERSON), policy, NOW).calls
    assert ([number for _, _, number in filled.items.holds()], list(calls)) == ([WORKS], [])


def test_while_records_are_still_mapped_nothing_of_it_goes_out(filled: Store) -> None:
    """Another process may send meanwhile; a start that was cut off is counted at the next one."""
    next(intake(filled, MAPPED).remap(limit=1))
    assert updates(filled) == 0
    assert (ItemState.HELD, "the mapping changed: what that changes is counted before any of it is sent") in standings(
        filled
    )

    sum(intake(filled, MAPPED, limit=WORKS).remap(limit=1))

    assert updates(filled) == WORKS


def test_other_work_goes_on(filled: Store) -> None:
    """A work that comes anew, and one that is added by the new mapping, are no updates."""
    intake(filled, PLAIN).take(Batch([event(8, kind="poem")]), NOW)

    sum(intake(filled, MAPPED + 'poem = "other"\n').remap())
    intake(filled, MAPPED).take(Batch([event(9)]), NOW)

    (call,) = plan(filled.items.facts(PERSON), Policy(), NOW).calls
    assert isinstance(call, steps.AddWorks)
    assert len(call.adds) == 2


def test_approved_they_go_out(filled: Store) -> None:
    """And the person is due at once."""
    sum(intake(filled, MAPPED).remap())
    for due in filled.agenda.due(NOW, 10):
        filled.agenda.retry(due.person, None, due.revision, 0)

    assert remapping.approve(filled, hold(filled))

    assert updates(filled) == WORKS
    assert filled.agenda.all_due() == 1
    assert not remapping.approve(filled, "mapping-00000000")


def test_rejected_they_stay_as_they_stand(filled: Store) -> None:
    """Through any later start, and no approval brings them back."""
    sum(intake(filled, MAPPED).remap())
    held = hold(filled)

    assert remapping.reject(filled, held)
    sum(intake(filled, MAPPED, limit=WORKS).remap())

    assert standings(filled) == {(ItemState.HELD, "rejected: it stays as it stands until its source speaks again")}
    assert not remapping.approve(filled, held)
    assert not remapping.approve(filled, remapping.REJECTED)


@pytest.mark.parametrize("rejected", [pytest.param(False, id="held"), pytest.param(True, id="rejected")])
@pytest.mark.parametrize("kind", ["journal-article", "book"])
def test_a_new_event_frees_its_item(filled: Store, kind: str, *, rejected: bool) -> None:
    """Whether it says the same as before or not; the others stay held."""
    sum(intake(filled, MAPPED).remap())
    if rejected:
        remapping.reject(filled, hold(filled))

    intake(filled, MAPPED).take(Batch([event(1, sequence=2, kind=kind)]), NOW)

    assert updates(filled) == 1
    assert len(standings(filled)) == 2


def test_the_same_event_again_frees_nothing(filled: Store) -> None:
    """A replay is no new word."""
    sum(intake(filled, MAPPED).remap())

    intake(filled, MAPPED).take(Batch([event(1)]), NOW)

    assert updates(filled) == 0


def test_a_mapping_file_put_back_leaves_nothing_held(filled: Store) -> None:
    """What is wanted is what stands again."""
    sum(intake(filled, MAPPED).remap())

    sum(intake(filled, PLAIN).remap())

    assert standings(filled) == {(ItemState.IN_SYNC, "")}
    assert filled.items.holds() == []


def test_what_a_rewrite_sends_is_limited_as_well(filled: Store) -> None:
    """`sync --rewrite` has no new event behind it either."""
    for put_code in range(7, 7 + WORKS):
        one = filled.items.published_as(JOSIAH, Section.WORK, put_code)
        assert one is not None
        filled.items.publish(Published(PERSON, JOSIAH, Section.WORK, put_code, one.item, "before", None, one.self_ids))
        (item,) = (item for item in filled.items.facts(PERSON).wanted if item.key == one.item)
        text = filled.items.document(item.key)
        assert text is not None
        filled.items.want(type(item)(item.key, item.digest, item.self_ids, same_as="before"), text[1])
    assert standings(filled) == {(ItemState.IN_SYNC, "")}

    sum(intake(filled).rewrite())

    assert {state for state, _ in standings(filled)} == {ItemState.HELD}
    assert hold(filled).startswith("form-")


def test_what_the_new_mapping_no_longer_makes_is_withdrawn(filled: Store) -> None:
    """An item of the record that the old mapping made, as an address or identifier that is called otherwise now."""
    record = SourceKey("/repository", "publication", "W1")
    text, found = filled.items.document(ItemKey(PERSON, Section.WORK, record)), filled.records.record(record)
    assert text is not None
    assert found is not None
    (kept,) = map_record(record, json.loads(found.data), parse_mapping(PLAIN))
    other = ItemKey(PERSON, Section.WORK, record, "another part")
    want(filled, record, [kept, WantedItem(other, load(text[1]))])

    sum(intake(filled, MAPPED).remap())

    assert [one.key for one in filled.items.of_record(record) if one.withdrawn] == [other]
