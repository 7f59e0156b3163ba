"""A clock that tests set."""


class SetClock:
    """A clock that stands still until it is moved: time as an argument, for tests and simulation."""

    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        """Seconds since 1970, as set."""
        return self.at

    def advance(self, seconds: float) -> None:
        """Moves it forward."""
        self.at += seconds
