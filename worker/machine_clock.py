"""The machine's clock."""

import time


class MachineClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()
