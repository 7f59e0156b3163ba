"""What is wrong with a PostgreSQL state, in one line that says what to do."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from state.store import AwayError, HandedOverError, StoreError, UnkeptError

SHUT_CODE = "OS001"
"""The SQLSTATE of our triggers that shut what was handed over: no other's trigger is taken for one of ours."""

_PASSWORD = "give its password in ORCID_SYNC_STATE_PASSWORD"  # noqa: S105
_URL = "mend ORCID_SYNC_STATE_URL"
_STANDBY = "this is a standby: name the server that may be written"
_ADVICE: Sequence[tuple[str, str]] = (
    ("password authentication failed", f"{_PASSWORD}, and its name in ORCID_SYNC_STATE_URL"),
    ("no password supplied", _PASSWORD),
    ("no pg_hba.conf entry", "let this user in from here, or with sslmode=require, in the server's pg_hba.conf"),
    ("does not exist", f"create the database, or {_URL}"),
    ("Connection refused", f"start the server, or {_URL}"),
    ("timeout expired", f"it does not answer: look after it and the network, or {_URL}"),
    ("could not translate host name", _URL),
    ("failed to resolve host", _URL),
    ("certificate verify failed", "name the authority of its certificate in the URL: sslrootcert=FILE"),
    ("does not support SSL", "set the server up for TLS"),
    ("does not match host name", "name the host that its certificate is for"),
    ("too many", "raise the server's max_connections, or run fewer processes"),
    ("remaining connection slots", "raise the server's max_connections, or run fewer processes"),
    ("session is read-only", f"{_STANDBY}, or both with commas between"),
    ("server is in hot standby mode", f"{_STANDBY}, or both with commas between"),
    ("starting up", "wait until it is up"),
    ("shutting down", "wait until it is up again"),
)
"""What to do, by what is said where nothing has a code: before there is a session."""
_ADVICE_BY_CODE: Mapping[str, str] = {
    "0A000": "its tables were changed by a newer orcid-sync: restart this one",
    "25006": _STANDBY,
    "25P03": "this process was silent for too long in the middle of it: it was undone",
    "28000": _URL,
    "28P01": _PASSWORD,
    "3D000": f"create the database, or {_URL}",
    "42501": "this user must own the schema",
    "53100": "make room on its disk",
    "53300": "raise the server's max_connections, or run fewer processes",
    "55P03": "another process has been writing for too long: find it in pg_stat_activity",
}
"""What to do, by PostgreSQL's SQLSTATE."""

_PASSING = (
    "Connection refused",
    "Connection reset",
    "Connection timed out",
    "timeout expired",
    "No route to host",
    "Network is unreachable",
    "Host is unreachable",
    "could not translate host name",
    "failed to resolve host",
    "server closed the connection",
    "did not answer",
    "starting up",
    "shutting down",
    "in recovery mode",
    "not yet accepting connections",
    "too many",
    "remaining connection slots",
    # The address is a standby's still: it is promoted, or the address moves, while a failover goes on.
    "session is read-only",
    "server is in hot standby mode",
    # A balancer's way when there is nobody behind it.
    "SSL SYSCALL error: EOF detected",
    "unexpected eof while reading",
    # A pooler's words for it.
    "cannot connect to server",
    "server_login_retry",
    "query_wait_timeout",
)
"""What is said of a server that is away for a while, where nothing has a code."""
_LASTING = (
    "password authentication failed",
    "no password supplied",
    "pg_hba.conf",
    "does not exist",
    "certificate",
    "does not support SSL",
    "does not match host name",
)
_PASSING_CODES = ("08", "53300", "57P01", "57P02", "57P03")
"""Connections, their number, and a server that stops or starts."""
_OF_THE_VALUE = ("22", "54")
"""Classes of SQLSTATE: data exceptions, and limits of PostgreSQL such as the size of a key."""


_SEARCH_PATH = re.compile(r"search_path\s*=\s*(\S+)")


def name_of(parameters: Mapping[str, Any]) -> str:
    """How a state is told of, by its connection parameters: never with its password."""
    user = str(parameters.get("user") or "")
    hosts = str(parameters.get("host") or parameters.get("hostaddr") or "").split(",")
    ports = str(parameters.get("port") or "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    places = ",".join(f"{host}:{port}" if port else host for host, port in zip(hosts, ports, strict=False))
    schema = _SEARCH_PATH.search(str(parameters.get("options") or ""))
    beyond = f"?search_path={schema[1]}" if schema else ""
    return f"postgresql://{user}{'@' if user else ''}{places}/{parameters.get('dbname') or user}{beyond}"


def unreachable(name: str, error: Exception) -> StoreError:
    """That there is no connection to be had, and why; an AwayError where that may pass by itself."""
    kind = AwayError if _passes(error) else StoreError
    return kind(f"the state {name} cannot be reached: {_told(error)}")


def _passes(error: Exception) -> bool:
    """Whether it may be otherwise in a while. Of several hosts, one that refuses us for good does so to the end."""
    code, text = getattr(error, "sqlstate", None) or "", str(error)
    if code:
        return code.startswith(_PASSING_CODES)
    return any(words in text for words in _PASSING) and not any(words in text for words in _LASTING)


def failed(name: str, error: psycopg.Error) -> StoreError | UnkeptError:
    """That a statement failed, and why."""
    if (error.sqlstate or "").startswith(_OF_THE_VALUE):
        return UnkeptError(f"the state {name} cannot keep it: {_told(error)}")
    if error.diag.sqlstate == SHUT_CODE:
        return HandedOverError(f"the state {name} {error.diag.message_primary}")
    return StoreError(f"the state {name} failed: {_told(error)}")


def _told(error: Exception) -> str:
    primary = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    text = " ".join((primary or str(error)).split()) or type(error).__name__
    code = getattr(error, "sqlstate", None)
    advice = _ADVICE_BY_CODE.get(code) if code else next((what for words, what in _ADVICE if words in text), None)
    return f"{text}: {advice}" if advice else text
