"""Notes and the binding, in SQL."""

import json
from collections.abc import Mapping

from state.facts import Binding
from state.sql.engine import Engine


class SqlNotes:
    """Small things by name, and the binding."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, name: str) -> str | None:
        """By name."""
        rows = self._engine.run("SELECT text FROM notes WHERE name = :name", {"name": name})
        return str(rows[0]["text"]) if rows else None

    def put(self, name: str, text: str | None) -> None:
        """None drops it."""
        if text is None:
            self._engine.write("DELETE FROM notes WHERE name = :name", {"name": name})
            return
        self._engine.write(
            "INSERT INTO notes (name, text) VALUES (:name, :text)"
            " ON CONFLICT (name) DO UPDATE SET text = excluded.text",
            {"name": name, "text": text},
        )

    def beginning(self, prefix: str) -> Mapping[str, str]:
        """In order."""
        rows = self._engine.run(
            "SELECT name, text FROM notes WHERE substr(name, 1, CAST(:length AS INTEGER)) = :prefix ORDER BY name",
            {"prefix": prefix, "length": len(prefix)},
        )
        return {row["name"]: row["text"] for row in rows}

    def bind(self, binding: Binding) -> Binding:
        """The first one stays."""
        wanted = json.dumps([binding.api_url, binding.auth_url, binding.client_id])
        with self._engine.together():
            found = self.get("binding")
            if found is None:
                self.put("binding", wanted)
        return Binding(*json.loads(found or wanted))
