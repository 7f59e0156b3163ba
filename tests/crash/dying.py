"""Dying: a process that ends at the n-th port call, before it or after it, as kill -9 would end it."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from state.store import Store

DIED = 137
Moment = Literal["before", "after"]
ROOMS = tuple(Store.__annotations__)
"""The store's rooms: each of their methods is a port call."""


@dataclass
class Fate:
    """Counts port calls; at the n-th the process ends. With `at` None it lives."""

    at: int | None
    moment: Moment = "before"
    calls: int = 0

    def meet(self, do: Callable[[], Any]) -> Any:
        """Makes one port call, or dies before or after it."""
        self.calls += 1
        last = self.calls == self.at  # a call may make others within it
        if last and self.moment == "before":
            os._exit(DIED)
        result = do()
        if last:
            os._exit(DIED)
        return result


class Mortal:
    """A port whose every method call may be the last."""

    def __init__(self, port: Any, fate: Fate) -> None:
        self._port = port
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if not callable(value):
            return value
        return lambda *args, **named: self._fate.meet(lambda: value(*args, **named))


class MortalStore(Mortal):
    """A store whose rooms may die, and whose transactions may die as they begin and as they are made durable."""

    def __init__(self, store: Any, fate: Fate) -> None:
        super().__init__(store, fate)
        for room in ROOMS:
            setattr(self, room, Mortal(getattr(store, room), fate))

    def transaction(self) -> AbstractContextManager[None]:
        """One port call to begin it, and one to commit it."""
        return self._transaction()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        inner = self._port.transaction()
        self._fate.meet(inner.__enter__)
        try:
            yield
        except BaseException as error:
            inner.__exit__(type(error), error, error.__traceback__)
            raise
        self._fate.meet(lambda: inner.__exit__(None, None, None))

    def now(self) -> float:
        """The clock is a port too."""
        return float(self._fate.meet(self._port.now))
