"""A researcher's URL: its shape and ORCID's rules for it (API_FACTS sections 5.1 and 5.7)."""

from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.common_shapes import URL, item_shape
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.shapes import Text, length_of

LONGEST_URL: Final = 2000
RESEARCHER_URL: Final = item_shape({"url-name": Text(350, 1), "url": URL}, required=("url",))


def check_researcher_url(draft: Draft) -> None:
    """Raise the first of ORCID's rules that the URL breaks."""
    url = draft.document["url"]["value"]
    if not url:
        raise OrcidError(9020, "Url cannot be null")
    if (length := length_of(url)) > LONGEST_URL:
        raise OrcidError(9020, f"Url has {length} characters, the maximum is {LONGEST_URL}")
    draft.check_put_code()
    draft.check_visibility()


def researcher_url_identity(url: JsonObject) -> tuple[str, str]:
    """What is compared to find a duplicate; the name is not."""
    return "url", url["url"]["value"]
