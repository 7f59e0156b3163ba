"""A damaged state: bytes turned over at many places, pages lost, an end missing. One clear line, or it does not matter.

SQLite keeps no checksums of its pages: a letter turned into another within a text is not found by anybody.
"""

from pathlib import Path
from random import Random

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution

PAGE = 4096
SEEDS = 8
STATES = 6
COMMANDS = 2


def damaged(content: bytes, rng: Random) -> bytes:
    """The same with some of it wrong."""
    bad, pages = bytearray(content), len(content) // PAGE
    first, second = (PAGE * number for number in rng.sample(range(pages), 2))
    match rng.choice(("bits", "bits", "letters", "zeroes", "noise", "swapped", "cut")):
        case "bits":
            for _ in range(rng.choice((1, 3, 50))):
                bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        case "letters":
            for at in rng.sample([at for at, byte in enumerate(bad) if chr(byte).isalpha()], 30):
                bad[at] = rng.randrange(ord("a"), ord("z"))
        case "zeroes":
            bad[first : first + PAGE] = bytes(PAGE)
        case "noise":
            bad[first : first + PAGE] = rng.randbytes(PAGE)
        case "swapped":
            bad[first : first + PAGE], bad[second : second + PAGE] = (
                content[second : second + PAGE],
                content[first : first + PAGE],
            )
        case _:
            del bad[rng.randrange(len(bad)) :]
    return bytes(bad)


def commands(institution: Institution) -> list[list[str]]:
    """Those that read, that write, and that send."""
    more = institution.log("more.jsonl", events.affiliation(person_id(1), "A-2", role_title="Reader"))
    return [
        *(["status"], ["status", "--person", person_id(1)], ["plan"], ["explain", "/hr", "A-1"], ["held", "list"]),
        *(["permission", "list"], ["dead-letters", "list"], ["export", person_id(1)], ["permission", "rekey"]),
        *(["sync", "--wait", "0"], ["replay", more, "--wait", "0"], ["replay", more, "--no-send"], ["remap"]),
        *(["state", "backup", str(institution.folder / "backup.db"), "--force"], ["dead-letters", "retry"]),
        *(["forget", person_id(2), "--wait", "0"], ["person", "merge", person_id(2), person_id(1)]),
    ]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_command_makes_it_worse(institution: Institution, seed: int) -> None:
    """Never a traceback; a command that fails has written nothing; a backup is whole, or is none."""
    institution.settings["ORCID_SYNC_LOG_FORMAT"] = "json"
    institution.permit(1)
    people = [person_id(1), person_id(2)]
    said = [
        event
        for person in people
        for event in (
            events.affiliation(person, f"A-{person}"),
            events.person(person, f"P-{person}"),
            events.publication(person, f"W-{person}", f"10.5555/{person}"),
            events.funding(person, f"F-{person}", f"7-{person}"),
        )
    ]
    institution.json("replay", institution.log("log.jsonl", *said, b"{}"), code=3)
    state, rng = institution.folder / "state.db", Random(seed)
    good, words = state.read_bytes(), commands(institution)
    for _ in range(STATES):
        bad = damaged(good, rng)
        for command in rng.sample(words, COMMANDS):
            restore(state, bad)
            ran = institution.run(*command)

            told = [line for line in ran.stderr.decode().splitlines() if not line.startswith("{")]
            assert ran.returncode in {0, 1, 3}, (command, told)
            assert len(told) == (ran.returncode == 1), (command, told)
            assert ran.returncode != 1 or state.read_bytes() == bad, command
    restore(state, good)
    assert institution.json("status")["items"]["in_sync"] > 0


def restore(state: Path, content: bytes) -> None:
    """These bytes, and nothing beside them."""
    for one in state.parent.glob(f"{state.name}-*"):
        one.unlink()
    state.write_bytes(content)


def test_a_damaged_state_takes_no_backup_s_place(institution: Institution) -> None:
    """The good one of yesterday stays, and is put back in place of the damaged state."""
    institution.permit(1)
    institution.json("replay", institution.log("log.jsonl", events.affiliation(person_id(1), "A-1")))
    state, backup = institution.folder / "state.db", institution.folder / "backup.db"
    assert institution.run("state", "backup", str(backup)).returncode == 0
    good = backup.read_bytes()
    content = bytearray(state.read_bytes())
    for page in range(PAGE * 6, len(content) - PAGE, PAGE * 2):
        content[page : page + PAGE] = bytes(PAGE)
    state.write_bytes(bytes(content))

    ran = institution.run("state", "backup", str(backup), "--force")
    assert (ran.returncode, ran.stderr.count(b"\n")) == (1, 1)
    assert backup.read_bytes() == good

    state.rename(state.with_suffix(".damaged"))
    assert institution.run("state", "restore", str(backup)).returncode == 0
    assert institution.json("status")["items"]["in_sync"] == 1
