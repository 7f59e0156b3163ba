"""Dead letters whose cause may be gone are tried again without being asked, and are there once when it is not."""

import json

import pytest

from mappers.events.faults import REASONS, Reason, Rule, reason_of
from mappers.mapping_file import parse_mapping
from mappers.wanted import SourceKey
from state.facts import Scheme
from state.permission_facts import GrantState
from state.store import Store
from tests.worker.builders import JOSIAH, NOW
from tests.worker.messages import a_publication, a_removal, an_event, of_file, of_topic
from worker.intake.bad_events import AGAIN_SECONDS, decided_by
from worker.intake.intake import Intake, Tempo
from worker.intake.ordering import reset_order
from worker.intake.releasing import release_changed, release_due
from worker.ports import Batch

EMPTY = parse_mapping("")
RECORD = SourceKey("/repository", "publication", "1")


def intake(store: Store, mapping: str = "") -> Intake:
    """With this mapping file."""
    return Intake(store, parse_mapping(mapping), Tempo(0.0, 0.0))


def take(store: Store, *events: bytes, live: bool = False) -> None:
    """Takes events from a file, or from their topic."""
    messages = [of_topic(one, number) if live else of_file(one) for number, one in enumerate(events)]
    intake(store).take(Batch(messages), NOW)


def rules(store: Store) -> list[str]:
    """What is open, by rule."""
    return [letter.rule for letter in store.letters.open()]


def test_every_rule_has_a_class() -> None:
    """So that an operator knows who can mend it."""
    assert set(REASONS) == set(Rule)
    assert set(REASONS.values()) == set(Reason)
    assert [reason_of(rule) for rule in Rule] == list(REASONS.values())
    assert reason_of("of a later version") is Reason.INTERNAL


def test_what_came_too_early_is_taken_when_its_time_has_come(store: Store) -> None:
    """Not a second before; and only once."""
    take(store, an_event(a_publication(), time="2026-01-01T00:00:00Z"))
    (letter,) = store.letters.open()
    assert letter.again_at is not None

    assert release_due(intake(store), store, letter.again_at - 1.0) == 0
    assert rules(store) == ["time-ahead"]
    assert release_due(intake(store), store, letter.again_at) == 1
    assert release_due(intake(store), store, letter.again_at) == 0
    assert store.records.record(RECORD) is not None


def test_what_contradicts_another_permission_is_tried_again_every_hour(store: Store) -> None:
    """Until that has ended."""
    data = {"access_token": "t", "expires_in": 1000, "scope": "/activities/update", "orcid": JOSIAH}
    events = [an_event({"person_id": one, **data}, type="permission.granted", subject=one) for one in ("E1", "E2")]
    take(store, *events, live=True)
    assert rules(store) == ["conflict"]

    assert release_due(intake(store), store, NOW + AGAIN_SECONDS) == 0
    assert [one.again_at for one in store.letters.open()] == [NOW + 2 * AGAIN_SECONDS]
    assert rules(store) == ["conflict"]
    store.people.erase("E1")

    assert release_due(intake(store), store, NOW + 2 * AGAIN_SECONDS) == 1
    granted = store.grants.active("E2")
    assert granted is not None
    assert granted.state is GrantState.ACTIVE


def test_all_are_tried_again_when_the_mapping_file_changed(store: Store) -> None:
    """Once for each change; what fails again is there once, as it was."""
    take(store, b"nonsense", an_event(a_publication(), time=None))
    before = list(store.letters.open())
    by_time = '[sources."/repository"]\norder = "time"\n'

    assert sum(release_changed(intake(store), store)) == 0
    assert list(store.letters.open()) == before
    take(store, an_event(a_publication(), time=None, subject="2"))
    assert sum(release_changed(intake(store), store)) == 0
    assert next(release_changed(intake(store, by_time), store)) == 0
    assert list(release_changed(intake(store, by_time), store)) == [0]
    assert list(release_changed(intake(store, by_time), store)) == []
    assert sorted(rules(store)) == ["no-order", "no-order", "not-json"]
    told = {letter.message for letter in store.letters.open() if letter.rule == "no-order"}
    assert told == {"time: is missing: time orders the events of /repository"}


def test_what_decides_about_events_is_told_alike_by_every_process() -> None:
    """By all that the mapping file says, formats among it, and not by how it is written."""
    rest = "topics = ['rows']\nsource = \"'/hr'\"\nsubject = 'id'\n"
    formats = [f"[formats.rows]\n{rest}type = '{given}'\n" for given in ("kind", "type")]
    assert len({decided_by(parse_mapping(text)) for text in (*formats, *formats, "")}) == 3
    assert decided_by(EMPTY) == decided_by(parse_mapping("# nothing\n"))
    assert decided_by(EMPTY) != decided_by(parse_mapping('[sources."/hr"]\norder = "time"\n'))


@pytest.mark.parametrize(
    ("since", "revived"),
    [
        pytest.param({"sequence": "900"}, False, id="as-old-by-sequence"),
        pytest.param({"sequence": "902"}, True, id="newer-by-sequence"),
        pytest.param({"sequence": "1", "time": "2025-11-20T00:00:00Z"}, False, id="lower-and-from-before"),
        pytest.param({"sequence": "1", "time": "2099-01-01T00:00:00Z"}, True, id="lower-and-from-since-then"),
        pytest.param({"time": "2025-11-20T00:00:00Z"}, False, id="by-time-from-before"),
        pytest.param({"sequence": "1", "time": None}, False, id="lower-and-from-who-knows-when"),
    ],
)
def test_what_was_removed_stays_so_until_a_newer_word(
    store: Store, since: dict[str, str | None], *, revived: bool
) -> None:
    """After its source's order was forgotten, no log from before revives it."""
    take(store, an_event(a_publication(), sequence="900"), a_removal(sequence="901"))
    reset_order(store, "/repository")

    take(store, an_event(a_publication(), id="since", **since))

    record = store.records.record(RECORD)
    assert record is not None
    assert record.removed is not revived


def test_a_removal_without_a_version_takes_the_one_from_before(store: Store) -> None:
    """And stays one: an old log revives nobody then, either."""
    take(store, an_event(a_publication(), sequence="900"))
    reset_order(store, "/repository")
    take(store, a_removal(sequence=None, time=None), live=True)
    record = store.records.record(RECORD)
    assert record is not None
    assert (record.removed, record.scheme, json.loads(record.data or "{}")) == (True, Scheme.SEQUENCE, {})

    take(store, an_event(a_publication(), sequence="900"))

    assert store.records.record(RECORD) == record
