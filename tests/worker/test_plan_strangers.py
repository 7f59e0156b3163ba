"""Strangers: items of our client that nothing wanted when a section was listed, where ORCID would take one twice."""

import pytest

from mappers.forms import Version
from mappers.sections import Section
from state.facts import SectionKnowledge, Wanted
from tests.worker.builders import NOW, an_employment, facts, steps_of, wanted
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.planning.section_facts import wanted_mark

LECTURER = wanted("1", an_employment())
READER = wanted("2", an_employment("Reader"))


def _planned(*items: Wanted, then: str, version: Version = Version.V2_1) -> list[str]:
    sections = {Section.EMPLOYMENT: SectionKnowledge(listed_at=NOW - 900.0, strangers=then)}
    return steps_of(plan(facts(*items, sections=sections), Policy(version=version), NOW))


def test_the_next_event_s_item_may_be_one_of_them() -> None:
    """So the section is listed once more before anything is added."""
    assert _planned(LECTURER, READER, then=wanted_mark([LECTURER])) == ["list employment"]


def test_one_list_for_what_is_wanted_is_enough() -> None:
    """What it did not show as wanted is added."""
    assert _planned(LECTURER, READER, then=wanted_mark([LECTURER, READER])) == ["add 1", "add 2"]


@pytest.mark.parametrize(
    ("then", "version"),
    [
        pytest.param("", Version.V2_1, id="no strangers"),
        pytest.param(wanted_mark([LECTURER]), Version.V3_0, id="ORCID knows its own duplicates"),
    ],
)
def test_without_need_nothing_is_listed(then: str, version: Version) -> None:
    """Not where there were none, nor where a POST tells."""
    assert _planned(READER, then=then, version=version) == ["add 2"]
