"""Which version of a source record wins, over every store."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappers.wanted import SourceKey
from state.facts import Acceptance, Scheme, SourceRecord
from state.store import Store
from tests.state.helpers import THESIS, a_record

APPLIED, APPLIED_TIE = Acceptance.APPLIED, Acceptance.APPLIED_TIE
SUPERSEDED, SUPERSEDED_TIE = Acceptance.SUPERSEDED, Acceptance.SUPERSEDED_TIE

ORDER = [
    pytest.param(a_record("2", "d1"), a_record("3", "d0"), APPLIED, id="greater-version-wins"),
    pytest.param(a_record("2", "d1"), a_record("3", "d1"), APPLIED, id="greater-version-same-content-wins"),
    pytest.param(a_record("2", "d1"), a_record("1", "d9"), SUPERSEDED, id="lower-version-loses"),
    pytest.param(a_record("2", "d1"), a_record("1", removed=True), SUPERSEDED, id="older-removal-loses"),
    pytest.param(a_record("2", removed=True), a_record("3"), APPLIED, id="newer-version-revives"),
    pytest.param(a_record("2", removed=True), a_record("1"), SUPERSEDED, id="older-version-revives-nobody"),
    pytest.param(a_record("2", "d1"), a_record("2", "d1"), Acceptance.UNCHANGED, id="the-same-again"),
    pytest.param(
        a_record("2", "d1", removed=True),
        a_record("2", "d1", removed=True),
        Acceptance.UNCHANGED,
        id="the-same-removal-again",
    ),
    pytest.param(
        a_record("2", "d1"), a_record("2", "d1", revision="r2"), Acceptance.UNCHANGED, id="revision-does-not-order"
    ),
    pytest.param(a_record("2", "d9"), a_record("2", "d0", removed=True), APPLIED_TIE, id="removal-wins-a-tie"),
    pytest.param(a_record("2", "d0", removed=True), a_record("2", "d9"), SUPERSEDED_TIE, id="content-loses-to-removal"),
    pytest.param(a_record("2", "d1"), a_record("2", "d2"), APPLIED_TIE, id="greater-digest-wins-a-tie"),
    pytest.param(a_record("2", "d2"), a_record("2", "d1"), SUPERSEDED_TIE, id="lower-digest-loses-a-tie"),
    pytest.param(a_record("9"), a_record("10"), SUPERSEDED, id="versions-compare-as-text"),
    pytest.param(a_record("a"), a_record("B"), SUPERSEDED, id="case-counts"),
    pytest.param(a_record("z"), a_record("é"), APPLIED, id="by-code-point-not-by-alphabet"),
    pytest.param(a_record("\ufffd"), a_record("\U0001f393"), APPLIED, id="by-code-point-not-by-utf-16"),
    pytest.param(a_record("9"), a_record("1", scheme=Scheme.TIME), APPLIED, id="another-scheme-wins"),
    pytest.param(
        a_record("1", "d9"), a_record("1", "d1", scheme=Scheme.ARRIVAL), APPLIED, id="another-scheme-is-no-tie"
    ),
    pytest.param(
        a_record("9", removed=True), a_record("1", scheme=Scheme.TIME), APPLIED, id="another-scheme-wins-over-removal"
    ),
]


def test_the_first_version_is_applied(store: Store) -> None:
    """A record that nobody spoke of yet has no version to lose to."""
    assert store.records.record(THESIS) is None

    assert store.records.accept(a_record(removed=True)) is APPLIED
    assert store.records.record(THESIS) == a_record(removed=True)


@pytest.mark.parametrize(("before", "record", "acceptance"), ORDER)
def test_two_versions_meet(store: Store, before: SourceRecord, record: SourceRecord, acceptance: Acceptance) -> None:
    """What is said of a version is what was done with it."""
    store.records.accept(before)

    assert store.records.accept(record) is acceptance
    assert store.records.record(THESIS) == (record if acceptance in (APPLIED, APPLIED_TIE) else before)


def test_records_do_not_meet_across_keys(store: Store) -> None:
    """`/hr` may have an employment and a person 1024."""
    keys = [
        SourceKey("/hr", "employment", "1024"),
        SourceKey("/hr", "person", "1024"),
        SourceKey("/x", "person", "1024"),
    ]
    for number, key in enumerate(keys):
        assert store.records.accept(a_record(str(9 - number), key=key)) is APPLIED

    assert [record.version for key in keys if (record := store.records.record(key))] == ["9", "8", "7"]


_FRESH = count()
_VERSIONS = st.lists(
    st.tuples(
        st.text(st.sampled_from("019aZé\U0001f393"), max_size=3), st.booleans(), st.sampled_from(["d0", "d1", "d2"])
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=_VERSIONS, data=st.data())
def test_the_order_of_arrival_does_not_matter(
    store: Store, versions: list[tuple[str, bool, str]], data: st.DataObject
) -> None:
    """Any permutation of the same versions ends in the same record: the greatest."""
    arrived = data.draw(st.permutations(versions))
    key = SourceKey("/repository", "thesis", f"example {next(_FRESH)}")
    with store.transaction():
        for version, removed, digest in arrived:
            store.records.accept(a_record(version, digest, removed=removed, key=key))

    version, removed, digest = max(versions)
    assert store.records.record(key) == a_record(version, digest, removed=removed, key=key)
