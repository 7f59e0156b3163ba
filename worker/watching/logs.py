"""Logs: events as data, one line each, on stderr; what libraries say comes the same way."""

import contextlib
import json
import logging
import sys
import threading
import traceback
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from mappers.secret import Secret
from worker.watching.scrubbing import Scrubber

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
QUIET_LIBRARIES = ("kafka", "httpx", "httpcore", "uvicorn", "asyncio", "urllib3")
"""Their loggers say nothing below a warning: what httpx says at info holds URLs."""
FRAMES = 4
"""Innermost places of a traceback that a line tells."""


def configure_logs(
    form: Literal["json", "console"] | None = None,
    level: str = "info",
    stream: TextIO | None = None,
    secrets: Collection[Secret] = (),
) -> None:
    """Sends all logs of this process to the stream (stderr), in this form (console on a terminal, else json).

    `secrets` never show, wherever they turn up. May be called again; the last call counts.
    """
    out = sys.stderr if stream is None else stream
    form = form or ("console" if out.isatty() else "json")
    scrubber = Scrubber(secrets)
    render: list[Processor] = (
        [structlog.dev.ConsoleRenderer(colors=out.isatty(), sort_keys=False)] if form == "console" else [_as_json]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            compact_exception,
            Scrub(scrubber),
            *render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=_Lines(out),
        cache_logger_on_first_use=False,
    )
    _route_libraries(max(LEVELS[level], logging.WARNING))


class _Lines:
    """Makes loggers that write lines, whole ones, to one stream; a stream that is gone is no reason to fail."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def __call__(self, *_: Any) -> "_Lines":
        return self

    def msg(self, message: str) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._stream.write(f"{message}\n")
            self._stream.flush()

    debug = info = warning = error = critical = msg


def compact_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Puts an exception into one field: what it says, its causes, and the innermost places, without any locals."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else None
    if given is True:
        error = sys.exc_info()[1]
    if error is not None:
        event["exception"] = told(error)
    return event


def told(error: BaseException) -> str:
    """An exception on one line: type and message, where it was raised (innermost first), and what caused it."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    places = " < ".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    line = _said(error) + (f" ({places})" if places else "")
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return line if cause is None else f"{line}, caused by {_said(cause)}"


def _said(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - a log call must never be what fails
        text = ""
    return type(error).__name__ + (f": {text}" if text else "")


def _short(filename: str) -> str:
    return "/".join(Path(filename).parts[-2:])


class Scrub:
    """The step that lets no secret and no control character pass (worker/log_scrubbing.py)."""

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        """The event with every value scrubbed, its name, level and time first."""
        first = {name: event.pop(name) for name in ("timestamp", "level", "event") if name in event}
        return {
            self._scrubber.text(str(name)): self._scrubber.scrubbed(str(name), value)
            for name, value in (*first.items(), *event.items())
        }


def _as_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    # What is printable was left as it is, so é stays é; the rest is escaped already.
    return json.dumps(event, ensure_ascii=False, default=str)


class LibraryLogs(logging.Handler):
    """Hands what libraries say to our own log."""

    def emit(self, record: logging.LogRecord) -> None:
        """One event for the record; never raises."""
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - a library's slip in a format string is no reason to fail
            message = str(record.msg)
        log = structlog.get_logger()
        log.log(record.levelno, "library_warned", library=record.name, message=message, exc_info=record.exc_info)


def _route_libraries(level: int) -> None:
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, LibraryLogs)]:
        root.removeHandler(handler)
    root.addHandler(LibraryLogs(level))
    root.setLevel(logging.WARNING)
    for name in QUIET_LIBRARIES:
        logger = logging.getLogger(name)
        # kafka logs every refused connection as an error; what keeps events from coming, the source itself says once.
        logger.setLevel(logging.CRITICAL if name == "kafka" else logging.WARNING)
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(capture=True)
