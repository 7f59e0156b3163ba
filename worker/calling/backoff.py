"""Back-off: how long to leave a record alone after failures in a row. Pure."""


def backoff(failures: int, base: float, longest: float, chance: float) -> float:
    """Seconds to wait after the `failures`-th failure in a row (from 1).

    Doubles from `base` to `longest`, and is spread by `chance` (0 to 1) over its upper half, so that records that
    failed together do not come back together.
    """
    full = min(longest, base * 2.0 ** min(failures - 1, 30))
    return full * (0.5 + 0.5 * chance)
