"""An external identifier of the researcher: its shape and ORCID's rules for it (API_FACTS sections 5.1 and 5.7)."""

from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.common_shapes import URL, item_shape
from worker.sandbox.sections.documents import text_of
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.shapes import Choice, Text, length_of
from worker.sandbox.sections.vocabulary import RELATIONSHIPS

LONGEST_TEXT: Final = 255
LONGEST_URL: Final = 2000

PERSON_IDENTIFIER: Final = item_shape(
    {
        "external-id-type": Text(None, 1),
        "external-id-value": Text(None, 1),
        "external-id-url": URL,
        "external-id-relationship": Choice(RELATIONSHIPS),
    },
    required=("external-id-type", "external-id-value"),
)


def check_person_identifier(draft: Draft) -> None:
    """Raise the first of ORCID's rules that the identifier breaks; its type may be any text."""
    identifier = draft.document
    for key in ("external-id-type", "external-id-value"):
        _check_length(key, identifier[key], LONGEST_TEXT)
    url = text_of(identifier["external-id-url"])
    if not url:
        raise OrcidError(9020, "external-id-url cannot be null")
    _check_length("external-id-url", url, LONGEST_URL)
    if identifier["external-id-relationship"] != "self":
        raise OrcidError(9020, "Relationship field should be self for person identifiers")
    draft.check_put_code()
    draft.check_visibility()


def person_identifier_identity(identifier: JsonObject) -> tuple[str, str]:
    """What is compared to find a duplicate: type and value, case and all."""
    return identifier["external-id-type"], identifier["external-id-value"]


def _check_length(key: str, text: str, longest: int) -> None:
    if (length := length_of(text)) > longest:
        raise OrcidError(9020, f"{key} has {length} characters, the maximum is {longest}")
