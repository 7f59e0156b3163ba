"""A message: the bytes of one event as an event source hands them over, and the place they came from."""

from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class LogId:
    """One partition of one topic of one cluster, as it was created: a topic made anew has another `topic_id`."""

    cluster: str
    topic_id: str
    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: a line of a log file (`log` is None) or an offset of a topic's partition."""

    name: str
    offset: int
    log: LogId | None = None

    def __str__(self) -> str:
        return f"{self.name}:{self.offset}" if self.log is None else f"{self.log}@{self.offset}"


@dataclass(frozen=True, slots=True)
class Message:
    """One event's bytes. `value` is None for a tombstone. `live` is true when it came from its own topic as it grew.

    `oversize` is set by a source that kept only the head of a value too large to hold: the size in bytes it had.
    """

    place: Place
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    key: bytes | None = None
    live: bool = False
    oversize: int | None = field(default=None)

    def fingerprint(self) -> str:
        """The same bytes at the same place have the same fingerprint: 32 hexadecimal characters."""
        digest = sha256(str(self.place).encode())
        for part in (
            self.value,
            self.key,
            *(text for header in self.headers for text in (header[0].encode(), header[1])),
        ):
            digest.update(b"-" if part is None else b"+%d:" % len(part) + part)
        return digest.hexdigest()[:32]
