"""Interrupts: SIGTERM and Ctrl-C as a question that the work asks between two steps."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def end_at_once(number: int, frame: FrameType | None = None) -> None:
    """Ends the process as the signal does that nobody handles.

    The first process of a container has no such default: a signal that it does not handle is dropped.
    """
    del frame
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
    os._exit(128 + number)


@contextmanager
def ended_by_signals(code: int | None = None) -> Iterator[None]:
    """SIGTERM and Ctrl-C end the process at once, by SystemExit: what is done within cleans up. The main thread's.

    With this exit code, else with the one that the signal would have ended it with.
    """

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        raise SystemExit(128 + number if code is None else code)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Interrupts:
    """True in `asked` once somebody asked to stop; the second time the process ends at once (nothing is lost)."""

    def __init__(self) -> None:
        self.asked = False
        self.heard: Callable[[], None] = lambda: None
        """Called at each question: whoever hears it knows that the work goes on."""

    def __call__(self) -> bool:
        """Whether to stop."""
        self.heard()
        return self.asked

    @contextmanager
    def listening(self) -> Iterator["Interrupts"]:
        """Takes the signals over while the work goes on."""
        before = {number: signal.signal(number, self._handle) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self.asked:
            end_at_once(number)
        self.asked = True
