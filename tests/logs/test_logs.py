"""Logs: one line an event, and never a token or a terminal escape in it."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from mappers.secret import Secret
from worker.watching.logs import LibraryLogs, configure_logs

TOKEN = "4bed1e13-7792-4129-9f07-aaf7b88ba88f"
WEB_TOKEN = "correct horse battery"
VAULT_KEY = "c2l4dGVlbiBieXRlcyBhbmQgc2l4dGVlbiBtb3JlISE="
SEALED = "gAAAAABmZ3Vlc3NpbmcgdGhpcyBpcyBub3QgYSB0b2tlbg=="
PLANTED = (TOKEN, TOKEN.upper(), WEB_TOKEN, VAULT_KEY, SEALED, "hunter2")


@dataclass(frozen=True)
class Grant:
    """Something whose repr tells too much."""

    token: str


class Unprintable:
    """Something whose repr fails."""

    def __str__(self) -> str:
        raise RuntimeError(TOKEN)


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging as it was before."""
    root = logging.getLogger()
    before = root.level
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.setLevel(before)
    for handler in [one for one in root.handlers if isinstance(one, LibraryLogs)]:
        root.removeHandler(handler)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def logged(form: Any = "json", level: str = "info") -> io.StringIO:
    """Where logs go from now on."""
    out = io.StringIO()
    configure_logs(form, level, out, secrets=[Secret(WEB_TOKEN), Secret("ab")])
    return out


def only(out: io.StringIO) -> dict[str, Any]:
    """The one event that was logged."""
    (line,) = out.getvalue().splitlines()
    event: dict[str, Any] = json.loads(line)
    return event


def test_an_event_is_one_line_of_json() -> None:
    """Time in UTC, level and name first, then the facts as they are."""
    out = logged()

    structlog.get_logger().info("call_made", person="Zoë", status=201, seconds=0.5, why=None, ok=True)

    event = only(out)
    assert list(event)[:3] == ["timestamp", "level", "event"]
    assert event["timestamp"].endswith("Z")
    assert {**event, "timestamp": ""} == {
        "timestamp": "",
        "level": "info",
        "event": "call_made",
        "person": "Zoë",
        "status": 201,
        "seconds": 0.5,
        "why": None,
        "ok": True,
    }


SPOKEN = [
    pytest.param({"why": f"Invalid access token: {TOKEN}"}, id="orcid-echoes-the-token"),
    pytest.param({"anything": TOKEN}, id="whole-value"),
    pytest.param({"anything": f"x{TOKEN.upper()}y"}, id="within-a-word"),
    pytest.param({"body": f'{{"access_token":"{TOKEN}","refresh_token":"hunter2"}}'.encode()}, id="bytes"),
    pytest.param({"headers": {"Authorization": "Bearer hunter2"}}, id="header-in-a-dict"),
    pytest.param({"text": "Authorization: Bearer hunter2"}, id="header-in-a-text"),
    pytest.param({"text": "authorization='Basic hunter2=='"}, id="basic"),
    pytest.param({"text": "sent with bearer hunter2hunter2"}, id="scheme-alone"),
    pytest.param({"url": "https://orcid.org/callback?code=hunter2&state=1"}, id="code-in-a-url"),
    pytest.param({"url": "postgresql://user:hunter2@db/orcid"}, id="password-in-a-url"),
    pytest.param({"text": "client_secret=hunter2&grant_type=x"}, id="form"),
    pytest.param({"grant": Grant(TOKEN)}, id="repr"),
    pytest.param({"grant": Secret("hunter2")}, id="secret"),
    pytest.param({"deep": [{"a": (TOKEN, {"b": {TOKEN}})}]}, id="nested"),
    pytest.param({"facts": {TOKEN: 1}}, id="key-of-a-dict"),
    pytest.param({"refresh_token": "hunter2"}, id="by-its-key"),
    pytest.param({"text": f"known {WEB_TOKEN} by name"}, id="known-secret"),
    pytest.param({"text": VAULT_KEY}, id="vault-key"),
    pytest.param({"text": SEALED}, id="sealed"),
    pytest.param({"odd": Unprintable()}, id="unprintable"),
    pytest.param({"text": "x" * 1990 + TOKEN}, id="across-the-cut"),
]


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("facts", SPOKEN)
def test_no_token_is_printed(facts: dict[str, Any], form: str) -> None:
    """Whatever a log call is given, no secret comes out."""
    out = logged(form)

    structlog.get_logger().warning("something_happened", **facts)

    said = out.getvalue()
    assert "something_happened" in said
    assert not [planted for planted in PLANTED if planted in said]
    assert TOKEN[:18] not in said


def test_no_token_of_an_exception_is_printed() -> None:
    """An exception is one field without locals; a token in its message or its cause's is scrubbed."""
    out = logged()

    def fail() -> None:
        local = TOKEN
        try:
            dict[str, str]()[local]
        except KeyError as error:
            raise ValueError(f"no grant\nfor {local}") from error

    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("turn_failed")

    event = only(out)
    assert event["exception"].startswith("ValueError: no grant for [uuid ")
    assert "logs/test_logs.py:" in event["exception"]
    assert "caused by KeyError" in event["exception"]
    assert TOKEN not in out.getvalue()


def test_the_event_name_is_scrubbed_too() -> None:
    """A token in the name of an event does not show."""
    out = logged()

    structlog.get_logger().info(f"granted {TOKEN}")

    assert TOKEN not in out.getvalue()


def test_harmless_things_stay_readable() -> None:
    """What operators look for is not taken for a secret."""
    out = logged()
    facts = {
        "orcid": "0000-0001-2345-6789",
        "place": "hr.events/0@17",
        "why": "error-code 9010, code: 404, invalid_token",
        "note": "token_type is bearer token",
        "tokens": 3,
    }

    structlog.get_logger().info("call_made", **facts)

    assert {name: only(out)[name] for name in facts} == facts


def test_the_same_uuid_is_known_again() -> None:
    """Harmless ids are UUIDs as well: one that comes twice is seen to be the same."""
    out = logged()

    structlog.get_logger().info("a", one=TOKEN, same=TOKEN.upper(), other=TOKEN.replace("4", "5"))

    event = only(out)
    assert event["one"] == event["same"] != event["other"]


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\x1b]0;owned\x07", id="terminal-escape"),
        pytest.param("a\r\nb\x85c\u2028d", id="line-breaks"),
        pytest.param("\u202egpj.exe", id="direction"),
        pytest.param("\ud800", id="lone-surrogate"),
    ],
)
def test_control_characters_are_escaped(form: str, text: str) -> None:
    """An event's text can't write to the terminal, nor begin a line of its own."""
    out = logged(form)

    structlog.get_logger().info("event_buried", why=text)

    (line,) = out.getvalue().split("\n")[:-1]
    assert line.isprintable()
    assert line.encode()


def test_libraries_speak_through_the_same_log() -> None:
    """Warnings of libraries are events like ours, scrubbed; what they say below that is not logged."""
    out = logged(level="debug")

    logging.getLogger("httpx").info("HTTP Request: GET %s", f"https://x/?token={TOKEN}")
    logging.getLogger("kafka.net").error("refused")  # each attempt; our source says it once
    logging.getLogger("asyncio").warning("lost %s with %s", "broker", TOKEN)

    event = only(out)
    assert (event["event"], event["library"], event["level"]) == ("library_warned", "asyncio", "warning")
    assert event["message"].startswith("lost broker with [uuid ")


def test_a_librarys_slip_is_logged_all_the_same() -> None:
    """A message that does not fit its arguments is no reason to fail."""
    out = logged()

    LibraryLogs().emit(logging.LogRecord("kafka", logging.ERROR, "", 1, "%d of %d", ("x",), None))

    assert only(out)["message"] == "%d of %d"


def test_python_warnings_are_logged() -> None:
    """A warning of Python's goes to the log, not to the terminal."""
    out = logged()

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)

    assert "DeprecationWarning: old" in only(out)["message"]


def test_levels() -> None:
    """What is below the level is not logged."""
    out = logged(level="error")

    structlog.get_logger().warning("a")
    logging.getLogger("kafka").warning("b")

    assert not out.getvalue()


def test_console_on_a_terminal() -> None:
    """Without a form, a terminal gets readable lines and anything else JSON."""
    terminal, pipe = Terminal(), io.StringIO()

    configure_logs(stream=terminal)
    structlog.get_logger().info("started")
    configure_logs(stream=pipe)
    structlog.get_logger().info("started")

    assert not terminal.getvalue().startswith("{")
    assert only(pipe)["event"] == "started"


def test_a_stream_that_is_gone_stops_nobody() -> None:
    """Logging to a closed stream does nothing."""
    out = logged()
    out.close()

    structlog.get_logger().info("started")
