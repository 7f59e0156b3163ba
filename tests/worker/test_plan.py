"""The planner's table, row by row (worker/cases.py; ARCHITECTURE.md 6)."""

import pytest

from mappers.sections import Section
from state.facts import Method, Origin, PersonFacts, Standing
from tests.worker.builders import (
    JOSIAH,
    LAURE,
    NOW,
    POLICY,
    a_work,
    an_employment,
    facts,
    grant,
    intent,
    listed,
    published,
    reasons_of,
    refused,
    states_of,
    steps_of,
    wanted,
    withdrawn,
)
from worker.planning import steps
from worker.planning.plan import plan

OTHER = a_work("10.1/1", "Kiwi")
"""Another document for the item of source record 1: what it wanted before."""

ROWS = [
    pytest.param(facts(wanted()), ["add 1"], "pending", id="document, nothing published: add"),
    pytest.param(facts(wanted(), published()), [], "in_sync", id="document, same digest: in sync"),
    pytest.param(
        facts(wanted(), published(document=OTHER)),
        ["update 7 with 1"],
        "pending",
        id="document, other digest: update",
    ),
    pytest.param(
        facts(wanted(), published(digest="")),
        ["update 7 with 1"],
        "pending",
        id="document, what ORCID accepted last is unknown: update",
    ),
    pytest.param(
        facts(wanted(same_as=published(document=OTHER).digest), published(document=OTHER)),
        [],
        "in_sync",
        id="document, it differs in form only: in sync",
    ),
    pytest.param(
        facts(wanted(), intent(ripe_in=30.0)), [], "in_doubt", id="document, open POST not ripe: wait in doubt"
    ),
    pytest.param(facts(wanted(), intent()), ["repeat 1"], "in_doubt", id="document, open POST ripe: repeat it"),
    pytest.param(
        facts(wanted(), intent(document=OTHER)),
        ["repeat 1"],
        "in_doubt",
        id="document changed since, open POST ripe: repeat the old one first",
    ),
    pytest.param(
        facts(wanted(), published(), intent()),
        ["repeat 1"],
        "in_doubt",
        id="document, published and open POST ripe: repeat it",
    ),
    pytest.param(
        facts(wanted(), published(), intent(Method.PUT, put_code=7, ripe_in=30.0)),
        [],
        "in_doubt",
        id="document, open PUT not ripe: wait in doubt",
    ),
    pytest.param(
        facts(wanted(), published(), intent(Method.PUT, put_code=7)),
        ["update 7 with 1"],
        "in_doubt",
        id="document, open PUT ripe: update again although the digest is the same",
    ),
    pytest.param(
        facts(wanted(), published(), intent(Method.DELETE, put_code=7, ripe_in=30.0)),
        [],
        "in_doubt",
        id="document, open DELETE not ripe: wait in doubt",
    ),
    pytest.param(
        facts(wanted(), published(), intent(Method.DELETE, put_code=7)),
        ["remove 7"],
        "in_doubt",
        id="document, open DELETE ripe: remove before anything is added",
    ),
    pytest.param(
        facts(wanted(), published(orcid=LAURE)),
        ["add 1"],
        "pending",
        id="document, published on another iD: add on the granted one",
    ),
    pytest.param(
        facts(wanted(), published(standing=Standing.MISSING)),
        ["list work"],
        "in_doubt",
        id="document, 404 on PUT: list the section",
    ),
    pytest.param(
        facts(wanted(), published(standing=Standing.MISSING), sections=listed(NOW - 5.0)),
        [],
        "in_doubt",
        id="document, 404 on PUT, listed within the settle time: wait before listing again",
    ),
    pytest.param(
        facts(wanted(), published(standing=Standing.REMOVED)),
        [],
        "removed_by_researcher",
        id="document, removed by the researcher: respect it",
    ),
    pytest.param(
        facts(wanted(), published(document=OTHER, standing=Standing.REMOVED)),
        ["give 7 to 1"],
        "removed_by_researcher",
        id="document changed, removed by the researcher: respect it, and know it by what is wanted now",
    ),
    pytest.param(
        facts(wanted(), published(standing=Standing.REMOVED), intent(Method.PUT, put_code=7)),
        ["give up 1"],
        "removed_by_researcher",
        id="document, removed by the researcher, open PUT ripe: it is not sent again, and the doubt is over",
    ),
    pytest.param(
        facts(
            wanted("1", OTHER), published(7, "1", OTHER), published(8, "9", OTHER), intent(Method.DELETE, put_code=7)
        ),
        ["remove 7", "give 8 to 1"],
        "pending",
        id="document, open DELETE, and another put-code says the same: that serves",
    ),
    pytest.param(
        facts(wanted(), published(document=OTHER, standing=Standing.FOREIGN)),
        [],
        "refused",
        id="document, the put-code is another source's now: refused, never touched",
    ),
    pytest.param(facts(withdrawn(), published()), ["remove 7"], "pending", id="withdrawn, published: remove"),
    pytest.param(
        facts(withdrawn(), published(standing=Standing.MISSING)),
        ["remove 7"],
        "pending",
        id="withdrawn, 404 on PUT: remove, for a 404 is as good",
    ),
    pytest.param(
        facts(withdrawn(), published(), intent(Method.PUT, put_code=7, ripe_in=30.0)),
        [],
        "in_doubt",
        id="withdrawn, open PUT not ripe: wait, the PUT must not come after the DELETE",
    ),
    pytest.param(
        facts(withdrawn(), published(), intent(Method.DELETE, put_code=7)),
        ["remove 7"],
        "pending",
        id="withdrawn, open DELETE ripe: remove again",
    ),
    pytest.param(
        facts(withdrawn(), published(origin=Origin.ADOPTED)),
        [],
        "held",
        id="withdrawn, adopted from the record: held",
    ),
    pytest.param(
        facts(withdrawn(), published(origin=Origin.ADOPTED, standing=Standing.MISSING)),
        ["list work"],
        "in_doubt",
        id="withdrawn, adopted, 404 on PUT: nobody is asked to approve a removal before a list shows it",
    ),
    pytest.param(
        facts(withdrawn(), published(origin=Origin.ADOPTED), intent(Method.PUT, put_code=7)),
        ["give 7 to 1"],
        "held",
        id="withdrawn, adopted, open PUT: held, and what stands counts as unknown",
    ),
    pytest.param(
        facts(withdrawn(), published(origin=Origin.ADOPTED, digest=""), intent(Method.PUT, put_code=7)),
        ["give up 1"],
        "held",
        id="withdrawn, adopted, open PUT, nothing known: held, and the doubt is over",
    ),
    pytest.param(
        facts(withdrawn(), published(origin=Origin.ADOPTED), intent(Method.PUT, put_code=7, ripe_in=5.0)),
        [],
        "in_doubt",
        id="withdrawn, adopted, open PUT, not ripe: wait",
    ),
    pytest.param(
        facts(withdrawn(), published(origin=Origin.ADOPTED), intent(Method.DELETE, put_code=7)),
        ["remove 7"],
        "pending",
        id="withdrawn, adopted, its removal was begun: remove again",
    ),
    pytest.param(
        facts(withdrawn(), published(orcid=LAURE)), [], "stranded", id="withdrawn, published on another iD: stranded"
    ),
    pytest.param(facts(withdrawn()), ["forget 1"], None, id="withdrawn, nothing published: forget"),
    pytest.param(
        facts(withdrawn(), published(standing=Standing.REMOVED)),
        ["forget 1"],
        None,
        id="withdrawn, removed by the researcher: forget, the tombstone stays",
    ),
    pytest.param(
        facts(withdrawn(), intent(ripe_in=30.0)),
        [],
        "in_doubt",
        id="withdrawn, open POST not ripe: wait, it may still be carried out",
    ),
    pytest.param(
        facts(withdrawn(), intent()), ["list work"], "in_doubt", id="withdrawn, open POST ripe: list the section"
    ),
    pytest.param(
        facts(withdrawn(), intent(ripe_in=-3.0), sections=listed(NOW - 2.0)),
        [],
        "in_doubt",
        id="withdrawn, open POST, listed once since: wait for the settle time",
    ),
    pytest.param(
        facts(withdrawn(), intent(ripe_in=-30.0), sections=listed(NOW - 10.0)),
        ["list work"],
        "in_doubt",
        id="withdrawn, open POST, listed once a settle time ago: list again",
    ),
    pytest.param(
        facts(withdrawn(), intent(), sections=listed(NOW - 5.0)),
        ["list work"],
        "in_doubt",
        id="withdrawn, open POST, listed before it was ripe: that list does not count",
    ),
    pytest.param(facts(refused()), [], "refused", id="refused by our rules, nothing published: refused"),
    pytest.param(facts(refused(), published()), [], "refused", id="refused by our rules, published: what stands stays"),
    pytest.param(
        facts(wanted(refused_digest=wanted().digest, refused_reason="9022")),
        [],
        "refused",
        id="ORCID refused the same digest before: wait for a change",
    ),
    pytest.param(
        facts(wanted(refused_digest=wanted().digest, refused_reason="9022"), published(document=OTHER)),
        [],
        "refused",
        id="ORCID refused the same digest as an update before: wait for a change",
    ),
    pytest.param(
        facts(wanted(refused_digest="of another document", refused_reason="9022")),
        ["add 1"],
        "pending",
        id="ORCID refused another digest before: add",
    ),
]


@pytest.mark.parametrize(("of", "expected", "state"), ROWS)
def test_a_row_of_the_table(of: PersonFacts, expected: list[str], state: str | None) -> None:
    """Each row of the table gives these steps, and the item of source record 1 this state."""
    made = plan(of, POLICY, NOW)

    assert steps_of(made) == expected
    assert states_of(made).get("1") == state


@pytest.mark.parametrize(("of", "expected", "state"), ROWS)
def test_everything_but_in_sync_has_a_reason(of: PersonFacts, expected: list[str], state: str | None) -> None:
    """Whoever asks why an item is not in sync is told."""
    made = plan(of, POLICY, NOW)

    assert all(bool(reasons_of(made)[key]) is (found != "in_sync") for key, found in states_of(made).items())


def test_the_refusal_of_orcid_is_the_reason() -> None:
    """An item that ORCID refused says what ORCID said."""
    made = plan(facts(wanted(refused_digest=wanted().digest, refused_reason="400 9022: no title")), POLICY, NOW)

    assert reasons_of(made) == {"1": "400 9022: no title"}


@pytest.mark.parametrize(
    ("of", "wake_in"),
    [
        pytest.param(facts(wanted(), intent(ripe_in=30.0)), 30.0, id="a POST in doubt: when it is ripe"),
        pytest.param(
            facts(wanted(), published(), intent(Method.PUT, put_code=7, ripe_in=20.0)),
            20.0,
            id="a PUT in doubt: when it is ripe",
        ),
        pytest.param(
            facts(wanted(), published(standing=Standing.MISSING), sections=listed(NOW - 4.0)),
            6.0,
            id="a put-code that went missing: when lists have settled",
        ),
        pytest.param(
            facts(wanted(), intent(ripe_in=30.0), wanted("2"), intent(subject="2", id=2, ripe_in=25.0)),
            25.0,
            id="several: the earliest",
        ),
        pytest.param(facts(wanted(), published()), None, id="in sync: time changes nothing"),
        pytest.param(facts(wanted(), grant=None), None, id="no permission: time changes nothing"),
    ],
)
def test_a_plan_says_when_time_alone_would_change_it(of: PersonFacts, wake_in: float | None) -> None:
    """Who waits for a time is looked at then, and not before."""
    assert plan(of, POLICY, NOW).wake_at == (None if wake_in is None else NOW + wake_in)


def test_at_its_wake_time_a_plan_is_another_one() -> None:
    """What waits until it is ripe is done once it is."""
    of = facts(wanted(), intent(ripe_in=30.0))

    assert steps_of(plan(of, POLICY, NOW + 30.0)) == ["repeat 1"]


def test_nothing_wanted_and_nothing_published_is_an_empty_plan() -> None:
    """Somebody of whom we know nothing but the permission is left in peace."""
    made = plan(facts(), POLICY, NOW)

    assert (made.calls, made.notes, made.standings, made.wake_at) == ((), (), (), None)


def test_sections_are_planned_apart() -> None:
    """The same subject in two sections is two items."""
    made = plan(facts(wanted("1", an_employment()), wanted("1"), published()), POLICY, NOW)

    assert steps_of(made) == ["add 1"]
    assert [call.item.key.section for call in made.calls if isinstance(call, steps.Add)] == [Section.EMPLOYMENT]


def test_an_intent_on_another_id_does_not_hold_this_one_up() -> None:
    """A POST in doubt on the iD that the person had before says nothing about the new one."""
    made = plan(facts(wanted(), intent(orcid=LAURE), grant=grant(orcid=JOSIAH)), POLICY, NOW)

    assert steps_of(made) == ["add 1"]


def test_the_section_of_a_list_is_the_one_in_question() -> None:
    """Only the section that something is missing from is listed."""
    made = plan(facts(wanted(), published(standing=Standing.MISSING)), POLICY, NOW)

    assert [getattr(call, "section", None) for call in made.calls] == [Section.WORK]
