"""Mapping again from the store: what a changed mapping file, a new mapping number and `sync --rewrite` send."""

import json

import pytest

import worker.intake.intake
from mappers.events.messages import Message, Place
from mappers.mapping import MAPPING_NUMBER
from mappers.mapping_file import parse_mapping
from state.store import Store
from tests.benchmarks.institution import work_event
from tests.worker.builders import NOW
from worker.intake.intake import Intake, Tempo
from worker.ports import Batch

PLAIN = ""
MAPPED = '[work_types]\n"journal-article" = "report"\n'


def intake(store: Store, mapping: str = PLAIN) -> Intake:
    """The intake under a mapping file."""
    return Intake(store, parse_mapping(mapping), Tempo(0.0, 0.0))


def take(store: Store) -> None:
    """One publication, mapped without a mapping file; nobody is due any more."""
    message = Message(Place("log", 1), json.dumps(work_event(1, 0)).encode())
    intake(store).take(Batch([message]), NOW)
    for due in store.agenda.due(NOW, 10):
        store.agenda.retry(due.person, None, due.revision, 0)


def document(store: Store) -> str:
    """The document that is wanted."""
    (item,) = store.items.facts("E00001").wanted
    found = store.items.document(item.key)
    assert found is not None
    return found[1]


def test_a_changed_mapping_file_maps_again_and_sends_what_differs(store: Store) -> None:
    """Never from Kafka: from what the store kept."""
    take(store)

    assert sum(intake(store, MAPPED).remap()) == 1
    assert '"type":"report"' in document(store)
    assert store.agenda.all_due() == 1
    assert sum(intake(store, MAPPED).remap()) == 0


def test_an_unchanged_mapping_file_maps_nothing(store: Store) -> None:
    """The revision tells."""
    take(store)

    assert sum(intake(store).remap()) == 0


def test_what_only_planning_goes_by_maps_nothing(store: Store) -> None:
    """Sections, exclusions, leavers, precedence and formats change what is planned, not what is mapped."""
    take(store)
    planning = (
        '[sections.work]\nenabled = false\n[leavers]\naction = "freeze"\n[[exclusions]]\npeople = ["E00001"]\n'
        'action = "freeze"\n[sources."/repository"]\nprecedence = 3\nwins = ["title"]\n'
    )

    assert sum(intake(store, planning).remap()) == 0


def test_a_new_mapping_number_calls_nobody_until_a_rewrite(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only the code maps otherwise travels with the next event, or with `sync --rewrite`."""
    take(store)
    monkeypatch.setattr(
        worker.intake.intake, "mapping_revision", lambda mapping: f"{MAPPING_NUMBER + 1}:{mapping.revision}"
    )

    assert sum(intake(store).remap()) == 1
    assert store.agenda.all_due() == 0
    assert sum(intake(store).rewrite()) == 1
    assert sum(intake(store).rewrite()) == 0


def test_a_record_that_cannot_be_mapped_any_more_keeps_its_items_and_stops_nobody(store: Store) -> None:
    """Data that an older version took and this one would not."""
    take(store)
    ((record,), _) = store.records.outdated("other", 10)
    store.records.accept(
        type(record)(record.key, record.scheme, "0299", removed=False, data="{}", digest="f", revision="0:0")
    )

    assert sum(intake(store).remap()) == 1
    assert sum(intake(store).remap()) == 0
    assert document(store)
