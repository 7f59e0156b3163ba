"""A group-id record: its shape and ORCID's rules for it (API_FACTS section 4.2)."""

import re
from typing import Final

from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.peer_reviews import GROUP_ID
from worker.sandbox.sections.shapes import Choice, Fields, Ignored, Text, Whole
from worker.sandbox.sections.vocabulary import GROUP_TYPES

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")

GROUP_ID_RECORD: Final = Fields(
    {
        "name": Text(1000, 1),
        "group-id": GROUP_ID,
        "description": Text(1000, 1),
        "type": Choice(GROUP_TYPES),
        "put-code": Whole(),
        **dict.fromkeys(("created-date", "last-modified-date", "source"), Ignored()),
    },
    required=("name", "group-id", "description", "type"),
)


def check_group(draft: Draft) -> None:
    """Raise the first of ORCID's rules that the group breaks beyond its shape."""
    draft.check_put_code()


def settle_group(group: JsonObject) -> JsonObject:
    """The group as ORCID stores it: the name without control characters."""
    return {**group, "name": _CONTROL.sub("", group["name"])}
