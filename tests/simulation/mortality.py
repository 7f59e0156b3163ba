"""Mortality: a process that ends between any two of its port calls, with whatever it had not committed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from state.store import Store


class Died(BaseException):
    """The process is no more. Nothing in it may catch this."""


@dataclass
class Fate:
    """Lets a process die before or after one of its next port calls; a dead one makes no more of them."""

    left: int = 10**9
    after: bool = False
    dead: bool = False

    def end_in(self, calls: int, *, after: bool) -> None:
        """It dies at the call of that number from now on."""
        self.left, self.after = calls, after

    def die(self, method: Callable[..., Any], args: Any, named: Any) -> Any:
        """The last call: made or not, its result is never seen."""
        if not self.dead:
            self.dead = True
            if self.after:
                method(*args, **named)
        raise Died


def mortal(port: Any, fate: Fate) -> Any:
    """The port, each of whose methods may be the last."""
    return _Mortal(port, fate)


class _Mortal:
    def __init__(self, port: Any, fate: Fate) -> None:
        self._port = port
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        """Each method is made mortal when it is first asked for; what may change is never kept."""
        value = getattr(self._port, name)
        if not callable(value):
            return value
        method = _wrapped(value, self._fate)
        setattr(self, name, method)
        return method


class MortalStore:
    """A store whose rooms are mortal, and whose transactions may end as they begin and as they are committed."""

    def __init__(self, store: Store, fate: Fate) -> None:
        self.whole = store
        self._fate = fate
        for room in Store.__annotations__:
            setattr(self, room, mortal(getattr(store, room), fate))

    def transaction(self) -> AbstractContextManager[None]:
        """One port call to begin it, and one to commit it."""
        return self._transaction()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        inner = self.whole.transaction()
        _wrapped(inner.__enter__, self._fate)()
        try:
            yield
            if self._fate.left <= 1 and not self._fate.after:
                self._fate.die(self.whole.now, (), {})
        except BaseException as error:
            inner.__exit__(type(error), error, error.__traceback__)
            raise
        _wrapped(inner.__exit__, self._fate)(None, None, None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)


def _wrapped(method: Callable[..., Any], fate: Fate) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:
        fate.left -= 1
        return fate.die(method, args, named) if fate.left <= 0 else method(*args, **named)

    return call
