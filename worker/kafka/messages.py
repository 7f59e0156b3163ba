"""Messages from Kafka's records."""

from typing import Any

from mappers.events.messages import LogId, Message, Place

LARGEST_VALUE = 16 * 2**20
"""Larger values are not events: their head is enough for whoever looks at the dead letter."""

HEAD = 4096
"""Bytes that are kept of such a value."""


def message_of(record: Any, log: LogId, *, live: bool) -> Message:
    """The record as a message of `log`; a null value stays None."""
    value: bytes | None = record.value
    oversize = len(value) if value is not None and len(value) > LARGEST_VALUE else None
    return Message(
        place=Place(log.topic, record.offset, log),
        value=value[:HEAD] if value is not None and oversize else value,
        headers=tuple((name, text or b"") for name, text in record.headers),
        key=record.key,
        live=live,
        oversize=oversize,
    )


def size_of(record: Any) -> int:
    """Bytes of its key, value and headers."""
    sizes: tuple[int, ...] = (
        record.serialized_key_size,
        record.serialized_value_size,
        record.serialized_header_size,
    )
    return sum(max(size, 0) for size in sizes)
