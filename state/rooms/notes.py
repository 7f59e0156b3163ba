"""Notes: small things by name, and the binding."""

from collections.abc import Mapping
from typing import Protocol

from state.facts import Binding


class Notes(Protocol):
    """Small things by name, and the binding."""

    def get(self, name: str) -> str | None:
        """The note, or None."""
        ...

    def put(self, name: str, text: str | None) -> None:
        """Writes a note; None drops it."""
        ...

    def beginning(self, prefix: str) -> Mapping[str, str]:
        """The notes whose names begin so, by name."""
        ...

    def bind(self, binding: Binding) -> Binding:
        """Binds a store at first use; returns what it is bound to."""
        ...
