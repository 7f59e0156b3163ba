"""README.md and deploy/README.md as data: their sections, code blocks, commands and names."""

import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from worker.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DEPLOYING = (ROOT / "deploy" / "README.md").read_text("utf-8")
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


def spans(text: str = README) -> list[str]:
    """What stands between backticks outside code blocks."""
    return _SPAN.findall(_BLOCK.sub("", text))


def named(prefix: str, text: str = README) -> set[str]:
    """The names that begin so, wherever they stand."""
    return set(re.findall(rf"\b{prefix}\w+", text))


def wrong_links(text: str, folder: Path) -> list[str]:
    """Links of a page in `folder` that lead to no heading and to no file."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {"#" + re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}
    targets = re.findall(r"\]\((?!https?:)([^)]+)\)", text)
    return [one for one in targets if one not in anchors and not (folder / (one.split("#")[0] or "-")).exists()]


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


def shell_calls(text: str = README) -> list[list[str]]:
    """The words behind each `orcid-sync` of a shell block, up to a pipe, and of the text; in a container, too."""
    lines = [line.split("#")[0] for block in blocks("sh", text) for line in block.splitlines()]
    within = r"^(?:kubectl exec|docker exec|docker compose exec) .*(?=orcid-sync [a-z-])"
    pieces = [piece.strip() for line in lines for piece in re.split(rf"\|(?!\|)|&&|{within}", line)]
    found = [piece for piece in (*pieces, *spans(text)) if piece.startswith("orcid-sync ")]
    return [shlex.split(piece)[1:] for piece in found]


def unknown_word(words: list[str]) -> str:
    """The first word that the command line does not take; empty when it takes all."""
    command: click.Command = cli()
    while words:
        word, *words = words
        if isinstance(command, click.Group) and not word.startswith("-"):
            found = command.get_command(click.Context(command), word)
            if found is None:
                return word
            command = found
        elif word.startswith("--"):
            options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
            if word not in options:
                return f"{command.name} {word}"
            words = words[1:] if word == "--config" else words
    return ""
