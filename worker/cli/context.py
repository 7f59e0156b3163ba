"""What every command has at hand: settings, the state, and a way to print."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from state.store import Store

if TYPE_CHECKING:
    from state.postgres.store import PostgresStore
    from state.sqlite.store import SqliteStore
    from worker.settings.settings import Settings


PIPE_WIDTH = 240
PIECES = 1000
"""Pieces of JSON that are printed at once."""
ROWS = 50
"""How many rows people are shown of what may be much; --json has all."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")

SENDING = ("vault_keys", "client_id")
"""What a command that sends needs set."""


class NotKnownError(Exception):
    """What was asked for is not there: one line."""


@dataclass
class Context:
    """Made once for a command from `--config` and the environment."""

    config: Path | None
    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    needs: tuple[str, ...] = ("vault_keys",)
    waits: bool = False
    """Whether the command waits for a state whose server is away when it starts: what runs for years does."""

    @cached_property
    def settings(self) -> "Settings":
        """All settings, checked, and what the command `needs` set; raises SettingsFaults with all that is wrong."""
        from worker.settings.settings import load_settings
        from worker.watching.logs import configure_logs

        settings = load_settings(self.environ, self.config, self.needs)
        configure_logs(settings.log_format, settings.log_level, secrets=settings.secrets)
        return settings

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The state, closed at the end. Raises StoreError when it cannot be used."""
        store = self._opened()
        try:
            if self.needs == SENDING:
                store.check()  # nothing goes out, or is taken in, by a damaged one
            yield store
        except (AttributeError, LookupError, TypeError, ValueError):
            store.check(thoroughly=True)  # what nobody expects may come from damage that no statement has noticed
            raise
        finally:
            store.close()

    def _opened(self) -> "SqliteStore | PostgresStore":
        if self.waits:
            from worker.waiting import awaited_store

            return awaited_store(self.settings)
        from worker.wiring import open_store

        return open_store(self.settings)

    @contextmanager
    def bound_store(self) -> Iterator[Store]:
        """The state, for a command that writes it or plans from it: bound to the ORCID of the settings."""
        from worker.wiring import bind

        self.needs = SENDING
        with self.store() as store:
            bind(store, self.settings)
            yield store


def print_json(value: Any) -> None:
    """One object, alone on stdout; what a terminal would act on, or not show, is escaped.

    An iterator in it, however long, is a list, of which no more is held than is being printed.
    """
    pieces = chain(_json_pieces(value), "\n")
    while text := "".join(islice(pieces, PIECES)):
        click.echo(text, nl=False)


def _json_pieces(value: Any) -> Iterator[str]:
    if isinstance(value, Iterator):
        yield "["
        for number, one in enumerate(value):
            if number:
                yield ", "
            yield from _json_pieces(one)
        yield "]"
    elif isinstance(value, dict) and any(isinstance(one, Iterator) for one in value.values()):
        yield "{"
        for number, (name, one) in enumerate(value.items()):
            yield f"{', ' if number else ''}{_json(name)}: "
            yield from _json_pieces(one)
        yield "}"
    else:
        yield _json(value)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def print_table(title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table for people; what events contain is shown as text, never as markup or terminal codes."""
    table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold", box=None)
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    console().print(table)


def say_more(number: int) -> None:
    """How many of so many rows were not shown, if any."""
    if number > ROWS:
        say(f"… and {number - ROWS} more: --json tells all")


def say(line: str, **style: Any) -> None:
    """One line for people."""
    click.echo(click.style(plain(line), **style) if style else plain(line))


def console() -> Console:
    """Standard output as it is now; what goes into a file or a pipe is not folded to a screen's width."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def plain(cell: Any) -> str:
    """Its text on one line, without anything that a terminal would act on."""
    text = "" if cell is None else str(cell)
    return "".join(char if char.isprintable() else " " for char in text)
