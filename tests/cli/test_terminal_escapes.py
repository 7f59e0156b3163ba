"""What events say is shown as text: nothing in it moves a terminal's cursor, colours it, or turns its lines around."""

import json

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution

HOSTILE = {
    "escape": "\x1b[31mred\x1b[2J",
    "one-byte escape": "\x9b31m",
    "bell and backspace": "a\x07\x08\x08b",
    "turned around": "abc\u202egnp.exe\u202c",
    "line ends": "one\ntwo\r\nthree\u2028four",
    "link": "\x1b]8;;https://evil.example/\x07click\x1b]8;;\x07",
}
COMMANDS = (
    ["status"],
    ["status", "--person", person_id(1)],
    ["plan"],
    ["explain", "/repository", "W-1"],
    ["explain", "/hr", "A-1"],
    ["dead-letters", "list"],
    ["held", "list"],
    ["permission", "list"],
    ["gap", "list"],
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_of_it_reaches_a_terminal(institution: Institution, hostile: str) -> None:
    """In tables, in JSON and in logs; JSON still holds it."""
    text = HOSTILE[hostile]
    log = institution.log(
        "log.jsonl",
        events.publication(person_id(1), "W-1", "10.5555/1", title=f"Moa {text}", type=text),
        events.affiliation(person_id(1), "A-1", role_title=text, department=text),
        events.affiliation(person_id(1), f"A-{text}"),
        events.affiliation(person_id(1), "A-2", kind=text),
        {**events.affiliation(person_id(1), "A-3"), "type": text},
        json.dumps({text: text}).encode(),
    )
    institution.run("permission", "import", "/dev/null")
    told = [institution.run("replay", log, "--no-send")]
    told += [institution.run(*words, *more) for words in COMMANDS for more in ([], ["--json"])]
    told.append(institution.run("export", person_id(1)))
    told.append(institution.run("explain", "/hr", f"A-{text}"))

    for ran in told:
        assert b"Traceback" not in ran.stderr, ran.stderr.decode()
        for line in (ran.stdout + ran.stderr).decode().split("\n"):
            assert line.isprintable(), f"{ran.args}: {line!r}"
    kept = json.loads(told[-2].stdout)["source_records"]
    assert text in [one["data"].get("role_title") for one in kept]
