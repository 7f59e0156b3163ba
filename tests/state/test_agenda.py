"""Who is due, over every store."""

import pytest

from state.facts import Due
from state.store import Store
from tests.state.helpers import a_grant, a_key, a_published, a_wanted
from tests.state.stores import Clock

QUIET, QUIET_MAX = 10.0, 25.0


def due_now(store: Store, limit: int = 10, skip: tuple[str, ...] = ()) -> list[Due]:
    """Those due by the store's clock."""
    return list(store.agenda.due(store.now(), limit, skip))


def test_nobody_is_due_at_first(store: Store) -> None:
    """An empty agenda."""
    assert due_now(store) == []
    assert store.agenda.next_at() is None
    assert store.agenda.all_due() == 0


def test_a_change_is_due_when_it_was_quiet(store: Store, clock: Clock) -> None:
    """Not before; and it stays due until somebody looked."""
    store.agenda.changed("p1", QUIET, QUIET_MAX)
    at = clock() + QUIET

    assert store.agenda.next_at() == at
    clock.advance(QUIET - 0.1)
    assert due_now(store) == []
    clock.advance(0.1)
    assert due_now(store) == [Due("p1", at, 1, 0)]
    assert (store.agenda.overdue(at - 0.1), store.agenda.overdue(at)) == (0, 1)
    clock.advance(1000)
    assert due_now(store) == [Due("p1", at, 1, 0)]
    assert store.agenda.all_due() == 1


def test_waiting_for_quiet_has_an_end(store: Store, clock: Clock) -> None:
    """Changes that never stop are due `quiet_max` after the first one."""
    first = clock()
    expected = [10.0, 14.0, 18.0, 22.0, 25.0, 25.0, 25.0]
    for seconds in expected:
        store.agenda.changed("p1", QUIET, QUIET_MAX)
        assert store.agenda.next_at() == first + seconds
        clock.advance(4)

    assert due_now(store) == [Due("p1", first + QUIET_MAX, len(expected), 0)]


def test_a_look_begins_the_wait_anew(store: Store, clock: Clock) -> None:
    """The next change is the first one after the look."""
    store.agenda.changed("p1", QUIET, QUIET_MAX)
    clock.advance(QUIET_MAX)
    (due,) = due_now(store)
    store.agenda.retry("p1", None, due.revision, 0)
    assert due_now(store) == []
    assert store.agenda.next_at() is None
    assert store.agenda.all_due() == 0

    store.agenda.changed("p1", QUIET, QUIET_MAX)

    assert store.agenda.next_at() == clock() + QUIET


def test_a_retry_is_due_at_its_time(store: Store, clock: Clock) -> None:
    """With the failures so far."""
    store.agenda.changed("p1", QUIET, QUIET_MAX)
    clock.advance(QUIET)
    (due,) = due_now(store)
    at = clock() + 60

    store.agenda.retry("p1", at, due.revision, failures=3)

    assert due_now(store) == []
    clock.advance(60)
    assert due_now(store) == [Due("p1", at, 1, 3)]


@pytest.mark.parametrize(
    ("retry_in", "due_in"),
    [
        pytest.param(None, 10.0, id="not-by-itself-so-the-change"),
        pytest.param(60.0, 10.0, id="the-change-is-earlier"),
        pytest.param(5.0, 5.0, id="the-retry-is-earlier"),
    ],
)
def test_a_change_during_a_look_is_not_lost(store: Store, clock: Clock, retry_in: float | None, due_in: float) -> None:
    """It stays due beside the retry; the earlier time counts."""
    store.agenda.changed("p1", 0.0, QUIET_MAX)
    (due,) = due_now(store)
    store.agenda.changed("p1", QUIET, QUIET_MAX)

    store.agenda.retry("p1", None if retry_in is None else clock() + retry_in, due.revision, failures=1)

    assert store.agenda.next_at() == clock() + due_in
    clock.advance(due_in)
    assert due_now(store) == [Due("p1", clock(), 2, 1)]


@pytest.mark.parametrize(
    ("retry_in", "due_in"),
    [pytest.param(60.0, 10.0, id="the-change-is-earlier"), pytest.param(5.0, 5.0, id="the-retry-is-earlier")],
)
def test_a_change_during_a_wait_does_not_put_it_off(store: Store, clock: Clock, retry_in: float, due_in: float) -> None:
    """Who waits for a retry is due at the earlier of the two."""
    store.agenda.changed("p1", 0.0, QUIET_MAX)
    store.agenda.retry("p1", clock() + retry_in, 1, failures=2)

    store.agenda.changed("p1", QUIET, QUIET_MAX)

    assert store.agenda.next_at() == clock() + due_in
    clock.advance(due_in)
    assert due_now(store) == [Due("p1", clock(), 2, 2)]


def test_a_retry_after_a_change_keeps_what_is_earlier_only_once(store: Store, clock: Clock) -> None:
    """Once the change was looked at, the retry's time is the only one."""
    store.agenda.changed("p1", 0.0, QUIET_MAX)
    store.agenda.changed("p1", QUIET, QUIET_MAX)
    store.agenda.retry("p1", clock() + 5, 1, failures=1)

    store.agenda.retry("p1", clock() + 500, 2, failures=0)

    assert store.agenda.next_at() == clock() + 500


def test_the_revision_grows_with_every_change(store: Store, clock: Clock) -> None:
    """A retry is no change; who never was on the agenda has revision 0."""
    assert store.agenda.revision("p1") == 0

    store.agenda.changed("p1", QUIET, QUIET_MAX)
    store.agenda.changed("p1", QUIET, QUIET_MAX)
    store.agenda.retry("p1", clock(), 2, failures=1)

    assert store.agenda.revision("p1") == 2
    assert store.agenda.revision("p2") == 0


def test_a_retry_of_somebody_unknown_puts_nobody_on_the_agenda(store: Store, clock: Clock) -> None:
    """Who was forgotten meanwhile stays forgotten."""
    store.agenda.retry("p1", clock(), 0, failures=1)

    assert store.agenda.all_due() == 0


def test_the_longest_due_come_first(store: Store, clock: Clock) -> None:
    """At most so many, and without those that are being looked at."""
    for person in ("p4", "p2", "p3", "p1"):
        store.agenda.changed(person, QUIET, QUIET_MAX)
        clock.advance(1 if person != "p3" else 0)
    clock.advance(QUIET)

    assert [due.person for due in due_now(store)] == ["p4", "p2", "p1", "p3"]
    assert [due.person for due in due_now(store, limit=2)] == ["p4", "p2"]
    assert [due.person for due in due_now(store, limit=2, skip=("p4", "p1"))] == ["p2", "p3"]
    skip = (person for person in ("p4", "unknown"))
    assert [due.person for due in store.agenda.due(clock(), 2, skip)] == ["p2", "p1"]
    assert [due.person for due in store.agenda.due(clock() - 2, 9)] == ["p4", "p2"]
    assert due_now(store, limit=0) == []
    assert store.agenda.all_due() == 4


def test_those_who_failed_are_told_apart(store: Store, clock: Clock) -> None:
    """As long as their last try failed; each half in its order, and limited by itself."""
    for person, failures in (("p1", 2), ("p2", 0), ("p3", 1), ("p4", 0)):
        store.agenda.changed(person, 0.0, 0.0)
        store.agenda.retry(person, clock(), store.agenda.revision(person), failures)
        clock.advance(1)

    def told(*, failing: bool | None, limit: int = 9, skip: tuple[str, ...] = (), newest: bool = False) -> list[str]:
        return [due.person for due in store.agenda.due(clock(), limit, skip, failing=failing, newest=newest)]

    assert told(failing=True) == ["p1", "p3"]
    assert told(failing=False) == ["p2", "p4"]
    assert told(failing=None) == ["p1", "p2", "p3", "p4"]
    assert told(failing=False, limit=1) == ["p2"]
    assert told(failing=True, skip=("p1",)) == ["p3"]
    assert told(failing=None, newest=True, limit=3) == ["p4", "p3", "p2"]
    assert told(failing=False, newest=True) == ["p4", "p2"]


def test_everybody_is_looked_at_again_at_once(store: Store, clock: Clock) -> None:
    """Of whom something is wanted, published or granted: as if something new were wanted of each, due now."""
    store.items.want(a_wanted(a_key("p1")), "{}")
    store.items.want(a_wanted(a_key("p1", part="other")), "{}")
    store.items.publish(a_published(7, a_key("p2")))
    store.grants.put(a_grant("p3"))
    store.agenda.changed("p1", QUIET, QUIET_MAX)
    store.agenda.changed("nobody", QUIET, QUIET_MAX)
    before = clock()
    clock.advance(1.0)
    store.agenda.retry("p3", None, 0, 0)

    store.agenda.everybody_changed()

    assert due_now(store) == [Due("p1", before, 2, 0), Due("p2", clock(), 1, 0), Due("p3", clock(), 1, 0)]
    store.agenda.everybody_changed()
    assert [one.revision for one in due_now(store)] == [3, 2, 2]


def test_of_nobody_everybody_is_nobody(store: Store) -> None:
    """An empty state."""
    store.agenda.everybody_changed()
    assert store.agenda.next_at() is None
