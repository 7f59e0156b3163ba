"""A clock for tests."""


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = 1_764_000_000.0

    def __call__(self) -> float:
        return self.time
