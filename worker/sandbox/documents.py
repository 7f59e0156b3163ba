"""A canonical document: the parts of it that several rules and replies look at."""

from collections.abc import Sequence
from typing import Any

from worker.sandbox.messages import JsonObject


def external_ids(document: JsonObject) -> Sequence[JsonObject]:
    """The identifiers of a document, none when the list was not sent."""
    return (document["external-ids"] or {}).get("external-id") or ()


def contributors(work: JsonObject) -> Sequence[JsonObject]:
    """The contributors of a work, none when the list was not sent."""
    return (work["contributors"] or {}).get("contributor") or ()


def text_of(wrapper: JsonObject | None) -> Any:
    """The value in a wrapper, or None."""
    return None if wrapper is None else wrapper["value"]
