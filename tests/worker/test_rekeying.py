"""A source that re-keys its records: no DELETE, and a PUT only where content differs (ARCHITECTURE.md 6)."""

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from mappers.dates import FuzzyDate
from mappers.documents import Affiliation, Document, Keyword, Organization, digest
from mappers.sections import Section
from state.facts import Intent, Method, Origin, PersonFacts, Published, Standing, Wanted
from state.removal_facts import Removal, RemovalState
from tests.worker.builders import (
    NOW,
    a_work,
    facts,
    intent,
    published,
    refused,
    states_of,
    steps_of,
    wanted,
    withdrawn,
)
from worker.planning.contents import needed
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.planning.takings import takings

POLICY = Policy()


def a_job(start: int = 2020, university: str = "Example", role: str = "Lecturer") -> Affiliation:
    """A job with a start and an organization."""
    organization = Organization(name=f"University of {university}", city="Boston", country="US")
    return Affiliation(organization=organization, start_date=FuzzyDate(start), role_title=role)


def known(*items: Wanted | Published | Intent, documents: list[Document]) -> PersonFacts:
    """Facts with the documents that planning has to see."""
    return replace(facts(*items), contents={digest(one): one for one in documents})


def stands(put_code: int, subject: str, document: Document, **rest: Any) -> Published:
    """A job as it stands, with our own id."""
    return published(put_code, subject, document, own_id=f"own-{subject}", **rest)


def rekeyed(before: list[Document], after: list[Document], *, see: bool = True) -> PersonFacts:
    """All records of `before` are withdrawn, those of `after` come under other subjects."""
    old = [(withdrawn(f"old {n}", one.section), stands(n, f"old {n}", one)) for n, one in enumerate(before, 1)]
    new = [wanted(f"new {n}", one) for n, one in enumerate(after, 1)]
    return known(*(part for pair in old for part in pair), *new, documents=[*before, *after] if see else [])


def calls(of: PersonFacts, policy: Policy = POLICY) -> list[str]:
    """The calls of the plan."""
    return steps_of(replace(plan(of, policy, NOW), notes=()))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([a_job()], [a_job()], [], id="the same: no call"),
        pytest.param([a_job()], [a_job(role="Professor")], ["update 1 with new 1"], id="another role: updated"),
        pytest.param([a_job()], [a_job(2024, role="Dean")], ["update 1 with new 1"], id="another start, too: updated"),
        pytest.param([a_job()], [a_job(2020, "Bath")], ["remove 1", "add new 1"], id="another organization's: another"),
        pytest.param(
            [a_job(2020), a_job(2024)],
            [a_job(2024, role="Dean"), a_job(2020, role="Dean")],
            ["update 1 with new 2", "update 2 with new 1"],
            id="those of one organization and start go together",
        ),
        pytest.param(
            [a_job(2020, "Bath"), a_job(2024, "Cork")],
            [a_job(2021, "Cork"), a_job(2025, "Bath")],
            ["update 1 with new 2", "update 2 with new 1"],
            id="then those of one organization",
        ),
        pytest.param(
            [a_job(2020, "Bath"), a_job(2024, "Cork")],
            [a_job(2020, "Cork"), a_job(2024, "Cork", "Dean")],
            ["update 2 with new 2", "remove 1", "add new 1"],
            id="and nothing else",
        ),
        pytest.param(
            [a_job(2020), a_job(2021)],
            [a_job(2021), a_job(2020, role="Dean"), a_job(2022)],
            ["update 1 with new 2", "add new 3"],
            id="what is equal goes first, and what is left is added",
        ),
        pytest.param(
            [a_job(2020), a_job(2021)], [a_job(2021, role="Dean")], ["remove 1", "update 2 with new 1"], id="or removed"
        ),
    ],
)
def test_what_would_be_removed_serves_what_would_be_added(
    before: list[Document], after: list[Document], expected: list[str]
) -> None:
    """The most alike go together."""
    assert sorted(calls(rekeyed(before, after))) == sorted(expected)


def test_without_seeing_documents_nothing_is_overwritten() -> None:
    """What stands there may be anything, as after an adoption whose item could not be read."""
    of = rekeyed([a_job(2020)], [a_job(2020, role="Dean")], see=False)

    assert calls(of) == ["remove 1", "add new 1"]


@pytest.mark.parametrize(
    ("after", "state", "expected"),
    [
        pytest.param(a_job(role="Dean"), RemovalState.DUE, ["update 1 with new 1"], id="due"),
        pytest.param(a_job(role="Dean"), RemovalState.APPROVED, ["update 1 with new 1"], id="approved"),
        pytest.param(a_job(role="Dean"), RemovalState.HELD, ["add new 1"], id="held"),
        pytest.param(a_job(role="Dean"), RemovalState.REJECTED, ["add new 1"], id="rejected"),
        pytest.param(a_job(), RemovalState.HELD, [], id="held, and equal: it is there again"),
        pytest.param(a_job(), RemovalState.REJECTED, [], id="rejected, and equal: it is there again"),
    ],
)
def test_what_is_held_back_is_not_overwritten(after: Document, state: RemovalState, expected: list[str]) -> None:
    """A removal that an operator has to decide on, or has refused, is not carried out as an update of another key."""
    of = rekeyed([a_job()], [after])
    (stood,) = of.published
    removal = Removal(1, stood.orcid, stood.put_code, stood.item, "", NOW, state)
    of = replace(of, removals={removal.place: removal})

    assert calls(of) == expected
    assert bool(takings(of, POLICY, NOW).removed) is (expected == ["add new 1"])


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param(
            facts(
                withdrawn("1", Section.EMPLOYMENT), stands(7, "1", a_job()), wanted("2", a_job(2021), source="/cris")
            ),
            ["remove 7", "add 2"],
            id="another source's",
        ),
        pytest.param(
            facts(withdrawn("1"), published(7, "1", a_work("10.1/a")), wanted("2", a_work(""))),
            ["remove 7", "add 2"],
            id="what went has an identifier",
        ),
        pytest.param(
            facts(withdrawn("1"), published(7, "1", a_work(""), own_id="x"), wanted("2", a_work("10.1/a"))),
            ["remove 7", "add 2"],
            id="what comes has an identifier",
        ),
        pytest.param(
            facts(
                withdrawn("1", Section.KEYWORDS),
                published(7, "1", Keyword(content="a")),
                wanted("2", Keyword(content="b")),
            ),
            ["remove 7", "add 2"],
            id="a keyword: known by its content",
        ),
        pytest.param(
            facts(stands(7, "1", a_job(), standing=Standing.REMOVED), wanted("2", a_job(2021))),
            ["add 2"],
            id="what the researcher removed and its source withdrew long ago: its tombstone is of equal content only",
        ),
        pytest.param(
            facts(
                withdrawn("1", Section.EMPLOYMENT),
                stands(7, "1", a_job(), origin=Origin.ADOPTED),
                wanted("2", a_job(2021)),
            ),
            ["add 2"],
            id="what is adopted is not removed, so it is not given away",
        ),
        pytest.param(
            facts(
                withdrawn("1", Section.EMPLOYMENT),
                stands(7, "1", a_job()),
                intent(Method.DELETE, "1", a_job(), put_code=7),
                wanted("2", a_job(2021)),
            ),
            ["remove 7", "add 2"],
            id="what a DELETE in doubt may have removed",
        ),
        pytest.param(
            facts(
                withdrawn("1", Section.EMPLOYMENT),
                stands(7, "1", a_job()),
                wanted("2", a_job(2021), refused_digest=digest(a_job(2021)), refused_reason="9020"),
            ),
            ["remove 7"],
            id="what comes was refused by ORCID",
        ),
        pytest.param(
            facts(
                withdrawn("1", Section.EMPLOYMENT),
                stands(7, "1", a_job()),
                wanted("2", a_job(2021)),
                intent(subject="2", document=a_job(2021), self_ids=frozenset({"source-work-id:x"})),
            ),
            ["repeat 2", "remove 7"],
            id="what comes may stand already",
        ),
    ],
)
def test_what_is_not_rekeyed(of: PersonFacts, expected: list[str]) -> None:
    """One goes and another comes, however alike."""
    works: list[Document] = [a_work(""), a_work("10.1/a")]
    documents = [a_job(), a_job(2021), *works, Keyword(content="a"), Keyword(content="b")]

    assert calls(replace(of, contents={digest(one): one for one in documents})) == expected


def test_a_refused_record_keeps_what_stands_for_it() -> None:
    """It is left as it stands, whoever comes."""
    gone = replace(refused("1"), key=stands(7, "1", a_job()).item)

    assert calls(facts(gone, stands(7, "1", a_job()), wanted("2", a_job(2021)))) == ["add 2"]


def test_in_recovery_nothing_is_removed_that_would_be_added_again() -> None:
    """The section is listed first, as the put-code may be stale."""
    of = rekeyed([a_job()], [a_job(role="Dean")])

    assert calls(of, Policy(list_since=NOW - 100.0)) == ["list employment", "update 1 with new 1"]


def test_works_go_by_title_and_date() -> None:
    """A work that nothing identifies has no organization to go by."""
    before: list[Document] = [a_work("", "Moa"), a_work("", "Kiwi")]
    after: list[Document] = [one.model_copy(update={"journal_title": "Auk"}) for one in reversed(before)]

    assert calls(rekeyed(before, after)) == ["update 2 with new 1", "update 1 with new 2"]


def test_other_works_are_not_what_went() -> None:
    """Twenty works that nothing identifies go, and twenty with other titles come: nothing is overwritten."""
    before: list[Document] = [a_work("", f"Old {n}") for n in range(20)]
    made = plan(rekeyed(before, [a_work("", f"New {n}") for n in range(20)]), POLICY, NOW)

    assert Counter(type(call).__name__ for call in made.calls) == {"Remove": 20, "AddWorks": 1}


def test_a_thousand_rekeyed_jobs_cost_no_delete_and_a_put_only_where_content_differs() -> None:
    """In one plan of one person, in any order."""
    before: list[Document] = [a_job(1950 + n % 70, f"{n % 40}", f"Role {n}") for n in range(1000)]
    after = [
        one.model_copy(update={"role_title": f"Changed {n}"}) if n % 4 == 0 else one for n, one in enumerate(before)
    ]
    Random(1).shuffle(after)
    made = plan(rekeyed(before, after), POLICY, NOW)

    assert Counter(type(call).__name__ for call in made.calls) == {"Update": 250}
    assert Counter(states_of(made).values()) == {"in_sync": 750, "pending": 250}


def test_only_documents_that_may_have_been_rekeyed_are_asked_for() -> None:
    """Not those that are equal, nor those of what stays."""
    of = rekeyed([a_job(2020), a_job(2021), a_job(2022)], [a_job(2020), a_job(2021, role="Dean")])
    stay = facts(wanted("1"), published(1), wanted("2", a_work("")), withdrawn("3"), published(3, "3"))
    found = needed(of, POLICY)

    assert [item.key.record.subject for item in found.wanted] == ["new 2"]
    assert [one.put_code for one in found.published] == [2, 3]
    assert needed(stay, POLICY) == needed(facts(), POLICY)
