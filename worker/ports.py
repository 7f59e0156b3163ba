"""The ports: everything the loop talks to. Wiring chooses real ones; one seed can drive fakes.

The store, the largest of them, has its interface in `state/store.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mappers.events.messages import LogId, Message
from mappers.forms import Format

ACCEPTED = Format.JSON.media_type
"""What replies are asked for as, whatever form a body is sent in."""


class Clock(Protocol):
    """The time, in seconds since 1970 (UTC)."""

    def now(self) -> float:
        """What time it is."""
        ...


@dataclass(frozen=True, slots=True)
class Gap:
    """Offsets `first` to `last` (both included) of a log that it no longer had when we came to read them."""

    log: LogId
    first: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll brought: messages in the order of their logs, the gaps met, and whether our store looks lost.

    `behind` is true when the group's committed offset in Kafka is ahead of what our store knows: the store was lost
    or restored, so the worker lists records before it adds to them.
    `starts` names each log that was taken over with this poll and the offset reading starts at.
    """

    messages: Sequence[Message] = ()
    gaps: Sequence[Gap] = ()
    starts: Mapping[LogId, int] = field(default_factory=dict)
    behind: bool = False


class EventSource(Protocol):
    """Where messages come from: a topic, a log file, a list in a simulation. Used by one thread."""

    @property
    def exhausted(self) -> bool:
        """True when nothing will ever come again (a log file's end; a bounded replay's end)."""
        ...

    @property
    def trouble(self) -> str | None:
        """One line on what keeps messages from coming now, or None."""
        ...

    def poll(self, limit: int, timeout: float) -> Batch:
        """At most `limit` messages, waiting at most `timeout` seconds for the first."""
        ...

    def commit(self, positions: Mapping[LogId, int]) -> None:
        """Tells the source how far the store has come (next offsets): a courtesy, the store's positions count."""
        ...

    def lag(self) -> Mapping[LogId, int]:
        """Messages that wait behind the position of each log being read."""
        ...

    def rewind(self) -> None:
        """What was polled since the last applied batch will be polled again."""
        ...

    def close(self) -> None:
        """Leaves; what was polled and not applied will be polled again."""
        ...


Positions = Callable[[LogId], int | None]
"""The next offset that our store has for a log, or None when it never read it."""


class Secret(Protocol):
    """A string that shows itself only to who asks."""

    def reveal(self) -> str:
        """The string."""
        ...


@dataclass(frozen=True, slots=True)
class ClientScope:
    """Stands for our client's own (two-legged) token of this scope: the transport has it, or asks ORCID for it."""

    scope: str


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request to ORCID's API, ready to be sent; its reply is asked for as JSON.

    `media_type` is the body's; `deadline` the total time it may take in seconds, asking for a token included. It begins
    when the call is sent, but for one that has an `end` (of `steady`, worker/sending/deadline.py): that is when its
    lease allows for it no longer, and past it nothing is sent.
    """

    method: str
    path: str
    token: Secret | ClientScope = field(repr=False)
    body: bytes | None = None
    media_type: str | None = None
    deadline: float = 30.0
    end: float | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OAuthCall:
    """A form for ORCID's authorization server, to which the transport adds our client's id and secret.

    `path` is `/oauth/token` or `/oauth/revoke`; `deadline` the total time it may take in seconds.
    """

    path: str
    form: Mapping[str, str] = field(repr=False)
    deadline: float = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """ORCID (or a proxy before it) replied; the body may hold tokens."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No reply was read. `sent` is false when the request surely never left (no connection): nothing is in doubt then.

    `late` is true when the request may still be carried out after now (timeout); false when the connection was cut.
    `attempts` is 0 when it was not even tried, for want of a token.
    """

    why: str
    sent: bool
    late: bool
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class NoToken:
    """ORCID gives our client no token of its own for this call, so nothing was sent. `word` is OAuth's (RFC 6749)."""

    word: str
    why: str
    attempts: int = 0


Reply = Answer | NoAnswer | NoToken


class OrcidTransport(Protocol):
    """Sends a call over HTTP. May be used by several threads at once. Never raises: what went wrong is in the reply."""

    def send(self, call: HttpCall | OAuthCall) -> Reply:
        """Sends the call and waits for its reply, at most `call.deadline` seconds."""
        ...

    def close(self) -> None:
        """Closes all connections."""
        ...


@dataclass(frozen=True, slots=True)
class Ticket:
    """Names a call that was handed to the lanes until its reply is collected."""

    number: int


class Lanes(Protocol):
    """A dozen senders side by side. They only send: who hands over a call has written its intent before."""

    @property
    def free(self) -> int:
        """How many more calls can be handed over now."""
        ...

    def submit(self, ticket: Ticket, call: HttpCall | OAuthCall) -> None:
        """Hands over a call; `free` must not be zero."""
        ...

    def collect(self, timeout: float) -> Sequence[tuple[Ticket, Reply, float]]:
        """Replies that came, each with the seconds its call took; waits at most `timeout` seconds for the first."""
        ...

    def close(self, timeout: float) -> None:
        """Lets calls in flight end, for at most `timeout` seconds."""
        ...
