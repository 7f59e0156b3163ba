"""Notes and the binding, in memory."""

import json
from collections.abc import Mapping

from state.facts import Binding
from state.memory.state import Handle


class MemoryNotes:
    """Small things by name, and the binding."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def get(self, name: str) -> str | None:
        """By name."""
        with self._handle.reading as tables:
            return tables.notes.get(name)

    def put(self, name: str, text: str | None) -> None:
        """None drops it."""
        with self._handle.writing as tables:
            if text is None:
                tables.notes.drop(name)
            else:
                tables.notes.put(name, text)

    def beginning(self, prefix: str) -> Mapping[str, str]:
        """In order."""
        with self._handle.reading as tables:
            return {name: text for name, text in sorted(tables.notes.items()) if name.startswith(prefix)}

    def bind(self, binding: Binding) -> Binding:
        """The first one stays."""
        wanted = json.dumps([binding.api_url, binding.auth_url, binding.client_id])
        with self._handle.writing as tables:
            found = tables.notes.get("binding")
            if found is None:
                tables.notes.put("binding", wanted)
        return Binding(*json.loads(found or wanted))
