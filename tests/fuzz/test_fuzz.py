"""Fuzzing: whatever comes from outside, parser, mapper and reply table have an answer. `make fuzz` runs a million."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import structlog

from mappers.events.faults import Rule
from mappers.events.messages import LogId, Message, Place
from state.memory.store import MemoryStore
from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault, new_key
from tests.fakes.set_clock import SetClock
from tests.fuzz import events, replies
from tests.fuzz.trials import trials
from tests.turning.worlds import NOW, Office, World, employment, work
from worker.intake.intake import Intake, Tempo
from worker.note_names import CIRCUIT
from worker.planning.policy import Policy
from worker.ports import Batch

EVENTS = 50_000
REPLIES = 10_000
STORED = 2_000
ANSWERED = 200
MET = (
    *(Rule.NOT_JSON, Rule.NOT_UTF8, Rule.BAD_CHARACTER, Rule.TOO_DEEP, Rule.DUPLICATE_KEY, Rule.NOT_AN_OBJECT),
    *(Rule.SPEC_VERSION, Rule.MISSING_FIELD, Rule.WRONG_TYPE, Rule.WRONG_FORM, Rule.TOO_LONG, Rule.NOT_ALLOWED),
    *(Rule.UNKNOWN_TYPE, Rule.NO_ORDER, Rule.FORMAT),
)
"""Rules that malformed events break in any few thousand."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of lines about what is wrong with what nobody sent."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty one of each kind."""
    made: Store = (
        MemoryStore(lambda: NOW)
        if request.param == "memory"
        else SqliteStore(tmp_path / "state.db", Vault([new_key()]), lambda: NOW)
    )
    yield made
    made.close()


@pytest.mark.parametrize("seed", range(5))
def test_malformed_events_are_dead_letters_or_refused(seed: int) -> None:
    """No exception but the typed refusal; all kinds of it are met."""
    found = trials(events.trial, seed, 0, EVENTS // 5)

    assert {"mapped", "refused", "removed", "PermissionGranted"} <= set(found)
    assert {f"dead letter: {rule}" for rule in MET} <= set(found)


def test_malformed_replies_have_a_verdict() -> None:
    """Each is given to everybody who reads replies: the reply table, lists, items, tokens, notifications."""
    found = trials(replies.trial, 0, 0, REPLIES)

    assert {"Created", "Duplicate", "InDoubt", "Refused", "Stop", "Suspended", "Throttled", "Unpermitted"} <= set(found)


def test_whatever_was_taken_can_be_kept(store: Store) -> None:
    """Through the intake into a store: none of them fails inside."""
    intake = Intake(store, events.FILES[1], Tempo(0.0, 0.0))
    rng, log = Random(7), LogId("cluster", "topic-id", "all", 0)
    right = Message(Place("hr.jsonl", 1), json.dumps(events.RIGHT[0]).encode())
    for first in range(0, 3 * STORED, 300):  # with more right ones than wrong ones, for a flood would be stopped
        messages = [one for _ in range(100) for one in (events.message(rng), right, right)]
        placed = [
            Message(Place("all", first + number, log), one.value, one.headers, live=True)
            for number, one in enumerate(messages)
        ]
        intake.take(Batch(placed), NOW)

    assert [letter for letter in store.letters.all() if letter.rule == Rule.INTERNAL] == []
    assert store.logs.position(log) == 3 * STORED
    assert all(str(letter.message).isprintable() for letter in store.letters.all())


def test_a_record_outlives_malformed_replies(store: Store) -> None:
    """The loop goes on, whatever it is answered; what it says of it is one line."""
    clock, rng = SetClock(NOW), Random(11)
    world = World(store, clock)
    office = world.office(chance=rng.random, policy=Policy(settle_seconds=1.0))
    hostile = replies.HostileOrcid(office.weather.inner, rng)
    office.weather.inner = hostile
    person = 0
    while hostile.malformed < ANSWERED:
        person += 1
        world.connect(person)
        world.tell(employment(person), *[work(person, number) for number in range(3)])
        for _ in range(12):
            _turn(office, world, rng)
    world.close()

    reasons = [item.reason for one in store.items.persons() for item in store.items.facts(one).wanted]
    assert all(reason.isprintable() and len(reason) < 1_000 for reason in reasons)
    assert world.sky.crossings == []


def _turn(office: Office, world: World, rng: Random) -> None:
    """One turn, and the time till the next; nobody stays stopped, broken or suspended for long."""
    office.turn()
    world.clock.advance(rng.choice((0.0, 1.0, 60.0, 3600.0)))
    if rng.random() < 0.3:
        world.store.notes.put(CIRCUIT, None)
