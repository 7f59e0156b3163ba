"""What operators and the planner ask of the whole store: counts, reasons, parked items, suspensions."""

from mappers.sections import Section
from state.facts import ItemState
from state.permission_facts import GrantState, Suspension, SuspensionKind
from state.store import Store
from tests.state.helpers import JOSIAH, LAURE, a_grant, a_key, a_wanted

PARKED = "409/9021: waits for put-code 7"


def test_reasons_are_told_the_most_frequent_first(store: Store) -> None:
    """Items without a reason are not told, and no more than asked for."""
    told = [("p1", "no permission"), ("p2", "no permission"), ("p3", "locked"), ("p4", "")]
    for person, reason in told:
        store.items.want(a_wanted(a_key(person), state=ItemState.WAITING, reason=reason), None)

    assert store.items.reasons(10) == [(ItemState.WAITING, "no permission", 2), (ItemState.WAITING, "locked", 1)]
    assert store.items.reasons(1) == [(ItemState.WAITING, "no permission", 2)]


def test_only_what_was_parked_for_this_reason_in_this_section_is_freed(store: Store) -> None:
    """Another reason, section or person keeps its refusal."""
    same, other = a_key("p1", part="a"), a_key("p1", part="b")
    elsewhere, somebody = a_key("p1", Section.EMPLOYMENT), a_key("p2")
    for key in (same, other, elsewhere, somebody):
        store.items.want(a_wanted(key), None)
        store.items.refuse(key, "d1", "another reason" if key == other else PARKED)

    store.items.unpark("p1", Section.WORK, PARKED)

    refused = {item.key: item.refused_digest for person in ("p1", "p2") for item in store.items.facts(person).wanted}
    assert refused == {same: "", other: "d1", elsewhere: "d1", somebody: "d1"}


def test_all_of_a_persons_suspensions_are_lifted_and_nobody_elses(store: Store) -> None:
    """So that their records are looked at again."""
    store.grants.put(a_grant("p1", orcid=JOSIAH))
    store.grants.put(a_grant("p2", orcid=LAURE))
    for orcid in (JOSIAH, LAURE):
        store.grants.suspend(Suspension(orcid, SuspensionKind.LOCKED, "", 9.0))

    store.grants.lift_for("p1")

    assert store.items.facts("p1").suspension is None
    assert store.items.facts("p2").suspension is not None


def test_grants_are_counted_by_state(store: Store) -> None:
    """Zero included, without opening a token."""
    assert store.grants.counts() == dict.fromkeys(GrantState, 0)
    store.grants.put(a_grant("p1", orcid=JOSIAH))
    store.grants.put(a_grant("p1", orcid=LAURE, granted_at=2.0))

    assert store.grants.counts() == {**dict.fromkeys(GrantState, 0), GrantState.ACTIVE: 1, GrantState.REPLACED: 1}
