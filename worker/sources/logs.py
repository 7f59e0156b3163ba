"""Event logs as a source: JSON lines in files, compressed or not, or on standard input."""

import gzip
import io
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard

from mappers.events.messages import LogId, Message, Place
from worker.ports import Batch

KEPT = 16 * 1024 * 1024
"""Bytes of one line that are kept; of a longer one only its head, and its size."""
FED = 512
"""Compressed bytes taken at a time: they may stand for 16 MiB (128 KiB in 4 bytes), which are held at once."""
STDIN = "-"


class LogError(Exception):
    """A log that can't be read on: one line naming it, the place and the fault. What came before it was taken."""


class LogSource:
    """Reads logs one after the other, by line. Blank lines are passed over."""

    def __init__(self, paths: Sequence[str], *, none_empty: bool = False) -> None:
        """Raises LogError for a path that can't be opened, before anything is read.

        `none_empty` makes a log without any event one that can't be read: its export failed.
        """
        self._none_empty = none_empty
        with ExitStack() as opening:  # closes the others when one cannot be opened
            self._lines = self._read([(path, _open(path, opening)) for path in paths])
            self._stack = opening.pop_all()
        self._exhausted = False
        self._broken: LogError | None = None
        self.bytes_read = 0

    @property
    def exhausted(self) -> bool:
        """True at the end of the last log."""
        return self._exhausted

    @property
    def trouble(self) -> str | None:
        """A file has none that is not raised."""
        return None

    def poll(self, limit: int, timeout: float) -> Batch:
        """The next lines. Raises LogError at a place that can't be read."""
        del timeout  # a file never keeps us waiting
        if self._broken is not None:
            raise self._broken
        messages: list[Message] = []
        try:
            for message in self._lines:
                messages.append(message)
                if len(messages) == limit:
                    return Batch(messages)
        except LogError as error:
            self._broken = error
            if not messages:
                raise
            return Batch(messages)  # what came before it is taken first
        self._exhausted = True
        return Batch(messages)

    def commit(self, positions: Mapping[LogId, int]) -> None:
        """A file keeps no positions: reading it again changes nothing."""

    def lag(self) -> Mapping[LogId, int]:
        """A file has none."""
        return {}

    def rewind(self) -> None:
        """A log is not polled again: who reads one ends when its events cannot be applied, and it is read anew."""

    def close(self) -> None:
        """Closes the files."""
        self._stack.close()

    def _read(self, logs: Sequence[tuple[str, BinaryIO]]) -> Iterator[Message]:
        for path, lines in logs:
            name = place_name(path)
            number, empty = 0, True
            try:
                while line := _line(lines):
                    number += 1
                    text, size, read = line
                    self.bytes_read += read
                    if text.strip() or size > KEPT:
                        empty = False
                        yield Message(Place(name, number), text, oversize=size if size > KEPT else None)
            except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:  # OSError: also no gzip
                raise LogError(f"{path}: cannot be read on after line {number}: {error}") from error
            if empty and self._none_empty:
                raise LogError(f"{path}: no event of it came, and with --complete each log has to have one")


def place_name(path: str) -> str:
    """How places in a log are named: the file's name, whatever folder or compression it is in."""
    name = "stdin" if path == STDIN else Path(path).name
    for ending in (".gz", ".zst"):
        name = name.removesuffix(ending)
    return name


def _open(path: str, stack: ExitStack) -> BinaryIO:
    if path == STDIN:
        return sys.stdin.buffer
    try:
        raw = stack.enter_context(Path(path).open("rb"))  # noqa: SIM115 - the stack closes it
    except OSError as error:
        raise LogError(f"{path} cannot be opened: {error.strerror}") from error
    return _decompressed(path, raw)


def _decompressed(path: str, raw: BinaryIO) -> BinaryIO:
    if path.endswith(".gz"):
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw))
    if path.endswith(".zst"):
        return cast("BinaryIO", io.BufferedReader(_Unzstd(raw)))
    return raw


class _Unzstd(io.RawIOBase):
    """Decompresses zstandard frames. zstandard's own reader takes a file that was cut for one that has ended."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._in_frame = False
        self._fed = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer; raises EOFError where a frame is cut."""
        while not self._ready:
            self._fed = self._fed or self._raw.read(FED)
            if not self._fed:
                if self._in_frame:
                    raise EOFError("compressed file ended before the end of its last frame was reached")
                return 0
            self._in_frame = True
            self._ready = memoryview(self._frame.decompress(self._fed))
            self._fed = self._frame.unused_data
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
                self._in_frame = False
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size


def _line(lines: BinaryIO) -> tuple[bytes, int, int] | None:
    """One line: at most KEPT bytes of it, its size without its end, and with it; None at the end of the log."""
    text = lines.readline(KEPT + 2)  # with either line end
    if not text:
        return None
    read, tail = len(text), text[-2:]
    while not tail.endswith(b"\n"):
        more = lines.readline(KEPT)
        if not more:
            break
        read += len(more)
        tail = (tail + more[-2:])[-2:]
    end = len(tail) - len(_without_end(tail))
    return _without_end(text)[:KEPT], read - end, read


def _without_end(text: bytes) -> bytes:
    return text.removesuffix(b"\n").removesuffix(b"\r") if text.endswith(b"\n") else text
