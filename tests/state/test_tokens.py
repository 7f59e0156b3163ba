"""Every token that we were given, over every store."""

from dataclasses import replace

import pytest

from mappers.secret import Secret
from state.permission_facts import KeptToken, token_mark
from state.store import Store
from tests.state.helpers import JOSIAH, LAURE, a_token


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(a_token(), id="living"),
        pytest.param(a_token(to_revoke=True), id="to-be-revoked"),
        pytest.param(a_token(token=None), id="dead"),
        pytest.param(a_token(token=Secret("")), id="empty"),
    ],
)
def test_a_token_comes_back_as_it_was(store: Store, token: KeptToken) -> None:
    """By its mark."""
    store.tokens.keep(token)

    assert store.tokens.known("m1") == token
    assert store.tokens.known("m2") is None


def test_living_tokens_are_told_oldest_first_and_of_one_person(store: Store) -> None:
    """What was dropped lives no more; others' are others'."""
    second, first, other = a_token("m1", granted_at=2.0), a_token("m2", orcid=LAURE), a_token("m3", "p2")
    for token in (second, first, other, a_token("m4", token=None)):
        store.tokens.keep(token)

    assert store.tokens.of_person("p1") == [first, second]
    assert store.tokens.to_revoke("p1") == []


def test_a_token_that_was_dropped_never_comes_back(store: Store) -> None:
    """Whatever a later message claims of it: its mark is known, and that it has nothing to be revoked any more."""
    store.tokens.keep(a_token(to_revoke=True))
    store.tokens.drop("m1")
    store.tokens.drop("m2")

    store.tokens.keep(a_token(granted_at=99.0, to_revoke=True))

    assert store.tokens.known("m1") == a_token(token=None)
    assert store.tokens.of_person("p1") == store.tokens.to_revoke("p1") == []
    assert store.tokens.known("m2") is None


def test_a_token_told_of_again_keeps_when_it_was_granted(store: Store) -> None:
    """And shall be revoked as soon as one of them said so."""
    store.tokens.keep(a_token(granted_at=1.0, to_revoke=True))
    store.tokens.keep(a_token(granted_at=9.0))

    assert store.tokens.known("m1") == a_token(granted_at=1.0, to_revoke=True)


def test_a_token_that_is_kept_without_one_is_dead(store: Store) -> None:
    """Nothing is to be revoked of it."""
    store.tokens.keep(a_token(to_revoke=True))
    store.tokens.keep(a_token(token=None, to_revoke=True))

    assert store.tokens.known("m1") == a_token(token=None)


def test_all_living_tokens_are_revoked_at_once(store: Store) -> None:
    """Everywhere, or on one record; not those of others, nor dead ones."""
    here, there, others = a_token("m1"), a_token("m2", orcid=LAURE), a_token("m3", "p2")
    for token in (here, there, others, a_token("m4", token=None)):
        store.tokens.keep(token)

    store.tokens.revoke_all("p1", LAURE)
    assert store.tokens.to_revoke("p1") == [replace(there, to_revoke=True)]

    store.tokens.revoke_all("p1")
    assert store.tokens.to_revoke("p1") == [replace(here, to_revoke=True), replace(there, to_revoke=True)]
    assert store.tokens.to_revoke("p2") == []

    store.tokens.drop("m1")
    assert store.tokens.to_revoke("p1") == [replace(there, to_revoke=True)]


def test_a_mark_tells_tokens_apart_and_shows_none() -> None:
    """The same for the same one."""
    mark = token_mark(Secret("89f0181c-168b-4d7d-831c-1fdda2d7bbbb"))

    assert mark == token_mark(Secret("89f0181c-168b-4d7d-831c-1fdda2d7bbbb"))
    assert mark != token_mark(Secret("89f0181c-168b-4d7d-831c-1fdda2d7bbbc"))
    assert len(mark) == 32
    assert "89f0" not in repr(a_token(token=Secret("89f0181c-168b-4d7d-831c-1fdda2d7bbbb")))
    assert JOSIAH in repr(a_token())
