"""The metrics by name: what each tells, its labels, and the values of those that are a closed set.

A gauge of the store is the same on every replica (`max` over them, never `sum`). What a process counts is its own, from
its start on (`sum` of rates over replicas).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mappers.events.faults import LEFT, RETURNED
from mappers.events.people_in_data import MERGED
from mappers.events.permissions import GRANTED, REVOKED
from mappers.families.registry import FAMILIES
from mappers.sections import Section
from state.facts import ItemState
from state.job_facts import JobState
from state.permission_facts import GrantState

STUCK = (ItemState.REFUSED, ItemState.HELD, ItemState.IN_DOUBT, ItemState.STRANDED)
"""States in which an item stays until somebody decides, mends or finds out: whose they are is counted, too."""
EVENT_TYPES = frozenset(
    {
        *(f"{entity}.{end}" for entity in FAMILIES if entity not in {LEFT, MERGED} for end in ("changed", "removed")),
        *(LEFT, RETURNED, MERGED, GRANTED, REVOKED),
    }
)
UNKNOWN_TYPE = "unknown"
"""What the type of all other events is called here."""
WHOLE_RECORD = "record"
"""What a call that reads all sections of a record counts under."""

_SHARED = "The same on every replica."
_OWN = "Of this process."


@dataclass(frozen=True, slots=True)
class Named:
    """A metric: its name, what it tells, and its labels. `values` holds all that a label may say, where that is known.

    `sums` is how replicas are put together: a sum of what each has, else the greatest, for all say the same.
    """

    name: str
    help: str
    labels: tuple[str, ...] = ()
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sums: bool = False


def _of(*values: str) -> frozenset[str]:
    return frozenset(values)


EVENTS = Named(
    "orcid_sync_events_total",
    f"Events taken, by what became of them. {_OWN}",
    ("type", "result"),
    {
        "type": EVENT_TYPES | {UNKNOWN_TYPE},
        "result": _of("applied", "unchanged", "superseded", "dead_letter", "erased", "skipped"),
    },
    sums=True,
)
CALLS = Named(
    "orcid_sync_calls_total",
    f"Calls to ORCID's API, by what was answered (status none: no reply). {_OWN}",
    ("method", "section", "status", "error_code"),
    {
        "method": _of("GET", "POST", "PUT", "DELETE"),
        "section": _of(*(one.value for one in Section), "group-id-record", WHOLE_RECORD),
    },
    sums=True,
)
CALL_SECONDS = Named("orcid_sync_call_seconds", f"How long calls to ORCID's API took, in seconds. {_OWN}", sums=True)
INBOX_MESSAGES = Named(
    "orcid_sync_inbox_messages_total",
    f"Messages that calls left in researchers' inboxes. {_OWN}",
    ("section",),
    {"section": _of(*(one.value for one in Section if one.notifies))},
    sums=True,
)
SPANS = Named(
    "orcid_sync_spans_total",
    f"Spans of traces, by whether the collector has them or they were lost on the way. {_OWN}",
    ("result",),
    {"result": _of("sent", "lost")},
    sums=True,
)
CONSUMER_LAG = Named(
    "orcid_sync_consumer_lag",
    f"Messages behind the position of each partition that is read. {_OWN}",
    ("topic", "partition"),
    sums=True,
)
SOURCE_DOWN = Named("orcid_sync_source_down", f"1 while Kafka keeps messages from being read. {_OWN}")
STORE_UP = Named(
    "orcid_sync_store_up",
    f"1 when the store answered this scrape; the gauges of its state are absent else. {_OWN}",
)
TURNS_FAILING_SECONDS = Named(
    "orcid_sync_turns_failing_seconds",
    "Seconds since the store refused the first of the loop's turns that it refuses in a row; 0 while it refuses none."
    f" {_OWN}",
)
MAPPING_ANEW = Named(
    "orcid_sync_mapping_anew", f"1 while source records are mapped anew, and nothing is sent meanwhile. {_OWN}"
)
COUNTS_AGE_SECONDS = Named(
    "orcid_sync_counts_age_seconds",
    f"How long ago items, people and grants were counted, in seconds; absent before they were. {_SHARED}",
)
ITEMS = Named(
    "orcid_sync_items",
    f"Wanted items by how far they have come. {_SHARED}",
    ("state",),
    {"state": _of(*(one.value for one in ItemState))},
)
PEOPLE = Named(
    "orcid_sync_people",
    f"People with an item in a state that somebody has to end. {_SHARED}",
    ("state",),
    {"state": _of(*(one.value for one in STUCK))},
)
PEOPLE_DUE = Named("orcid_sync_people_due", f"People whose record is due to be looked at. {_SHARED}")
OLDEST_DUE_SECONDS = Named(
    "orcid_sync_oldest_due_seconds", f"How long the record due longest has been due, in seconds. {_SHARED}"
)
PEOPLE_FAILING = Named(
    "orcid_sync_people_failing",
    f"People whose last try failed; they rest before the next, and are not due meanwhile. Counted to 1,000. {_SHARED}",
)
FAILURES_IN_A_ROW = Named(
    "orcid_sync_failures_in_a_row", f"The most tries that failed for one person, one after the other. {_SHARED}"
)
LAST_SUCCESS = Named(
    "orcid_sync_last_success_timestamp_seconds",
    f"When a call last changed a record, to some seconds; absent before the first. {_SHARED}",
)
BUDGET_USED_RATIO = Named(
    "orcid_sync_budget_used_ratio", f"Share of the request budget's burst that is spent, 0 to 1. {_SHARED}"
)
BUDGET_RATE = Named(
    "orcid_sync_budget_rate",
    "Requests a second that the budget lets through now: fewer after ORCID asked to slow down, 0 while it has us wait."
    f" {_SHARED}",
)
BUDGET_LIMIT = Named("orcid_sync_budget_limit", f"Requests a second that the settings allow. {_SHARED}")
SENDING_OFF = Named(
    "orcid_sync_sending_off",
    "1 while nothing is sent for anybody: ORCID_SYNC_SEND is off, or the first send to production was never approved."
    f" {_SHARED}",
)
CIRCUIT_OPEN = Named(
    "orcid_sync_circuit_open", f"1 from when all sending stopped until a call succeeded again. {_SHARED}"
)
IS_PAUSED = Named("orcid_sync_paused", f"1 while an operator has paused something. {_SHARED}")
ALL_PAUSED = Named("orcid_sync_all_paused", f"1 while an operator has paused all sending. {_SHARED}")
INTAKE_STOPPED = Named(
    "orcid_sync_intake_stopped",
    f"1 while nothing is read because most of it can't be taken, until an operator decides. {_SHARED}",
)
RECOVERING = Named(
    "orcid_sync_recovering", f"1 while records are listed because the store was lost or restored. {_SHARED}"
)
DEAD_LETTERS = Named("orcid_sync_dead_letters", f"Dead letters that nobody has settled. {_SHARED}")
GAPS = Named("orcid_sync_gaps", f"Gaps in the logs that nobody has closed. {_SHARED}")
GRANTS = Named(
    "orcid_sync_grants",
    f"Grants by state. {_SHARED}",
    ("state",),
    {"state": _of(*(one.value for one in GrantState))},
)
JOBS = Named(
    "orcid_sync_jobs",
    f"Jobs by state; those that ended, for a day. {_SHARED}",
    ("state",),
    {"state": _of(*(one.value for one in JobState))},
)
DRIFT = Named(
    "orcid_sync_drift",
    "Differences that the last drift check of everybody left, without what another system put there by our client;"
    f" absent before the first. {_SHARED}",
)

METRICS = (
    EVENTS,
    CALLS,
    CALL_SECONDS,
    INBOX_MESSAGES,
    SPANS,
    CONSUMER_LAG,
    SOURCE_DOWN,
    STORE_UP,
    TURNS_FAILING_SECONDS,
    MAPPING_ANEW,
    COUNTS_AGE_SECONDS,
    ITEMS,
    PEOPLE,
    PEOPLE_DUE,
    OLDEST_DUE_SECONDS,
    PEOPLE_FAILING,
    FAILURES_IN_A_ROW,
    LAST_SUCCESS,
    BUDGET_USED_RATIO,
    BUDGET_RATE,
    BUDGET_LIMIT,
    SENDING_OFF,
    CIRCUIT_OPEN,
    IS_PAUSED,
    ALL_PAUSED,
    INTAKE_STOPPED,
    RECOVERING,
    DEAD_LETTERS,
    GAPS,
    GRANTS,
    JOBS,
    DRIFT,
)
