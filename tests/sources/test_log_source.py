"""Event logs: plain or compressed, whole or cut, and what a message says of its place."""

import gzip
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import zstandard

from mappers.events.messages import Message
from worker.sources import logs
from worker.sources.logs import LogError, LogSource, place_name

Compress = Callable[[bytes], bytes]
FORMS = [
    pytest.param("events.jsonl", bytes, id="plain"),
    pytest.param("events.jsonl.gz", gzip.compress, id="gz"),
    pytest.param("events.jsonl.zst", zstandard.compress, id="zst"),
]
COMPRESSED = FORMS[1:]


def written(path: Path, content: bytes) -> str:
    """The path of a file with this content."""
    path.write_bytes(content)
    return str(path)


def read(*paths: str, limit: int = 1000) -> list[Message]:
    """All messages of these logs; raises what the source raises."""
    messages, _ = read_until_fault(paths, limit)
    return messages


def read_until_fault(paths: Sequence[str], limit: int = 1000) -> tuple[list[Message], str]:
    """The messages that came, and the fault that ended it ("" when the end was reached)."""
    source = LogSource(paths)
    messages: list[Message] = []
    try:
        while not source.exhausted:
            messages += source.poll(limit, 0.0).messages
    except LogError as error:
        with pytest.raises(LogError):
            source.poll(limit, 0.0)
        return messages, str(error)
    finally:
        source.close()
    return messages, ""


def values(messages: Sequence[Message]) -> list[bytes | None]:
    """What the messages carry."""
    return [message.value for message in messages]


@pytest.mark.parametrize(("name", "compress"), FORMS)
def test_a_log_is_read_line_by_line(tmp_path: Path, name: str, compress: Compress) -> None:
    """Places count lines from 1, under the same name whatever the compression."""
    path = written(tmp_path / name, compress(b'{"a":1}\n{"b":2}\n'))

    messages = read(path)

    assert values(messages) == [b'{"a":1}', b'{"b":2}']
    assert [str(message.place) for message in messages] == ["events.jsonl:1", "events.jsonl:2"]
    assert [(message.live, message.oversize, message.place.log) for message in messages] == [(False, None, None)] * 2


@pytest.mark.parametrize(("name", "compress"), COMPRESSED)
def test_a_compressed_log_is_the_same_as_the_plain_one(tmp_path: Path, name: str, compress: Compress) -> None:
    """To the fingerprint: a log that was compressed since makes no new dead letters."""
    content = b"".join(b'{"n":%d}\n' % number for number in range(5000))
    plain = written(tmp_path / "events.jsonl", content)
    (tmp_path / "archive").mkdir()
    packed = written(tmp_path / "archive" / name, compress(content))

    assert read(packed) == read(plain)
    assert [one.fingerprint() for one in read(packed)] == [one.fingerprint() for one in read(plain)]


@pytest.mark.parametrize(("name", "compress"), COMPRESSED)
def test_compressed_logs_may_be_put_one_behind_the_other(tmp_path: Path, name: str, compress: Compress) -> None:
    """As `cat a.gz b.gz` does; one of the parts may be empty."""
    path = written(tmp_path / name, compress(b"1\n2") + compress(b"") + compress(b"3\n4\n"))

    assert values(read(path)) == [b"1", b"23", b"4"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", [], id="empty"),
        pytest.param(b"\n\n\n", [], id="blank-lines-only"),
        pytest.param(b"1\n\n  \t\n2\n", [(1, b"1"), (4, b"2")], id="blank-lines-between"),
        pytest.param(b"1\n2", [(1, b"1"), (2, b"2")], id="no-newline-at-the-end"),
        pytest.param(b"1\r\n\r\n2\r\n", [(1, b"1"), (3, b"2")], id="crlf"),
        pytest.param(b"1\r2\n", [(1, b"1\r2")], id="a-lone-cr-ends-no-line"),
        pytest.param(b"\xff\xfe\n", [(1, b"\xff\xfe")], id="bytes-are-not-judged"),
    ],
)
def test_where_a_line_ends(tmp_path: Path, content: bytes, expected: list[tuple[int, bytes]]) -> None:
    """Blank lines are passed over and counted; a line's end is no part of it."""
    messages = read(written(tmp_path / "events.jsonl", content))

    assert [(message.place.offset, message.value) for message in messages] == expected


@pytest.mark.parametrize("end", [pytest.param(b"\n", id="lf"), pytest.param(b"\r\n", id="crlf")])
@pytest.mark.parametrize(
    ("size", "oversize"),
    [
        pytest.param(15, None, id="below"),
        pytest.param(16, None, id="at-the-limit"),
        pytest.param(17, 17, id="one-above"),
        pytest.param(33, 33, id="twice-the-limit-and-one"),
        pytest.param(1000, 1000, id="far-above"),
    ],
)
def test_of_a_line_that_is_too_long_the_head_is_kept_and_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, oversize: int | None, end: bytes
) -> None:
    """The line's end does not count; the lines around it come whole."""
    monkeypatch.setattr(logs, "KEPT", 16)
    path = written(tmp_path / "events.jsonl", b"1" + end + b"x" * size + end + b"3" + end)

    before, long, after = read(path)

    assert (long.value, long.oversize) == (b"x" * min(size, 16), oversize)
    assert (before.value, after.value, after.place.offset) == (b"1", b"3", 3)


def test_a_line_above_16_mib_is_never_held_whole(tmp_path: Path) -> None:
    """100 MB in some bytes of zstandard: the head, and the true size."""
    path = written(tmp_path / "events.jsonl.zst", zstandard.compress(b"x" * 100_000_000 + b"\n2\n"))

    long, after = read(path)

    assert (len(long.value or b""), long.oversize) == (16 * 1024 * 1024, 100_000_000)
    assert after.value == b"2"


def test_bytes_read_are_those_of_the_lines(tmp_path: Path) -> None:
    """For the progress bar: line ends and blank lines included."""
    source = LogSource([written(tmp_path / "events.jsonl", b"1\r\n\n22")])
    source.poll(10, 0.0)

    assert source.bytes_read == 6
    source.close()


def test_several_logs_are_one_behind_the_other(tmp_path: Path) -> None:
    """In the order given, each with its own lines; a batch may span two."""
    one = written(tmp_path / "b.jsonl", b"1\n2\n")
    two = written(tmp_path / "a.jsonl", b"3")

    messages = read(one, two, limit=3)

    assert [f"{message.place}={(message.value or b'').decode()}" for message in messages] == [
        "b.jsonl:1=1",
        "b.jsonl:2=2",
        "a.jsonl:1=3",
    ]


def test_standard_input_is_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the name stdin."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"1\n2\n")))

    assert [str(message.place) for message in read("-")] == ["stdin:1", "stdin:2"]


@pytest.mark.parametrize(("name", "compress"), COMPRESSED)
@pytest.mark.parametrize("share", [pytest.param(0.5, id="half"), pytest.param(0.99, id="last-bytes")])
def test_a_cut_log_gives_what_came_before_and_then_says_where_it_was_cut(
    tmp_path: Path, name: str, compress: Compress, share: float
) -> None:
    """Whole lines only: a cut one is no event. Every poll after it says so again."""
    lines = [b'{"n":%d,"noise":"%x"}' % (number, number**9) for number in range(20_000)]
    whole = compress(b"".join(line + b"\n" for line in lines))
    path = written(tmp_path / name, whole[: int(len(whole) * share)])

    messages, fault = read_until_fault([path])

    assert 0 < len(messages) < len(lines) or share > 0.5
    assert values(messages) == lines[: len(messages)]
    assert fault.startswith(f"{path}: cannot be read on after line {len(messages)}: ")
    assert "\n" not in fault


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.gz", gzip.compress(b"1\n")[:5], id="gz-cut-in-its-head"),
        pytest.param("a.zst", zstandard.compress(b"1\n")[:3], id="zst-cut-in-its-head"),
        pytest.param("a.gz", b'{"plain":1}\n', id="no-gz"),
        pytest.param("a.zst", b'{"plain":1}\n', id="no-zst"),
        pytest.param("a.gz", gzip.compress(b"")[:10] + b"\xff" * 20, id="gz-broken"),
    ],
)
def test_what_is_not_compressed_as_it_says_names_file_and_line(tmp_path: Path, name: str, content: bytes) -> None:
    """One clear line instead of a traceback, and no message made of rubbish."""
    path = written(tmp_path / name, content)

    messages, fault = read_until_fault([path])

    assert messages == []
    assert fault.startswith(f"{path}: cannot be read on after line 0: ")


@pytest.mark.parametrize(("name", "compress"), COMPRESSED)
def test_rubbish_behind_a_compressed_log_is_told_after_its_last_line(
    tmp_path: Path, name: str, compress: Compress
) -> None:
    """All of its lines come first."""
    lines = b"".join(b"%d\n" % number for number in range(3000))
    path = written(tmp_path / name, compress(lines) + b"rubbish")

    messages, fault = read_until_fault([path], limit=700)

    assert len(messages) == 3000
    assert "after line 3000" in fault


@pytest.mark.parametrize(("name", "compress"), COMPRESSED)
def test_a_broken_log_does_not_hide_what_came_from_the_logs_before(
    tmp_path: Path, name: str, compress: Compress
) -> None:
    """They were taken; the logs behind it are not read."""
    good = written(tmp_path / "good.jsonl", b"1\n2\n")
    broken = written(tmp_path / name, compress(b"3\n")[:-4])
    never = written(tmp_path / "never.jsonl", b"4\n")

    messages, fault = read_until_fault([good, broken, never])

    assert values(messages)[:2] == [b"1", b"2"]
    assert b"4" not in values(messages)
    assert name in fault


@pytest.mark.parametrize("name", ["absent.jsonl", "absent.jsonl.gz", "absent.jsonl.zst", "."])
def test_a_log_that_cannot_be_opened_is_told_before_anything_is_read(tmp_path: Path, name: str) -> None:
    """The one that is missing is named, though others come before it."""
    there = written(tmp_path / "there.jsonl", b"1\n")

    with pytest.raises(LogError, match=r"cannot be opened: (No such file|Is a directory)") as caught:
        LogSource([there, str(tmp_path / name)])

    assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param("events.jsonl", "events.jsonl", id="plain"),
        pytest.param("/a/b/events.jsonl.gz", "events.jsonl", id="gz-in-a-folder"),
        pytest.param("./events.jsonl.zst", "events.jsonl", id="zst"),
        pytest.param("-", "stdin", id="stdin"),
    ],
)
def test_the_name_of_a_place_says_neither_folder_nor_compression(path: str, name: str) -> None:
    """The same bytes at the same place are the same dead letter, wherever the file was moved."""
    assert place_name(path) == name
