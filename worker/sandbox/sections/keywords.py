"""A keyword: its shape and ORCID's rules for it (API_FACTS sections 5.1 and 5.7)."""

from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.common_shapes import item_shape
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.shapes import Text

KEYWORD: Final = item_shape({"content": Text(255)}, required=("content",))


def check_keyword(draft: Draft) -> None:
    """Raise the first of ORCID's rules that the keyword breaks."""
    if not draft.document["content"]:
        raise OrcidError(9020, "Keyword cannot be null")
    draft.check_put_code()
    draft.check_visibility()


def keyword_identity(keyword: JsonObject) -> tuple[str, str]:
    """What is compared to find a duplicate."""
    return "content", keyword["content"]
