"""README.md as data: its sections, code blocks, commands and names."""

import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from worker.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = ROOT / "deploy" / "examples"

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")


def blocks(language: str, text: str = README) -> list[str]:
    """The code blocks of a language, without the indentation of a list they stand in."""
    return [textwrap.dedent(body) for _, kind, body in _BLOCK.findall(text) if kind == language]


def section(title: str) -> str:
    """A section's text, from its heading to the next of the same level."""
    head, _, rest = README.partition(f"\n## {title}\n")
    assert rest, f"README.md has no section {title!r}"
    del head
    return rest.split("\n## ", 1)[0]


def spans() -> list[str]:
    """What stands between backticks outside code blocks."""
    return _SPAN.findall(_BLOCK.sub("", README))


def named(prefix: str) -> set[str]:
    """The names that begin so, wherever they stand."""
    return set(re.findall(rf"\b{prefix}\w+", README))


def cli() -> click.Group:
    """The command line with all its commands."""
    return app.cli


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that does something, as the words one types."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name)


def command_rows() -> list[str]:
    """The first cells of the table of commands."""
    return re.findall(r"^\| `([^`]+)`", section("Commands").split("| exit code |")[0], re.MULTILINE)


def shell_calls() -> list[list[str]]:
    """The words behind each `orcid-sync` of a shell block, up to a pipe, and of the text."""
    lines = [line.split("#")[0] for block in blocks("sh") for line in block.splitlines()]
    pieces = [piece.strip() for line in lines for piece in re.split(r"\|(?!\|)|&&", line)]
    found = [piece for piece in (*pieces, *spans()) if piece.startswith("orcid-sync ")]
    return [shlex.split(piece)[1:] for piece in found]
