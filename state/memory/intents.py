"""Intents and their outcomes, in memory."""

from collections.abc import Sequence
from dataclasses import replace

from mappers.wanted import SourceKey
from state.facts import Intent, IntentStory, Outcome
from state.memory.state import Handle
from state.memory.tables import Tables

SUCCESSES = frozenset({"created", "accepted", "deleted"})


class MemoryIntents:
    """Writes about to be made, and what became of them."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def open(self, intents: Sequence[Intent]) -> Sequence[Intent]:
        """All of one call, which is numbered as its first intent."""
        with self._handle.writing as tables:
            call = (tables.numbers.get("intent") or 0) + 1
            return [_open(tables, intent, call) for intent in intents]

    def intent(self, intent: int) -> Intent | None:
        """Still open."""
        with self._handle.reading as tables:
            return tables.open_intents.get(intent)

    def open_of(self, person: str) -> Sequence[Intent]:
        """Oldest first."""
        with self._handle.reading as tables:
            return sorted(tables.open_intents.group("person", person), key=lambda intent: intent.id)

    def wait(self, intent: Intent, ripe_at: float, detail: str) -> None:  # noqa: ARG002  # no reader shows it while open
        """In doubt until then."""
        with self._handle.writing as tables:
            found = _same(tables, intent)
            if found is not None:
                tables.open_intents.put(intent.id, replace(found, ripe_at=ripe_at))

    def close(self, intent: Intent, outcome: Outcome) -> bool:
        """The document goes: it is kept only while it may have to be sent again."""
        with self._handle.writing as tables:
            found = _same(tables, intent)
            if found is None:
                return False
            tables.open_intents.drop(intent.id)
            tables.closed_intents.put(intent.id, IntentStory(replace(found, document=None), outcome))
            return True

    def story(self, key: SourceKey) -> Sequence[IntentStory]:
        """Oldest first."""
        with self._handle.reading as tables:
            still_open = (
                IntentStory(replace(intent, document=None), None) for intent in tables.open_intents.group("record", key)
            )
            told = [*still_open, *tables.closed_intents.group("record", key)]
            return sorted(told, key=lambda story: story.intent.id)

    def others_succeed(self, person: str, since: float) -> bool:
        """Among all."""
        with self._handle.reading as tables:
            return any(
                told.outcome is not None
                and told.intent.person != person
                and told.outcome.at >= since
                and told.outcome.verdict in SUCCESSES
                for told in tables.closed_intents
            )

    def people_since(self, at: float) -> int:
        """Closed ones, too."""
        with self._handle.reading as tables:
            told = (*tables.open_intents, *(story.intent for story in tables.closed_intents))
            return len({intent.person for intent in told if intent.opened_at >= at})

    def open_count(self) -> int:
        """Open ones."""
        with self._handle.reading as tables:
            return len(tables.open_intents)


def _same(tables: Tables, intent: Intent) -> Intent | None:
    """The open one, unless its number is another's."""
    found = tables.open_intents.get(intent.id)
    return found if found and (found.orcid, found.epoch) == (intent.orcid, intent.epoch) else None


def _open(tables: Tables, intent: Intent, call: int) -> Intent:
    item = replace(intent.item, person=intent.person)
    numbered = replace(intent, id=tables.number("intent"), call=call, item=item)
    tables.open_intents.put(numbered.id, numbered)
    return numbered
