"""Faults: what ORCID, its proxy and the network do to calls, drawn from the seed."""

from dataclasses import dataclass
from random import Random

from tests.turning.weather import CUT, TIMEOUT, UNSENT, answered, method_of
from worker.ports import HttpCall, OAuthCall, Reply

CALL_SECONDS = 30.0
SETTLE_SECONDS = 10.0
LATEST = 2 * CALL_SECONDS
"""How long after it was handed over a request may still be carried out: so long its intent is not ripe."""

_OWN = answered(500, b'{"error-code": 9008}')
_PAGE = answered(502, b"<html>")


@dataclass(frozen=True, slots=True)
class Fault:
    """What a call gets instead of ORCID's reply, and whether ORCID carries it out: `never`, `now`, `late`, `beyond`."""

    name: str
    reply: Reply | None
    done: str
    seconds: float = 0.1
    methods: tuple[str, ...] = ("POST", "PUT", "DELETE", "GET")


FAULTS = (
    Fault("no connection", UNSENT, "never", methods=("POST", "PUT", "DELETE", "GET", "TOKEN", "REVOKE")),
    Fault("429", answered(429), "never"),
    Fault("429 with Retry-After", answered(429, retry_after="20"), "never"),
    Fault("503", answered(503), "never", methods=("POST", "PUT", "DELETE", "GET", "TOKEN", "REVOKE")),
    Fault("cut before commit", CUT, "never", methods=("POST", "PUT", "DELETE", "GET", "REVOKE")),
    Fault("cut after commit: lost reply", CUT, "now", methods=("POST", "PUT", "DELETE", "REVOKE")),
    Fault("500 before commit", _OWN, "never"),
    Fault("500 after commit", _OWN, "now", methods=("POST", "PUT", "DELETE")),
    Fault("proxy page, not carried out", _PAGE, "never", 5.0),
    Fault("proxy page, carried out", _PAGE, "now", 5.0, ("POST", "PUT", "DELETE")),
    Fault("proxy page, carried out late", _PAGE, "late", 5.0, ("POST", "PUT", "DELETE")),
    Fault("timeout, not carried out", TIMEOUT, "never", CALL_SECONDS),
    Fault("timeout, carried out", TIMEOUT, "now", CALL_SECONDS, ("POST", "PUT", "DELETE", "TOKEN")),
    Fault("late within its deadline", TIMEOUT, "late", CALL_SECONDS, ("POST", "PUT", "DELETE")),
    Fault("late beyond its deadline", TIMEOUT, "beyond", CALL_SECONDS, ("POST",)),
    Fault("slow", None, "now", CALL_SECONDS - 1.0),
    Fault("stale list", None, "stale", methods=("GET",)),
)
"""Each kind that can happen to a call."""


@dataclass
class Trouble:
    """A fault that waits for the next calls it fits."""

    fault: Fault
    methods: tuple[str, ...]
    times: int


class Troubles:
    """The faults in force."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._waiting: list[Trouble] = []

    def brew(self) -> str:
        """Puts one in force; returns what it is called."""
        fault = self._random.choice(FAULTS)
        writes = [one for one in fault.methods if one in ("POST", "PUT", "DELETE")]
        methods = tuple(
            self._random.choice([fault.methods, writes or fault.methods, [self._random.choice(fault.methods)]])
        )
        self._waiting.append(Trouble(fault, methods, self._random.choice([1, 1, 1, 2, 5])))
        return f"{fault.name} for {'/'.join(methods)}"

    def strike(self, call: HttpCall | OAuthCall) -> Fault | None:
        """The fault that happens to a call, if one does."""
        method = method_of(call)
        for one in self._waiting:
            lists = one.fault.done != "stale" or (isinstance(call, HttpCall) and is_list(call))
            if method in one.methods and method in one.fault.methods and lists:
                one.times -= 1
                if one.times == 0:
                    self._waiting.remove(one)
                return one.fault
        return None

    def end(self) -> None:
        """No more of it."""
        self._waiting.clear()


def is_list(call: HttpCall) -> bool:
    """Whether a GET asks for the list of a section."""
    parts = call.path.split("/")
    return call.method == "GET" and len(parts) == 4 and parts[2][:1].isdigit()
