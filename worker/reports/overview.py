"""The overview: how everything stands, at one look."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from state.brake_facts import Brake
from state.facts import GapNote, ItemState
from state.job_facts import JobState
from state.permission_facts import PERMISSIONS, permission_word
from state.store import Store
from worker.calling.circuit import read_circuit
from worker.intake.flood import standing_flood
from worker.note_names import CIRCUIT
from worker.reports.held import count_held
from worker.reports.status import DAY_SECONDS

REASONS = 50
"""How many reasons are told, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What takes a pass over whole tables, as it was at the time `at` of the store's clock.

    `people` counts by permission, `due` who is due now or later, `held` what waits for an operator's word.
    """

    at: float
    items: Mapping[ItemState, int]
    reasons: Sequence[tuple[ItemState, str, int]]
    people: Mapping[str, int]
    due: int
    held: int


def count_overview(store: Store) -> Iterator[Counted]:
    """Once. Raises StoreError."""
    now = store.now()
    words = Counter(permission_word(one, now) for one in store.grants.permissions())
    yield Counted(
        at=now,
        items=store.items.counts(),
        reasons=store.items.reasons(REASONS),
        people={word: words[word] for word in PERMISSIONS},
        due=store.agenda.all_due(),
        held=count_held(store),
    )


@dataclass(frozen=True, slots=True)
class Overview:
    """How everything stands. `counted` was made `counted_seconds_ago`; it is None while it is made the first time.

    `jobs` counts by state (those that ended, of the last day). `stopped_why` is empty while we send, `reading_stopped`
    while topics are read. `oldest_due_seconds` is how long the person who waits longest has been due, 0 when nobody is.
    """

    counted: Counted | None
    counted_seconds_ago: float
    oldest_due_seconds: float
    dead_letters: int
    gaps: Sequence[GapNote]
    budget_used_ratio: float
    stopped_until: float
    stopped_why: str
    paused: Sequence[Brake]
    reading_stopped: str
    jobs: Mapping[JobState, int]


def read_overview(store: Store, burst: float, counted: Counted | None) -> Overview:
    """The overview of now, with what was counted last; `burst` is the whole of the request budget. Raises StoreError.

    Asks what indexes answer at once, however large the state is.
    """
    now = store.now()
    next_at = store.agenda.next_at()
    circuit = read_circuit(store.notes.get(CIRCUIT))
    return Overview(
        counted=counted,
        counted_seconds_ago=0.0 if counted is None else max(0.0, now - counted.at),
        oldest_due_seconds=0.0 if next_at is None else max(0.0, now - next_at),
        dead_letters=store.letters.count(),
        gaps=store.logs.gaps(),
        budget_used_ratio=store.turns.used_ratio(burst),
        stopped_until=circuit.until if circuit else 0.0,
        stopped_why=circuit.why if circuit else "",
        paused=store.brakes.all(),
        reading_stopped=standing_flood(store) or "",
        jobs=store.jobs.counts(now - DAY_SECONDS),
    )
