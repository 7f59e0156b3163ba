"""The policy: what planning goes by besides facts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any

from mappers.forms import Version
from mappers.identifiers import opaque_id
from mappers.sections import Section
from mappers.wanted import ItemKey


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Items that the mapping file excludes: of these people, sources and sections, an empty set meaning all.

    They are left as they stand (`withdraw` false), or taken off the record.
    """

    people: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    sections: frozenset[Section] = frozenset()
    withdraw: bool = False


@dataclass(frozen=True, slots=True)
class Leaving:
    """What becomes of the items of who left, `after_seconds` after the day: left as they stand, or taken off."""

    sections: frozenset[Section]
    after_seconds: float = 0.0
    withdraw: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Settle time in seconds, namespace and precedence by source, recovery.

    In recovery every section that was not listed since `list_since` is listed before anything is done there.
    """

    settle_seconds: float = 10.0
    namespaces: Mapping[str, str] = field(default_factory=dict)
    precedence: Mapping[str, int] = field(default_factory=dict)
    list_since: float | None = None
    only: frozenset[str] | None = None
    """The people we send for (a pilot; nobody when sending is off); None for everybody."""
    held_by: str = ""
    """Why nothing is sent for others."""
    version: Version = Version.V3_0
    switched_off: frozenset[Section] = frozenset()
    """Sections in which nothing is written."""
    wins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By source, the fields of a document that are its to say in a slot, whoever wins the slot as a whole."""
    exclusions: tuple[Exclusion, ...] = ()
    leaving: Leaving | None = None
    """None: nothing becomes of who left."""
    tokenless: str = ""
    """Why our client can't prove to ORCID who it is; empty when it can.

    It gets no token of its own then, which group-id records need, and can neither exchange nor revoke people's tokens.
    """

    readd: bool = False
    """Whether what the researcher removed is created again, once; else it is respected."""

    def sends_for(self, person: str) -> bool:
        """Whether anything is sent for a person."""
        return self.only is None or person in self.only

    def own_id(self, key: ItemKey, turn: int = 0) -> str:
        """Our opaque external-id for an item: it tells nothing about the source record, and outlives renames.

        A later `turn` gives another one, for when a source used a subject again whose first id another item took over.
        """
        record = key.record
        subject = f"{record.subject}\x00{turn}" if turn else record.subject
        return opaque_id(self.namespaces.get(record.source, record.source), record.entity, subject)


def policy_mark(policy: Policy) -> str:
    """What is the same for policies by which everybody is planned alike."""
    plain = replace(policy, settle_seconds=0.0, list_since=None)
    return sha256(repr(_in_order(asdict(plain))).encode()).hexdigest()[:16]


def _in_order(value: Any) -> Any:
    """The value with what has no order of its own put in one, so that its text is the same in every process."""
    match value:
        case dict():
            return sorted((str(key), repr(_in_order(one))) for key, one in value.items())
        case frozenset():
            return sorted(str(one) for one in value)
        case list() | tuple():
            return [_in_order(one) for one in value]
        case _:
            return str(value)
