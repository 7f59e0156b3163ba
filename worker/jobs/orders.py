"""Orders: what a job is asked to do, and how that is kept. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from shlex import join

from pydantic import TypeAdapter

REPLAY, VERIFY = "replay", "verify"


@dataclass(frozen=True, slots=True)
class ReplayOrder:
    """A replay: of logs, by absolute paths where the daemon runs, or of the topics. Times are seconds since 1970."""

    logs: tuple[str, ...] = ()
    since: float | None = None
    complete: tuple[str, ...] = ()
    send: bool = True
    wait: float = 30.0

    @property
    def words(self) -> str:
        """As it would be typed."""
        since = None if self.since is None else datetime.fromtimestamp(self.since, UTC).isoformat()
        return join(
            (
                REPLAY,
                *(self.logs or ("--from-kafka",)),
                *(() if since is None else ("--since", since)),
                *(word for name in self.complete for word in ("--complete", name)),
                *(() if self.send else ("--no-send",)),
            )
        )


@dataclass(frozen=True, slots=True)
class VerifyOrder:
    """A drift check: of everybody, or of one person. That one is kept beside the order, where they can be erased."""

    repair: bool = False
    wait: float = 30.0

    @property
    def words(self) -> str:
        """As it would be typed, but for the person."""
        return f"{VERIFY} --repair" if self.repair else VERIFY


Order = ReplayOrder | VerifyOrder

_KINDS: Mapping[str, TypeAdapter[Order]] = {REPLAY: TypeAdapter(ReplayOrder), VERIFY: TypeAdapter(VerifyOrder)}


def kind_of(order: Order) -> str:
    """By which name an order is kept."""
    return REPLAY if isinstance(order, ReplayOrder) else VERIFY


def packed(order: Order) -> str:
    """An order as JSON."""
    return json.dumps(asdict(order), ensure_ascii=False)


def unpacked(kind: str, text: str) -> Order:
    """What `packed` wrote; raises ValueError for what it did not."""
    if kind not in _KINDS:
        raise ValueError(f"no such kind of job: {kind}")
    return _KINDS[kind].validate_json(text)


def words_of(kind: str, text: str) -> str:
    """An order as it would be typed; its kind alone when it can't be understood."""
    try:
        return unpacked(kind, text).words
    except ValueError:
        return kind
