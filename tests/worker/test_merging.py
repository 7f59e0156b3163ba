"""Two ids that turn out to be one person: what is kept moves, nobody is called, and a replay changes nothing."""

from dataclasses import replace
from typing import Any

import pytest

from mappers.mapping_file import parse_mapping
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import Published, Standing
from state.permission_facts import Forgetting, GrantState, Move
from state.store import Store
from tests.state.helpers import a_grant
from tests.worker.builders import JOSIAH, LAURE, NOW, PERSON
from tests.worker.journeys import Journey
from tests.worker.messages import a_publication, an_event, of_file, of_topic
from worker.calling import replies
from worker.intake.intake import Intake, Tempo
from worker.people.merging import MergeRefused, merge_people
from worker.ports import Batch
from worker.recording.merged import canonical_sent

RECORD = SourceKey("/repository", "publication", "1")


def take(store: Store, *events: bytes) -> list[str]:
    """Takes events of a log; returns what became of each kind."""
    messages = [of_file(event, line) for line, event in enumerate(events, start=1)]
    taken = Intake(store, parse_mapping(""), Tempo(0.0, 0.0)).take(Batch(messages), NOW)
    return sorted(result for (_, result), number in taken.events.items() for _ in range(number))


def merged(from_: str, into: str, **attributes: Any) -> bytes:
    """The event that says so."""
    data = {"from": from_, "into": into}
    return an_event(data, type="hr.person.merged", source="/hr", subject=from_, **attributes)


def stands(person: str, orcid: Any, put_code: int) -> Published:
    """The publication stands on a person's record."""
    item = ItemKey(person, Section.WORK, RECORD)
    return Published(person, orcid, Section.WORK, put_code, item, "d", "own", frozenset({"doi:10.1/moa"}))


def test_the_permission_and_what_stands_move_with_their_put_codes(store: Store) -> None:
    """Also what the researcher removed is not forgotten."""
    take(store, an_event(a_publication("E1")))
    store.grants.put(a_grant("E1", JOSIAH))
    store.items.publish(stands("E1", JOSIAH, 7))
    store.items.publish(replace(stands("E1", JOSIAH, 8), standing=Standing.REMOVED))

    told = merge_people(store, "E1", "E2")

    assert told is not None
    assert (told.items, told.published, told.grants, told.former) == (1, 2, 1, ())
    facts = store.items.facts("E2")
    assert [(one.put_code, one.standing) for one in facts.published] == [(7, Standing.LIVE), (8, Standing.REMOVED)]
    assert [one.key.person for one in facts.wanted] == ["E2"]
    assert facts.grant is not None
    assert not store.items.facts("E1").wanted
    assert store.agenda.of("E2") is not None
    assert store.agenda.of("E1") is None


def test_those_who_are_one_already_stay_so(store: Store) -> None:
    """By whatever ids they are called."""
    assert merge_people(store, "E1", "E1") is None
    assert merge_people(store, "E1", "E2") is not None
    assert merge_people(store, "E1", "E2") is None
    assert merge_people(store, "E2", "E1") is None


@pytest.mark.parametrize(
    ("ours", "theirs", "stays"),
    [pytest.param(2.0, 1.0, JOSIAH, id="ours-is-newer"), pytest.param(1.0, 2.0, LAURE, id="theirs-is-newer")],
)
def test_of_two_permissions_the_newer_stays(store: Store, ours: float, theirs: float, stays: Any) -> None:
    """What stands on the other record belongs there no more; the move away from the one that stays is over."""
    store.grants.put(a_grant("E1", JOSIAH, ours))
    store.grants.put(a_grant("E2", LAURE, theirs))
    store.moves.put(Move("E2", stays))
    told = merge_people(store, "E1", "E2")

    states = {one.orcid: one.state for one in store.grants.of_person("E2")}
    other = LAURE if stays == JOSIAH else JOSIAH
    assert states == {stays: GrantState.ACTIVE, other: GrantState.REPLACED}
    assert told is not None
    assert told.former == (other,)
    assert store.moves.of_person("E2") == []


def test_who_is_forgotten_is_merged_with_nobody(store: Store) -> None:
    """Neither way round."""
    store.blocks.begin(Forgetting("E1", remove_items=False, since=NOW))

    for pair in (("E1", "E2"), ("E2", "E1")):
        with pytest.raises(MergeRefused, match=r"^E1 is forgotten"):
            merge_people(store, *pair)


def test_events_that_still_name_the_old_id_mean_the_new_one(store: Store) -> None:
    """A paper that names both has one item of the one person; a replay of everything changes nothing."""
    events = [an_event(a_publication("E1", "E2", "E3")), merged("E1", "E2")]
    assert take(store, *events) == ["applied", "applied"]
    assert [one.key.person for one in store.items.of_record(RECORD)] == ["E2", "E3"]
    before = store.agenda.revision("E2")

    assert take(store, *events) == ["unchanged", "unchanged"]
    assert store.agenda.revision("E2") == before

    later = an_event(a_publication("E1", title="On moas"), id="e2", time="2025-11-24T16:00:01Z")
    take(store, later)
    assert [(one.key.person, one.withdrawn) for one in store.items.of_record(RECORD)] == [("E2", False), ("E3", True)]


def test_a_merge_comes_before_its_events_or_after(store: Store) -> None:
    """The order does not matter."""
    take(store, merged("E1", "E2"), an_event(a_publication("E1")))

    assert [one.key.person for one in store.items.of_record(RECORD)] == ["E2"]


def test_who_left_under_the_old_id_left_under_the_new_one(store: Store) -> None:
    """Whatever id the event names."""
    left = an_event({"person": {"id": "E1"}}, type="hr.person.left", source="/hr", subject="E1")
    take(store, merged("E1", "E2"), left)

    assert [one.person for one in store.items.facts("E2").departures] == ["E2"]


def test_the_removal_of_a_merge_changes_nothing(store: Store) -> None:
    """They stay one."""
    take(store, merged("E1", "E2"))
    tombstone = of_topic(None, ce_type="hr.person.merged", ce_source="/hr", ce_subject="E1")
    taken = Intake(store, parse_mapping(""), Tempo(0.0, 0.0)).take(Batch([tombstone]), NOW)

    assert dict(taken.events) == {("hr.person.merged", "applied"): 1}
    record = store.records.record(SourceKey("/hr", "hr.person.merged", "E1"))
    assert record is not None
    assert record.removed
    assert "stays one" in store.records.events("/hr", "E1")[-1].detail
    assert store.people.canonical("E1") == "E2"


def test_a_name_is_kept_beside_the_person(store: Store) -> None:
    """It is in no document; it goes with its record, and with the person whom it names."""

    def says(number: int, person: str = "E1", **data: Any) -> bytes:
        said = {"person": {"id": person}, "country": "US", **data}
        when = f"2025-11-24T16:00:0{number}Z"
        return an_event(said, type="hr.person.changed", source="/hr", subject="P-1", id=f"n{number}", time=when)

    take(store, says(1, name="  Sofía García "))
    assert store.people.person("E1").name == "Sofía García"
    (item,) = store.items.facts("E1").wanted
    document = store.items.document(item.key)
    assert document is not None
    assert "Garc" not in document[1]

    take(store, says(2, name="Sofia Garcia"))
    assert store.people.person("E1").name == "Sofia Garcia"
    take(store, says(3, "E2", name="Sofia Garcia"))
    assert (store.people.person("E1").name, store.people.person("E2").name) == ("", "Sofia Garcia")
    take(store, says(4, "E2"))
    assert store.people.person("E2").name == ""
    take(store, says(5, "E2", name="Sofia"))
    removal = an_event({}, type="hr.person.removed", source="/hr", subject="P-1", time="2025-11-24T16:00:06Z")
    take(store, removal)
    assert store.people.person("E2").name == ""


def test_what_is_under_way_meanwhile_belongs_to_the_one_that_stays(journey: Journey) -> None:
    """A POST that is answered after the merge: its item stands under the new id, and nothing under the old one."""
    store = journey.store
    sent = journey.open(journey.add("1"))
    merge_people(store, PERSON, "E2")

    assert canonical_sent(store, sent).intents[0].item.person == "E2"
    journey.reply(sent, replies.Created(77))

    facts = store.items.facts("E2")
    assert [(one.put_code, one.person, one.item.person) for one in facts.published] == [(77, "E2", "E2")]
    assert facts.wanted[0].digest == facts.published[0].digest
    assert not facts.intents
    assert not store.items.facts(PERSON).published
