"""The reply table, row by row: what each answer of ORCID means for the call, the item, the permission and the record.

The rows are those of API_FACTS.md section 12, each told from the answer on the wire to the words that an operator
reads. What answers to group-id records mean is in test_outcomes_groups.py.
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

from state.facts import Intent, Method, Outcome, Standing
from state.permission_facts import GrantState, SuspensionKind
from tests.worker.builders import NOW, PERSON, a_work, reasons_of, states_of, withdrawn
from tests.worker.conftest import Clock
from tests.worker.journeys import SETTLE, Journey
from tests.worker.test_replies import HTML, LOCATION, error, oauth
from tests.worker.test_replies import answer as answered
from worker.calling.aftermath import Aftermath, Follow, GoOn, Halt, Replan, Rest
from worker.calling.replies import read_reply
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.ports import NoAnswer, NoToken, Reply
from worker.recording.sent import DAY
from worker.turning.telling import in_short

ADD, UPDATE, REMOVE, LIST = "add", "update", "remove", "list"
METHODS = {ADD: Method.POST, UPDATE: Method.PUT, REMOVE: Method.DELETE, LIST: None}
CLOSED, OPEN, NONE = "closed", "open", "none"
MERGED_INTO = "0000-0001-5109-3700"


@dataclass(frozen=True, slots=True)
class Row:
    """An answer to a call for item 1, and all that becomes of it. `says` stands in what an operator reads."""

    call: str
    reply: Reply
    aftermath: type
    intent: str
    state: str
    says: str = ""
    grant: GrantState = GrantState.ACTIVE
    suspension: SuspensionKind | None = None
    code: int | None = None


def row(
    call: str, code: int, status: int, aftermath: type, intent: str, state: str, says: str = "", **rest: Any
) -> ParameterSet:
    """A row of an error-code, named by both."""
    told = Row(call, error(status, code, "ORCID's words"), aftermath, intent, state, says, code=code, **rest)
    return pytest.param(told, id=f"{status}/{code} to {call}")


def row_of(one: ParameterSet) -> Row:
    """The row that a test is given."""
    (told,) = one.values
    assert isinstance(told, Row)
    return told


PAYLOAD = (9001, 9006, 9012, 9019, 9020, 9022, 9023, 9024, 9026, 9034, 9037, 9045, 9046, 9047, 9049, 9050, 9051, 9054)
PAYLOAD_TOO = (9055, 9058, 9060, 9061, 9062)
TIMEOUT = NoAnswer("no reply in time", sent=True, late=True)
CUT = NoAnswer("the connection was cut", sent=True, late=False)

ROWS = [
    # It is done.
    pytest.param(Row(ADD, answered(201, location=LOCATION), GoOn, CLOSED, "in_sync"), id="201 to add"),
    pytest.param(Row(UPDATE, answered(200, b"{}"), GoOn, CLOSED, "in_sync"), id="200 to update"),
    pytest.param(Row(REMOVE, answered(204), GoOn, CLOSED, "forgotten"), id="204 to remove"),
    row(REMOVE, 9016, 404, GoOn, CLOSED, "forgotten"),
    # What we say is wrong: it waits for a change.
    *(row(ADD, code, 400, GoOn, CLOSED, "refused", "ORCID refused it: ORCID's words") for code in PAYLOAD),
    *(row(UPDATE, code, 400, GoOn, CLOSED, "refused", "ORCID refused it: ORCID's words") for code in PAYLOAD_TOO),
    row(ADD, 9053, 400, Rest, CLOSED, "pending", "ORCID could not check an ISSN (9053)"),
    row(UPDATE, 9035, 403, GoOn, CLOSED, "refused", "ORCID refused it: ORCID's words"),
    row(UPDATE, 9013, 403, GoOn, CLOSED, "refused", "ORCID's words"),
    row(UPDATE, 9031, 409, GoOn, CLOSED, "refused", "ORCID's words"),
    row(UPDATE, 9052, 403, GoOn, CLOSED, "refused", "ORCID's words"),
    row(REMOVE, 9040, 409, GoOn, CLOSED, "refused", "ORCID refuses to delete put-code 7: ORCID's words"),
    pytest.param(Row(ADD, answered(413, HTML), GoOn, CLOSED, "refused", "ORCID refused it"), id="413 to add"),
    # ORCID has it already.
    row(ADD, 9021, 409, Follow, CLOSED, "pending"),
    row(UPDATE, 9021, 409, Follow, CLOSED, "pending"),
    row(ADD, 9030, 409, Follow, CLOSED, "pending"),
    row(ADD, 9025, 409, Follow, CLOSED, "pending"),
    # The record is full: all works of the person wait, for a day.
    row(ADD, 9048, 409, Replan, CLOSED, "waiting", "the record has 10,000 works, and ORCID takes no more"),
    # The permission.
    pytest.param(
        Row(ADD, oauth(401, "invalid_token"), Replan, CLOSED, "waiting", "revoked or has expired", GrantState.BROKEN),
        id="401 invalid_token to add",
    ),
    pytest.param(
        Row(REMOVE, oauth(401, "invalid_token"), Replan, CLOSED, "pending", "not wanted any more", GrantState.BROKEN),
        id="401 invalid_token to remove: tried once more, for a revoked one serves for that",
    ),
    row(ADD, 9017, 401, Replan, CLOSED, "waiting", "the person has to connect again", grant=GrantState.BROKEN),
    row(ADD, 9002, 401, Replan, CLOSED, "waiting", "revoked or has expired", grant=GrantState.BROKEN),
    *(row(ADD, code, 403, Replan, CLOSED, "waiting", "lacks a scope for work") for code in (9004, 9005, 9038)),
    # Not ours.
    row(UPDATE, 9010, 403, GoOn, CLOSED, "refused", "put-code 7 belongs to another source now (403)"),
    row(UPDATE, 9014, 403, GoOn, CLOSED, "refused", "put-code 7 belongs to another source now (403)"),
    # It is gone: a list has to say so.
    row(UPDATE, 9016, 404, Follow, CLOSED, "in_doubt", "a listing has to confirm that it is gone"),
    # The record takes no writes: looked at again daily.
    row(LIST, 9016, 404, Replan, NONE, "waiting", "does not know this iD", suspension=SuspensionKind.UNKNOWN),
    row(ADD, 9011, 404, Replan, CLOSED, "waiting", "does not know this iD", suspension=SuspensionKind.UNKNOWN),
    row(
        ADD, 9018, 409, Replan, CLOSED, "waiting", "is locked: ORCID's words; looked", suspension=SuspensionKind.LOCKED
    ),
    row(UPDATE, 9036, 409, Replan, CLOSED, "waiting", "is unclaimed: ORCID's", suspension=SuspensionKind.UNCLAIMED),
    row(REMOVE, 9044, 409, Replan, CLOSED, "waiting", "is deactivated: ", suspension=SuspensionKind.DEACTIVATED),
    *(
        pytest.param(
            Row(
                call,
                error(status, 9007, location=f"https://api.orcid.org/v3.0/{MERGED_INTO}/works"),
                Replan,
                NONE if call == LIST else CLOSED,
                "waiting",
                f"is deprecated: {MERGED_INTO} took its place: ask for a permission there"
                f" (orcid-sync permission invite {PERSON})",
                suspension=SuspensionKind.DEPRECATED,
                code=9007,
            ),
            id=f"{status}/9007 to {call}",
        )
        for call, status in ((ADD, 409), (LIST, 301))
    ),
    # Something is wrong with us: nothing more is sent for anybody.
    row(ADD, 9057, 409, Halt, CLOSED, "pending", "ORCID has locked our client (9057): ask ORCID's member support"),
    pytest.param(
        Row(ADD, oauth(403, "forbidden"), Halt, CLOSED, "pending", "ORCID forbids our client to call its member API"),
        id="403 forbidden to add",
    ),
    *(row(UPDATE, 9001, status, Halt, CLOSED, "pending", "such a request: ") for status in (405, 406, 415)),
    pytest.param(
        Row(LIST, answered(404, HTML), Halt, NONE, "pending", "check ORCID_SYNC_API_URL"), id="404 of no ORCID to list"
    ),
    pytest.param(
        Row(ADD, NoToken("invalid_client", "Bad client credentials"), Halt, CLOSED, "pending", "CLIENT_SECRET"),
        id="our secret is wrong",
    ),
    # Slow down.
    *(
        pytest.param(
            Row(ADD, answered(status), Rest, CLOSED, "pending", "ORCID asks to slow down"), id=f"{status} to add"
        )
        for status in (429, 503)
    ),
    # Nobody knows.
    row(ADD, 9008, 500, Rest, OPEN, "in_doubt", "ORCID failed on it"),
    row(UPDATE, 9008, 500, Rest, OPEN, "in_doubt", "ORCID failed on it"),
    row(REMOVE, 9008, 500, Rest, OPEN, "in_doubt", "ORCID failed on it"),
    *(
        pytest.param(
            Row(ADD, answered(status, HTML), Rest, OPEN, "in_doubt", f"a proxy answered {status}"),
            id=f"{status} to add",
        )
        for status in (502, 504, 520, 522, 524)
    ),
    *(
        pytest.param(Row(call, reply, Rest, OPEN, "in_doubt", "got no clear answer"), id=f"{reply.why} to {call}")
        for call in (ADD, UPDATE, REMOVE)
        for reply in (TIMEOUT, CUT)
    ),
    pytest.param(
        Row(ADD, NoAnswer("no connection", sent=False, late=False), Rest, CLOSED, "pending", "cannot be reached"),
        id="no connection to add",
    ),
]

NO_ERRORS_OF_ORCID = {9000, 9003, 9059}
"""Codes of messages that no error of ORCID's has (API_FACTS.md 3)."""
OF_OTHER_CALLS = {9009, 9015, 9027, 9028, 9029, 9032, 9033, 9039, 9041, 9042, 9043, 9056}
"""Of notifications, tokens, clients, webhooks, biographies, searches and release candidates."""


@dataclass
class Told:
    """What became of it."""

    aftermath: Aftermath
    intents: list[Intent]
    state: str
    said: str


def tell(journey: Journey, told: Row) -> Told:
    """Makes the call, hears the answer, and plans anew."""
    now = journey.store.now()
    step = a_step(journey, told.call)
    sent = journey.open(step)
    verdict = read_reply(METHODS[told.call], told.reply, now)
    outcome: Outcome = in_short(verdict, told.reply, now)
    with journey.store.transaction():
        aftermath = journey.outcomes.record(sent, verdict, outcome, now)
    made = plan(journey.store.items.facts(PERSON), Policy(), now)
    why = getattr(aftermath, "why", "")
    said = f"{reasons_of(made).get('1', '')} | {why}"
    return Told(aftermath, list(journey.open_intents), states_of(made).get("1", "forgotten"), said)


def a_step(journey: Journey, call: str) -> steps.RecordStep:
    """A call for item 1."""
    item = journey.want()
    match call:
        case "add":
            return steps.Add(item, None, "")
        case "update":
            return steps.Update(item, journey.stand(document=a_work("10.1/1", "Kiwi")), None, "")
        case "remove":
            journey.store.items.want(withdrawn("1"), None)
            return steps.Remove(journey.stand(), "")
        case _:
            return steps.ListSection(item.key.section, "")


@pytest.mark.parametrize("told", ROWS)
def test_a_row_of_the_table(journey: Journey, told: Row) -> None:
    """Call, item, permission and record, and the words that an operator reads."""
    found = tell(journey, told)
    facts = journey.store.items.facts(PERSON)
    (grant,) = journey.store.grants.of_person(PERSON)

    assert type(found.aftermath) is told.aftermath
    assert bool(found.intents) is (told.intent == OPEN)
    assert found.state == told.state
    assert told.says in found.said
    assert grant.state is told.grant
    assert (facts.suspension and facts.suspension.kind) is told.suspension
    assert "${" not in found.said


@pytest.mark.parametrize("told", [one for one in ROWS if row_of(one).suspension])
def test_a_suspended_record_is_looked_at_again_in_a_day(journey: Journey, clock: Clock, told: Row) -> None:
    """Whatever the retry settings say; then the call is made again."""
    tell(journey, told)
    facts = journey.store.items.facts(PERSON)

    assert plan(facts, Policy(), clock()).wake_at == clock() + DAY
    assert plan(facts, Policy(), clock()).calls == ()
    assert len(plan(facts, Policy(), clock() + DAY).calls) == 1


def test_every_error_code_of_orcids_has_a_row() -> None:
    """Those of API_FACTS.md 3 that a call of ours may be answered with."""
    codes = {row_of(one).code for one in ROWS} - {None}

    assert codes == set(range(9000, 9063)) - NO_ERRORS_OF_ORCID - OF_OTHER_CALLS


@pytest.mark.parametrize("code", sorted(NO_ERRORS_OF_ORCID | OF_OTHER_CALLS))
def test_an_error_code_of_other_calls_is_no_harm(journey: Journey, code: int) -> None:
    """ORCID answers none of ours so; if it did, the item would be refused, and say with what."""
    found = tell(journey, Row(UPDATE, error(400, code, "ORCID's words"), GoOn, CLOSED, "refused"))

    assert (found.state, found.intents) == ("refused", [])
    assert "ORCID's words" in found.said


def test_each_slot_of_a_bulk_is_a_row_of_its_own(journey: Journey) -> None:
    """200: created, a duplicate that is sent alone, refused, and one that ORCID failed on, which stays in doubt."""
    journey.want("1")
    step = journey.add("1", "2", "3", "4")
    slots = [
        {"work": {"put-code": 7}},
        {"error": {"response-code": 409, "error-code": 9021, "developer-message": "see put-code 9."}},
        {"error": {"response-code": 400, "error-code": 9022, "developer-message": "no title"}},
        {"error": {"response-code": 500, "error-code": 9008, "developer-message": "a class"}},
    ]
    reply = answered(200, json.dumps({"bulk": slots}).encode())
    sent = journey.open(step)
    verdict = read_reply(Method.POST, reply, NOW, bulk=4)
    aftermath = journey.outcomes.record(sent, verdict, in_short(verdict, reply, NOW), NOW)

    assert isinstance(aftermath, Follow)
    assert [one.item.key.record.subject for one in aftermath.calls if isinstance(one, steps.Add)] == ["2"]
    assert (journey.stands[7].item.record.subject, journey.stands[7].standing) == ("1", Standing.LIVE)
    assert journey.item("3").refused_reason == "ORCID refused it: no title"
    assert [(one.item.record.subject, one.ripe_at) for one in journey.open_intents] == [("4", NOW + SETTLE)]
