"""Brakes and suppressions: what operators told us not to send, for a while or for good. Frozen data."""

from dataclasses import dataclass
from shlex import quote

from mappers.wanted import SourceKey


@dataclass(frozen=True, slots=True)
class Brake:
    """What is paused: one person, one source or one section; everything when all three are empty."""

    person: str = ""
    source: str = ""
    section: str = ""
    at: float = 0.0

    @property
    def is_of_everything(self) -> bool:
        """Whether nothing at all is sent."""
        return not (self.person or self.source or self.section)

    @property
    def name(self) -> str:
        """What is paused, in words."""
        if self.person:
            return f"person {self.person}"
        if self.source:
            return f"source {self.source}"
        return f"section {self.section}" if self.section else "everything"

    @property
    def ends_with(self) -> str:
        """The command that ends it, for a shell."""
        kind, _, name = self.name.partition(" ")
        return f"orcid-sync resume --{kind} {quote(name)}" if name else "orcid-sync resume"


@dataclass(frozen=True, slots=True)
class Suppression:
    """A source record that is never sent to a person. What stands of it stays, or (`withdraw`) is taken off."""

    person: str
    record: SourceKey
    withdraw: bool = False
    at: float = 0.0
