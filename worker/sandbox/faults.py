"""A fault on request: what ORCID, its proxy or the network does wrong, how often and to which calls.

    SPEC  := KIND [":" FIELD "=" VALUE {"," FIELD "=" VALUE}]

| kind               | what happens                                                        | fields of its own     |
| ------------------ | ------------------------------------------------------------------- | --------------------- |
| `500`              | ORCID's own error 9008                                              | `when`                |
| `error`            | the ORCID error of that code                                        | `code`, `when`        |
| `429`, `503`       | throttled by the proxy, HTML body                                   | `retry-after`, `when` |
| `502-html`, `504-html`, `520-html` to `524-html` | the proxy's HTML page                 | `when`                |
| `forwarder`        | ORCID's forwarder to its authorization server fails: 401, OAuth body | `error`, `when`       |
| `reset-before`     | connection reset; nothing was done                                  |                       |
| `reset-after`      | done, then the connection is reset: the reply is lost               |                       |
| `slow`             | the call waits, then is carried out (even if the client gave up)    | `seconds`             |
| `slow-reply`       | the call is carried out, then its reply waits                       | `seconds`             |
| `stale-lists`      | lists, and overviews, show the record as it stood that long ago     | `seconds`             |

`when=after` carries the call out and loses its reply to the fault; `when=before` (the default) does nothing.

Fields that every kind takes: `method` (GET, POST, PUT, DELETE), `section` (a word of the address: `work`, `works`,
`employment` …, `group-id-record`, `notification-permission`, or `authorize`, `token`, `revoke` for OAuth), `orcid`;
`after=N` lets the first N matching calls pass, `every=N` hits each N-th one then, `times=N` ends after N hits.
Without a `section` only the member API is hit, never OAuth; `forwarder` hits only `token` and `revoke`.
Delays of several faults add up; of the others the first that matches is the one that happens.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from worker.sandbox.errors import ERROR_CODES
from worker.sandbox.messages import JsonObject
from worker.sandbox.orcid_id import is_orcid_id
from worker.sandbox.sections.table import GROUP_IDS, LISTS, NOTIFICATIONS, SECTIONS

_FILTERS: Final = frozenset({"method", "section", "orcid", "after", "every", "times"})
_HTML: Final = frozenset({"502-html", "504-html", *(f"{status}-html" for status in range(520, 525))})
_KINDS: Final = {
    "500": frozenset({"when"}),
    "error": frozenset({"code", "when"}),
    "429": frozenset({"retry-after", "when"}),
    "503": frozenset({"retry-after", "when"}),
    **dict.fromkeys(sorted(_HTML), frozenset({"when"})),
    "forwarder": frozenset({"error", "when"}),
    "reset-before": frozenset[str](),
    "reset-after": frozenset[str](),
    "slow": frozenset({"seconds"}),
    "slow-reply": frozenset({"seconds"}),
    "stale-lists": frozenset({"seconds"}),
}
_NEEDED: Final = {"slow": "seconds", "slow-reply": "seconds", "stale-lists": "seconds", "error": "code"}
_DELAYS: Final = frozenset({"slow", "slow-reply", "stale-lists"})
_LISTING: Final = frozenset({*LISTS, "activities", "person", "personal-details", "record"})
_METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE"})
_FORWARDED: Final = frozenset({"token", "revoke"})
_OAUTH: Final = _FORWARDED | {"authorize"}
_FORWARDER_ERRORS: Final = (
    "server_error",
    "invalid_request",
    "invalid_scope",
    "invalid_grant",
    "unsupported_grant_type",
    "unauthorized_client",
)


class FaultSpecError(ValueError):
    """A fault that cannot be understood: one line that names the spec, the field and the rule."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as asked for."""

    spec: str
    kind: str
    seconds: float = 0.0
    retry_after: int | None = None
    code: int = 9008
    error: str = _FORWARDER_ERRORS[0]
    after_commit: bool = False
    method: str | None = None
    section: str | None = None
    orcid: str | None = None
    after: int = 0
    every: int = 1
    times: int | None = None

    def concerns(self, call: "CallFacts") -> bool:
        """Whether the fault is about such a call at all."""
        if self.kind == "forwarder":
            if call.section not in _FORWARDED:
                return False
        elif self.section is None and call.section in _OAUTH:
            return False
        if self.kind == "stale-lists" and (call.method != "GET" or call.section not in _LISTING):
            return False
        wanted = ((self.method, call.method), (self.section, call.section), (self.orcid, call.orcid))
        return all(asked is None or asked == actual for asked, actual in wanted)


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What a fault looks at: the method, the word of the address, the iD."""

    method: str
    section: str
    orcid: str | None


@dataclass(slots=True)
class _Armed:
    number: int
    fault: Fault
    seen: int = 0
    hits: int = 0

    def strikes(self, call: CallFacts) -> bool:
        """Whether the fault hits this call; counts it."""
        fault = self.fault
        if not fault.concerns(call) or (fault.times is not None and self.hits >= fault.times):
            return False
        self.seen += 1
        if self.seen <= fault.after or (self.seen - fault.after) % fault.every:
            return False
        self.hits += 1
        return True


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What happens to one call; `striking` is the fault that replaces its reply or cuts the connection."""

    delay_before: float = 0.0
    delay_reply: float = 0.0
    stale_seconds: float = 0.0
    striking: Fault | None = None


@dataclass(slots=True)
class FaultBoard:
    """The faults in force."""

    _armed: list[_Armed] = field(default_factory=list)
    _numbers: int = 0

    def arm(self, spec: str) -> int:
        """Put a fault in force; its number is what ends it. Raises `FaultSpecError`."""
        fault = parse_fault(spec)
        self._numbers += 1
        self._armed.append(_Armed(self._numbers, fault))
        return self._numbers

    def disarm(self, number: int | None = None) -> None:
        """End one fault, or all."""
        self._armed = [armed for armed in self._armed if number not in {None, armed.number}]

    def disturb(self, call: CallFacts) -> Disturbance:
        """What happens to this call."""
        delays = dict.fromkeys(_DELAYS, 0.0)
        striking = None
        for armed in self._armed:
            if armed.fault.kind in _DELAYS:
                delays[armed.fault.kind] += armed.fault.seconds * armed.strikes(call)
            elif striking is None and armed.strikes(call):
                striking = armed.fault
        return Disturbance(delays["slow"], delays["slow-reply"], delays["stale-lists"], striking)

    def as_json(self) -> list[JsonObject]:
        """The faults in force, for the control API."""
        return [
            {"id": armed.number, "spec": armed.fault.spec, "seen": armed.seen, "hits": armed.hits}
            for armed in self._armed
        ]


def parse_fault(spec: str) -> Fault:
    """The fault that a spec asks for; raises `FaultSpecError`."""
    kind, _, rest = spec.strip().partition(":")
    if kind not in _KINDS:
        raise FaultSpecError(f"fault {spec!r}: kind {kind!r} is not one of: {', '.join(_KINDS)}")
    fields = _split_fields(spec, kind, rest)
    needed = _NEEDED.get(kind)
    if needed is not None and needed not in fields:
        raise FaultSpecError(f"fault {spec!r}: field {needed!r} is missing, kind {kind!r} needs it")
    values: dict[str, Any] = {}
    for name, text in fields.items():
        attribute, read, rule = _FIELDS[name]
        try:
            values[attribute] = read(text)
        except (ValueError, KeyError):
            raise FaultSpecError(f"fault {spec!r}: field {name!r} is {text!r}, but must be {rule}") from None
    if kind == "reset-after":
        values["after_commit"] = True
    return Fault(spec=spec, kind=kind, **values)


def _split_fields(spec: str, kind: str, rest: str) -> dict[str, str]:
    known = _FILTERS | _KINDS[kind]
    fields: dict[str, str] = {}
    for part in rest.split(",") if rest else ():
        name, equals, text = (piece.strip() for piece in part.partition("="))
        if not equals or not text:
            raise FaultSpecError(f"fault {spec!r}: {part.strip()!r} is not of the form field=value")
        if name not in known:
            raise FaultSpecError(f"fault {spec!r}: field {name!r} is not one of: {', '.join(sorted(known))}")
        if name in fields:
            raise FaultSpecError(f"fault {spec!r}: field {name!r} is given twice")
        fields[name] = text
    return fields


def _number(least: float, kind: type[int] | type[float] = int) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = kind(text)
        if not least <= value <= _MOST:
            raise ValueError(text)
        return value

    return read


def _one_of(words: Iterable[str]) -> Callable[[str], str]:
    return {word: word for word in words}.__getitem__


def _orcid(text: str) -> str:
    if not is_orcid_id(text):
        raise ValueError(text)
    return text


def _error_code(text: str) -> int:
    return ERROR_CODES[int(text)].code


_MOST: Final = 1_000_000
_WORDS: Final = (*dict.fromkeys((*SECTIONS, *LISTS)), GROUP_IDS.name, NOTIFICATIONS.name, *sorted(_OAUTH))
_FIELDS: Final[dict[str, tuple[str, Callable[[str], Any], str]]] = {
    "seconds": ("seconds", _number(0, float), f"a number from 0 to {_MOST}"),
    "retry-after": ("retry_after", _number(0), f"a whole number from 0 to {_MOST}"),
    "code": ("code", _error_code, "one of ORCID's error codes"),
    "error": ("error", _one_of(_FORWARDER_ERRORS), f"one of: {', '.join(_FORWARDER_ERRORS)}"),
    "when": ("after_commit", {"before": False, "after": True}.__getitem__, "before or after"),
    "method": ("method", _one_of(_METHODS), f"one of: {', '.join(sorted(_METHODS))}"),
    "section": ("section", _one_of(_WORDS), f"one of: {', '.join(_WORDS)}"),
    "orcid": ("orcid", _orcid, "an ORCID iD with a right check digit"),
    "after": ("after", _number(0), f"a whole number from 0 to {_MOST}"),
    "every": ("every", _number(1), f"a whole number from 1 to {_MOST}"),
    "times": ("times", _number(1), f"a whole number from 1 to {_MOST}"),
}
