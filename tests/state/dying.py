"""Transactions that end badly."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from state.store import Store


class Death(BaseException):
    """A process that dies: not an Exception, so that nothing catches it by mistake."""


@contextmanager
def rolled_back(store: Store, error: type[BaseException] = Death) -> Iterator[None]:
    """A transaction that fails at its end; the error comes out of it as it was."""
    failure = error("at its end")
    with pytest.raises(error) as seen, store.transaction():  # noqa: PT012  # what fails is the transaction's end
        yield
        raise failure
    assert seen.value is failure
