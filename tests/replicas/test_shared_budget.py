"""One request budget for processes that come, go and die, on a real PostgreSQL."""

import threading
from collections.abc import Callable
from contextlib import closing
from itertools import count
from time import monotonic, sleep

import psycopg

from state.postgres.store import PostgresStore
from state.vault import Vault, new_key

RATE, BURST = 100.0, 20.0
SECONDS = 4.0


class Spender(threading.Thread):
    """What a process does: spends as fast as it may. Each request was granted between the two times of its pair."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__(daemon=True)
        self.granted: list[tuple[float, float]] = []
        self.ends = threading.Event()
        self._store: Callable[[], PostgresStore] = lambda: PostgresStore(url, Vault([key]))
        self.start()

    def run(self) -> None:
        """With a pool of its own, as a process has it."""
        with closing(self._store()) as store:
            while not self.ends.is_set():
                before = monotonic()
                wait = store.turns.spend(1, RATE, BURST)
                if wait == 0.0:
                    self.granted.append((before, monotonic()))
                else:
                    sleep(wait)


def test_whoever_comes_goes_or_dies_the_rate_is_that_of_one(postgres_url: str) -> None:
    """In no stretch of time is more granted than its rate and one burst; and nearly all of it is used."""
    key, began = new_key(), monotonic()
    PostgresStore(postgres_url, Vault([key])).close()
    spenders = [Spender(postgres_url, key) for _ in range(2)]
    for turn in count():
        if monotonic() - began > SECONDS:
            break
        spenders.append(Spender(postgres_url, key))
        sleep(0.3)
        if turn % 2:
            die_with_the_budget(postgres_url)
        else:
            spenders[turn // 2].ends.set()
    for spender in spenders:
        spender.ends.set()
        spender.join(30)
    took = monotonic() - began

    granted = sorted(pair for spender in spenders for pair in spender.granted)
    assert not [spender for spender in spenders if spender.is_alive()]
    assert most_over(granted) <= 0.0
    assert len(granted) > 0.5 * RATE * took


def die_with_the_budget(url: str) -> None:
    """As a process that is killed in the middle of spending: the server hears that its connection ended."""
    connection = psycopg.connect(url)
    connection.execute("SELECT tokens FROM budget WHERE id = 1 FOR UPDATE")
    connection.execute("UPDATE budget SET tokens = tokens - 1 WHERE id = 1")
    connection.close()


def most_over(granted: list[tuple[float, float]]) -> float:
    """By how much the fullest stretch of time is over its rate and one burst, at the very least."""
    ends = sorted(after for _, after in granted)
    begins = [before for before, _ in granted]
    worst, inside = 0.0, -float("inf")
    # The stretch from the i-th beginning to the j-th end holds at least j - i + 1: over by that, less what is allowed.
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        inside = max(inside, begin * RATE - number)
        worst = max(worst, number + 1 - end * RATE + inside - BURST)
    return worst
