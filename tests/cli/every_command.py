"""Every command that has to do with the state, with words that it understands."""

from collections.abc import Iterator
from pathlib import Path

import click

from worker.cli.app import cli

STATELESS = {"demo", "sandbox", "copy"}
OPTIONS: dict[tuple[str, ...], list[str]] = {("state", "backup"): ["--force"]}
"""What some are called with beside their arguments."""


def every_command(given: dict[str, str]) -> list[list[str]]:
    """One call of each; `given` has what is given for an argument, by its name."""
    return [[*path, *_arguments(command, given), *OPTIONS.get(path, ())] for path, command in _leaves(cli, ())]


def _leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        if found is not None and name not in STATELESS:
            yield from _leaves(found, (*path, name))


def _arguments(command: click.Command, given: dict[str, str]) -> list[str]:
    names = [one.name for one in command.params if isinstance(one, click.Argument)]
    unknown = [name for name in names if name not in given]
    assert not unknown, f"{command.name} takes {unknown}: say in this test what to give"
    return [given[name] for name in names]


def given_in(folder: Path) -> dict[str, str]:
    """What is given for each argument; files are in this folder."""
    return {
        "person": "E00001",
        "from_": "E00002",
        "into": "E00001",
        "source": "/hr",
        "subject": "A-1",
        "code": "abc123",
        "letter": "L1",
        "letters": "L1",
        "number": "1",
        "hold": "mapping-00000000",
        "holds": "first-send",
        "logs": str(folder / "more.jsonl"),
        "file": str(folder / "file"),
    }
