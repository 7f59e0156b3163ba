"""Scopes: what a researcher is asked for."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.forms import Version
from mappers.sections import Section
from worker.permission.scopes import needed_scopes

PERSONAL = frozenset(section for section in Section if section.is_of_person)
ACTIVITIES = frozenset(Section) - PERSONAL


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        pytest.param((), {"/read-limited", "/activities/update", "/person/update"}, id="everything"),
        pytest.param(PERSONAL, {"/read-limited", "/activities/update"}, id="no personal facts"),
        pytest.param(ACTIVITIES, {"/read-limited", "/person/update"}, id="no activities"),
        pytest.param(
            ACTIVITIES - {Section.WORK}, {"/read-limited", "/activities/update", "/person/update"}, id="works"
        ),
        pytest.param(Section, {"/read-limited"}, id="nothing"),
    ],
)
def test_the_fewest_scopes_that_serve(off: Iterable[Section], expected: set[str]) -> None:
    """A researcher reads the list: two lines at most, and that we read."""
    assert needed_scopes(list(Section), list(off), Version.V3_0) == expected


def test_a_section_that_the_version_lacks_needs_none() -> None:
    """Research resources came with v3.0."""
    assert needed_scopes([Section.RESEARCH_RESOURCE], [], Version.V2_1) == {"/read-limited"}
    assert needed_scopes([Section.RESEARCH_RESOURCE], [], Version.V3_0) == {"/read-limited", "/activities/update"}


@given(st.sets(st.sampled_from(Section)), st.sampled_from(Version))
def test_what_is_asked_for_lets_us_do_all_we_do(off: set[Section], version: Version) -> None:
    """Add, change and remove, in every section that is on."""
    scopes = needed_scopes(list(Section), off, version)

    for section in Section:
        if section not in off and section.is_in(version):
            for needed in (section.add_scopes, section.change_scopes):
                assert scopes & needed, section
