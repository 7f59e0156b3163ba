"""Marks: the keyed digests by which people and source records are known after they were forgotten."""

from dataclasses import dataclass
from dataclasses import field as attribute
from hashlib import sha256
from hmac import digest
from secrets import token_bytes

from mappers.wanted import SourceKey

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Block:
    """The mark of a person or of a source record that was forgotten.

    `of_mark` is that of the person it goes with, empty for the person's own; `last` the order of a record's last event.
    """

    mark: str
    kind: str
    of_mark: str
    last: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """All blocks, with the keys of their marks: new ones are made with the first."""

    keys: tuple[bytes, ...] = attribute(repr=False)
    blocks: tuple[Block, ...]


def new_block_key() -> bytes:
    """A fresh random key. Without it nobody finds out by trying ids who was forgotten."""
    return token_bytes(KEY_BYTES)


def person_mark(key: bytes, person: str) -> str:
    """What a person is known by: HMAC-SHA256, hexadecimal."""
    return _mark(key, "person", person)


def record_mark(key: bytes, record: SourceKey) -> str:
    """What a source record is known by: HMAC-SHA256, hexadecimal."""
    return _mark(key, "record", record.source, record.entity, record.subject)


def _mark(key: bytes, *parts: str) -> str:
    return digest(key, "\x00".join(parts).encode(), sha256).hex()
