"""Relisting: how far a recovery has come, over every store."""

import pytest

from mappers.sections import Section
from state.permission_facts import GrantState, Suspension, SuspensionKind
from state.store import Store
from tests.state.helpers import CONTRACT, JOSIAH, LAURE, a_grant, a_key, a_wanted

SINCE = 100.0
NOW = 5.0
"""Before the grants of these tests expire."""
ALL = frozenset(Section)


def test_nothing_is_left_where_nothing_is_wanted(store: Store) -> None:
    """An empty state, and a grant alone."""
    store.grants.put(a_grant())

    assert store.items.relisting(SINCE, ALL, NOW) == (0, 0)
    assert store.items.relisting(SINCE, frozenset(), NOW) == (0, 0)


def test_each_section_in_which_something_is_wanted_counts_once(store: Store) -> None:
    """However many items it has; a list from before counts for nothing."""
    store.grants.put(a_grant())
    for part in ("a", "b"):
        store.items.want(a_wanted(a_key(part=part)), "{}")
    store.items.want(a_wanted(a_key(section=Section.EMPLOYMENT, record=CONTRACT)), "{}")
    store.items.want(a_wanted(a_key(section=Section.FUNDING), digest=None), None)
    store.items.know_section(JOSIAH, Section.WORK, listed_at=SINCE - 1.0)

    assert store.items.relisting(SINCE, ALL, NOW) == (2, 0)
    store.items.know_section(JOSIAH, Section.WORK, listed_at=SINCE)
    assert store.items.relisting(SINCE, ALL, NOW) == (1, 1)
    assert store.items.relisting(SINCE, ALL - {Section.EMPLOYMENT}, NOW) == (0, 1)


@pytest.mark.parametrize(
    "hindered",
    [
        pytest.param("broken", id="permission broken"),
        pytest.param("expired", id="permission expired"),
        pytest.param("tokenless", id="no token"),
        pytest.param("suspended", id="record suspended"),
    ],
)
def test_who_cannot_be_listed_is_not_waited_for(store: Store, hindered: str) -> None:
    """They are listed when they can be: what was known of them is forgotten at the end."""
    grants = {
        "broken": a_grant(state=GrantState.BROKEN),
        "expired": a_grant(expires_at=NOW),
        "tokenless": a_grant(access_token=None),
        "suspended": a_grant(),
    }
    store.grants.put(grants[hindered])
    store.items.want(a_wanted(), "{}")
    if hindered == "suspended":
        store.grants.suspend(Suspension(JOSIAH, SuspensionKind.LOCKED, "", 99.0))

    assert store.items.relisting(SINCE, ALL, NOW) == (0, 0)


def test_what_was_not_listed_since_is_forgotten(store: Store) -> None:
    """Neither listed nor filled; on every record, and nothing else of it."""
    store.grants.put(a_grant())
    store.items.know_section(JOSIAH, Section.WORK, listed_at=SINCE, filled_at=1.0)
    store.items.know_section(JOSIAH, Section.FUNDING, listed_at=SINCE - 1.0, filled_at=1.0)
    store.items.know_section(JOSIAH, Section.ADDRESS, filled_at=2.0, full_until=SINCE + 9.0)
    store.items.know_section(LAURE, Section.WORK, listed_at=1.0)

    store.items.forget_listings(SINCE)

    known = store.items.facts("p1").sections
    assert (known[Section.WORK].listed_at, known[Section.WORK].filled_at) == (SINCE, 1.0)
    assert (known[Section.FUNDING].listed_at, known[Section.FUNDING].filled_at) == (None, None)
    assert (known[Section.ADDRESS].filled_at, known[Section.ADDRESS].full_until) == (None, SINCE + 9.0)
