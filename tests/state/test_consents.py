"""Walks through the consent pages, over every store."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from mappers.secret import Secret
from state.permission_facts import Consent, ConsentStage, GrantState
from state.store import Store, StoreError
from tests.state.helpers import LAURE, a_consent, a_grant

WITH_ALL = a_grant(
    orcid=LAURE,
    name='Ébène 李 \\ "',
    refresh_token=None,
    scopes=frozenset[str](),
    expires_at=1_764_000_000.123456,
    state=GrantState.BROKEN,
    reason="as told",
    refreshed_at=3.5,
)


@pytest.mark.parametrize(
    "consent",
    [
        pytest.param(a_consent(), id="begun"),
        pytest.param(
            a_consent(stage=ConsentStage.OFFERED, code="k1", grant=a_grant(), outcome="offered"), id="offered"
        ),
        pytest.param(a_consent(grant=WITH_ALL), id="any-grant"),
        pytest.param(a_consent(grant=a_grant(access_token=None)), id="without-token"),
    ],
)
def test_a_walk_comes_back_as_it_was(store: Store, consent: Consent) -> None:
    """With what ORCID gave in it."""
    store.consents.put(a_consent(outcome="before"))
    store.consents.put(consent)

    assert store.consents.consent("c1") == consent
    assert store.consents.consent("c2") is None


def test_what_orcid_gave_is_the_walks_persons(store: Store) -> None:
    """Whoever the grant names."""
    store.consents.put(a_consent(person="p1", grant=a_grant("p2")))

    assert store.consents.consent("c1") == a_consent(person="p1", grant=a_grant("p1"))


def test_a_walk_advances_from_where_it_is_expected(store: Store) -> None:
    """Once: who comes second is told so, and changes nothing."""
    store.consents.put(a_consent())
    exchanging = a_consent(stage=ConsentStage.EXCHANGING, code="k1")

    assert store.consents.advance(exchanging, ConsentStage.ASKED)
    assert not store.consents.advance(replace(exchanging, code="k2"), ConsentStage.ASKED)
    assert not store.consents.advance(a_consent("c2"), ConsentStage.ASKED)

    assert store.consents.consent("c1") == exchanging
    assert store.consents.consent("c2") is None


def test_of_many_that_come_at_once_one_advances(store: Store) -> None:
    """A reload while the code is being exchanged doesn't exchange it again."""
    store.consents.put(a_consent())

    def come(number: int) -> bool:
        handle = store.twin()
        exchanging = a_consent(stage=ConsentStage.EXCHANGING, code="k1", browser=f"b{number}")
        advanced = handle.consents.advance(exchanging, ConsentStage.ASKED)
        handle.close()
        return advanced

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(come, range(8))) == [False] * 7 + [True]


def test_a_code_belongs_to_one_walk(store: Store) -> None:
    """Another doesn't advance with it, nor is it written; none is no code."""
    store.consents.put(a_consent("c1", code="k1"))
    store.consents.put(a_consent("c2"))
    store.consents.put(a_consent("c3"))

    assert not store.consents.advance(a_consent("c2", code="k1"), ConsentStage.ASKED)
    with pytest.raises(StoreError, match=r"^[^\n]+$"):
        store.consents.put(a_consent("c2", code="k1"))

    assert store.consents.with_code("k1") == a_consent("c1", code="k1")
    assert store.consents.with_code("k2") is None
    assert store.consents.with_code("") is None
    assert store.consents.advance(a_consent("c1", code="k1", outcome="granted"), ConsentStage.ASKED)
    assert store.consents.consent("c2") == a_consent("c2")


def test_walks_are_told_by_stage_person_and_end(store: Store) -> None:
    """The first to expire first, but a person's the other way round; a dropped one no more."""
    late, early = a_consent("c1", until=3.0), a_consent("c2", until=1.0)
    held, others = a_consent("c3", until=2.0, stage=ConsentStage.HELD), a_consent("c4", "p2", until=3.0)
    for consent in (late, early, held, others):
        store.consents.put(consent)

    assert store.consents.at(ConsentStage.ASKED) == [early, late, others]
    assert store.consents.at(ConsentStage.HELD) == [held]
    assert store.consents.of_person("p1") == [late, held, early]
    assert store.consents.expired(3.0, 9) == [early, held]
    assert store.consents.expired(9.0, 1) == [early]

    store.consents.drop("c2")
    store.consents.drop("c2")
    assert store.consents.of_person("p1") == [late, held]


def test_a_walk_shows_no_token() -> None:
    """Neither its repr nor that of its grant."""
    secret = "access-token-marker"
    consent = a_consent(grant=a_grant(access_token=Secret(secret), refresh_token=Secret(secret)))

    assert secret not in repr(consent) + repr(consent.grant)
