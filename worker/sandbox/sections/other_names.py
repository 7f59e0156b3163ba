"""Another name of the researcher: its shape and ORCID's rules for it (API_FACTS sections 5.1 and 5.7)."""

from typing import Final

from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.common_shapes import item_shape
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.shapes import Text

OTHER_NAME: Final = item_shape({"content": Text(255)}, required=("content",))


def check_other_name(draft: Draft) -> None:
    """Raise the first of ORCID's rules that the name breaks; its schema lets an empty one pass."""
    draft.check_put_code()
    draft.check_visibility()


def other_name_identity(name: JsonObject) -> tuple[str, str]:
    """What is compared to find a duplicate."""
    return "content", name["content"]
