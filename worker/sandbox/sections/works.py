"""A work: its shape, and ORCID's rules for it in the order they fire (API_FACTS section 5.2)."""

from collections.abc import Sequence
from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.common_shapes import (
    CONTRIBUTOR_EMAIL,
    CONTRIBUTOR_ORCID,
    CREDIT_NAME,
    DATE,
    EXTERNAL_IDS,
    SUBTITLE,
    TITLE,
    TRANSLATED_TITLE,
    URL,
    item_shape,
)
from worker.sandbox.sections.dates import check_date
from worker.sandbox.sections.documents import contributors, external_ids, text_of
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.rules import (
    LANGUAGES,
    check_contributors,
    check_identifiers,
    check_roles,
    check_title,
    check_translated_title,
    settle_role,
)
from worker.sandbox.sections.shapes import ANY_TEXT, Choice, Fields, Many, Text, wrapped
from worker.sandbox.sections.vocabulary import (
    CITATION_TYPES,
    CONTRIBUTOR_ROLES,
    CONTRIBUTOR_SEQUENCES,
    COUNTRIES,
    FUNDABLE_TYPES,
    LANGUAGE_CODES,
    WORK_TYPE_ALIASES,
    WORK_TYPES,
)
from worker.sandbox.versions import V3_0

CONTRIBUTOR: Final = Fields(
    {
        "contributor-orcid": CONTRIBUTOR_ORCID,
        "credit-name": CREDIT_NAME,
        "contributor-email": CONTRIBUTOR_EMAIL,
        "contributor-attributes": Fields(
            {"contributor-sequence": Choice(CONTRIBUTOR_SEQUENCES), "contributor-role": ANY_TEXT}
        ),
    }
)

WORK: Final = item_shape(
    {
        "title": Fields(
            {"title": TITLE, "subtitle": SUBTITLE, "translated-title": TRANSLATED_TITLE}, required=("title",)
        ),
        "journal-title": wrapped(Text(1000, 1)),
        "short-description": Text(5000),
        "citation": Fields(
            {"citation-type": Choice(CITATION_TYPES), "citation-value": ANY_TEXT},
            required=("citation-type", "citation-value"),
        ),
        "type": Choice(WORK_TYPES, WORK_TYPE_ALIASES),
        "publication-date": DATE,
        "external-ids": EXTERNAL_IDS,
        "url": URL,
        "contributors": Fields({"contributor": Many(CONTRIBUTOR)}),
        "language-code": ANY_TEXT,
        "country": wrapped(Choice(COUNTRIES)),
    },
    required=("title", "type"),
)


def check_work(draft: Draft) -> None:
    """Raise the first of ORCID's rules that the work breaks."""
    work = draft.document
    check_title(work["title"])
    _check_vocabularies(work)
    check_date(work["publication-date"])
    _check_citation(work["citation"])
    identifiers = external_ids(work)
    if not identifiers:
        raise OrcidError(9023)
    _check_funded_by(identifiers)
    check_contributors(contributors(work))
    draft.check_put_code()
    draft.check_visibility()
    check_identifiers(identifiers)
    if draft.version == V3_0 and all(identifier["external-id-relationship"] != "self" for identifier in identifiers):
        raise OrcidError(9023, "Invalid external-id At least one identifier with 'self' relationship is required")


def settle_work(work: JsonObject) -> JsonObject:
    """The work as ORCID stores it: no contributors are an empty list, CRediT roles have their own case (section 11)."""
    return {**work, "contributors": {"contributor": [settle_role(person) for person in contributors(work)]}}


def finish_work(draft: Draft) -> JsonObject:
    """What ORCID stores; 9058 for a contributor's role that it does not know, which it notices only now."""
    check_roles(contributors(draft.document), CONTRIBUTOR_ROLES)
    return draft.document


def work_name(work: JsonObject) -> str:
    """What the inbox calls the work."""
    return str(work["title"]["title"]["value"])


def _check_vocabularies(work: JsonObject) -> None:
    if work["country"] is not None and not text_of(work["country"]):
        raise OrcidError(9037, type="country", values=", ".join(sorted(COUNTRIES)))
    check_translated_title(work["title"])
    if work["type"] is None:
        raise OrcidError(9037, type="work type", values=_TYPES)
    if work["language-code"] is not None and work["language-code"] not in LANGUAGE_CODES:
        raise OrcidError(9037, type="language code", values=LANGUAGES)


def _check_citation(citation: JsonObject | None) -> None:
    if citation is None:
        return
    if citation["citation-type"] is None:
        raise OrcidError(9037, type="citation type", values=", ".join(sorted(CITATION_TYPES)))
    if not citation["citation-value"]:
        raise OrcidError(9020, "Please specify a citation value or remove the citation")


def _check_funded_by(identifiers: Sequence[JsonObject]) -> None:
    for identifier in identifiers:
        kind = identifier["external-id-type"]
        if identifier["external-id-relationship"] == "funded-by" and kind not in FUNDABLE_TYPES:
            raise OrcidError(9020, f"External ID {kind} not supported for relationship funded_by")


_TYPES: Final = ", ".join(sorted(WORK_TYPES))
