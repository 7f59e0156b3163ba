"""A secret: a string that shows itself only to who asks."""

from typing import final


@final
class Secret:
    """Holds a token, key or password. Its repr, str and format say nothing; equal by content."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The string itself: for the request that needs it, and the vault."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(("secret", self._text))
