"""A canonical document: the parts of it that several rules and replies look at."""

from collections.abc import Sequence
from typing import Any

from worker.sandbox.messages import JsonObject


def external_ids(document: JsonObject) -> Sequence[JsonObject]:
    """The identifiers that make a document what it is, none when the list was not sent or the section has none.

    A peer review's are its review-identifiers, a research resource's those of its proposal.
    """
    holder = document.get("proposal", document)
    key = "review-identifiers" if "review-identifiers" in holder else "external-ids"
    return listed_ids(holder.get(key))


def listed_ids(container: JsonObject | None) -> Sequence[JsonObject]:
    """The identifiers in their container, none when it was not sent."""
    return (container or {}).get("external-id") or ()


def contributors(activity: JsonObject) -> Sequence[JsonObject]:
    """The contributors of a work or a funding, none when the list was not sent."""
    return (activity["contributors"] or {}).get("contributor") or ()


def text_of(wrapper: JsonObject | None) -> Any:
    """The value in a wrapper, or None."""
    return None if wrapper is None else wrapper["value"]
