"""A work: its shape, and ORCID's rules for it in the order they fire (API_FACTS section 5.2)."""

import re
from collections.abc import Sequence
from typing import Final

from worker.sandbox.common_shapes import (
    CONTRIBUTOR_ORCID,
    DATE,
    EXTERNAL_IDS,
    SUBTITLE,
    TITLE,
    TRANSLATED_TITLE,
    URL,
    item_shape,
)
from worker.sandbox.dates import check_date
from worker.sandbox.documents import contributors, external_ids, text_of
from worker.sandbox.drafts import Draft
from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject
from worker.sandbox.orcid_id import is_orcid_id
from worker.sandbox.shapes import ANY_TEXT, Choice, Fields, Many, Text, wrapped
from worker.sandbox.vocabulary import (
    CITATION_TYPES,
    CONTRIBUTOR_ROLES,
    CONTRIBUTOR_SEQUENCES,
    COUNTRIES,
    CREDIT_ROLES,
    FUNDABLE_TYPES,
    IDENTIFIER_TYPES,
    LANGUAGE_CODES,
    WORK_TYPE_ALIASES,
    WORK_TYPES,
)

_EMAIL: Final = re.compile(r"[^@]+@[^.]+\..+")

CONTRIBUTOR: Final = Fields(
    {
        "contributor-orcid": CONTRIBUTOR_ORCID,
        "credit-name": wrapped(Text(150, 1)),
        "contributor-email": wrapped(Text(350, pattern=_EMAIL)),
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
    if not (text_of(work["title"] and work["title"]["title"]) or "").strip():
        raise OrcidError(9022)
    _check_vocabularies(work)
    check_date(work["publication-date"])
    _check_citation(work["citation"])
    identifiers = external_ids(work)
    if not identifiers:
        raise OrcidError(9023)
    _check_funded_by(identifiers)
    for contributor in contributors(work):
        _check_contributor(contributor)
    draft.check_put_code()
    draft.check_visibility()
    check_identifiers(identifiers)


def settle_work(work: JsonObject) -> JsonObject:
    """The work as ORCID stores it: no contributors are an empty list, CRediT roles have their own case (section 11)."""
    return {**work, "contributors": {"contributor": [_settled(person) for person in contributors(work)]}}


def check_roles(work: JsonObject) -> None:
    """9058 for a contributor role that ORCID does not know: it notices only when it stores the work (section 5.2)."""
    for contributor in contributors(work):
        role = (contributor["contributor-attributes"] or {}).get("contributor-role")
        if role is not None and role not in CONTRIBUTOR_ROLES and role not in CREDIT_ROLES:
            raise OrcidError(9058, role=role, validRoles=", ".join(sorted(CONTRIBUTOR_ROLES | CREDIT_ROLES)))


def work_name(work: JsonObject) -> str:
    """What the inbox calls the work."""
    return str(work["title"]["title"]["value"])


def check_identifiers(identifiers: Sequence[JsonObject]) -> None:
    """9023: each has a known type, a value and a relationship, and one at least is `self` (rule 12)."""
    bad = [
        identifier["external-id-type"] if identifier["external-id-type"] not in IDENTIFIER_TYPES else missing
        for identifier in identifiers
        if (missing := _missing_part(identifier)) or identifier["external-id-type"] not in IDENTIFIER_TYPES
    ]
    if bad:
        raise OrcidError(9023, f"Invalid external-id  {' '.join(map(str, bad))}")
    if all(identifier["external-id-relationship"] != "self" for identifier in identifiers):
        raise OrcidError(9023, "Invalid external-id At least one identifier with 'self' relationship is required")


def _missing_part(identifier: JsonObject) -> str:
    if not (identifier["external-id-value"] or "").strip():
        return "value"
    return "" if identifier["external-id-relationship"] else "relationship"


def _check_vocabularies(work: JsonObject) -> None:
    if work["country"] is not None and not text_of(work["country"]):
        raise OrcidError(9037, type="country", values=", ".join(sorted(COUNTRIES)))
    translated = work["title"]["translated-title"]
    if translated is not None:
        if translated["language-code"] and not translated["value"]:
            raise OrcidError(9020, "Please specify a translated title or remove the language code")
        if translated["value"] and translated["language-code"] not in LANGUAGE_CODES:
            raise OrcidError(9037, type="translated title language code", values=_LANGUAGES)
    if work["type"] is None:
        raise OrcidError(9037, type="work type", values=_TYPES)
    if work["language-code"] is not None and work["language-code"] not in LANGUAGE_CODES:
        raise OrcidError(9037, type="language code", values=_LANGUAGES)


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


def _check_contributor(contributor: JsonObject) -> None:
    orcid = contributor["contributor-orcid"]
    if orcid is not None:
        path = orcid["path"] or (orcid["uri"] or "").rpartition("/")[2]
        if orcid["uri"] is not None and not orcid["uri"].endswith(path):
            raise OrcidError(9020, "Invalid contributor URI")
        if not is_orcid_id(path):
            raise OrcidError(9020, "Invalid contributor ORCID")
    for key in ("credit-name", "contributor-email"):
        if contributor[key] is not None and not text_of(contributor[key]):
            raise OrcidError(9020, f"{key} can not be empty")


def _settled(contributor: JsonObject) -> JsonObject:
    attributes = contributor["contributor-attributes"]
    role = None if attributes is None else attributes["contributor-role"]
    if role is None or role.lower() not in CREDIT_ROLES:
        return contributor
    return {**contributor, "contributor-attributes": {**attributes, "contributor-role": role.lower()}}


_LANGUAGES: Final = ", ".join(sorted(LANGUAGE_CODES))
_TYPES: Final = ", ".join(sorted(WORK_TYPES))
