"""API v2.1: what it cannot carry of a document (API_FACTS.md 5.1, 5.9, 6.2), and how it spells what it can."""

from dataclasses import dataclass
from typing import Any

from mappers.documents import (
    Activity,
    Affiliation,
    Contributor,
    Document,
    ExternalId,
    Funding,
    Organization,
    PeerReview,
    Relationship,
    ResearcherUrl,
    Work,
)
from mappers.forms import Version
from mappers.vocabularies.contributor_roles import CREDIT_ROLES
from mappers.vocabularies.terms import words
from mappers.vocabularies.work_types import WORK_TYPES

_SINCE_V3 = words(
    """
    annotation blog-post cartographic-material clinical-study conference-output conference-presentation
    conference-proceedings data-management-plan design image learning-object moving-image musical-composition
    physical-object preprint public-speech review software sound transcription undefined
    """
)
WORK_TYPES_OF_V2_1 = WORK_TYPES - _SINCE_V3
"""In v3.0's spelling: v2.1 calls dissertation-thesis `dissertation`."""

CURRENCIES_OF_V2_1 = words(
    """
    ADP AED AFA AFN ALL AMD ANG AOA ARS ATS AUD AWG AYM AZM AZN BAM BBD BDT BEF BGL BGN BHD BIF BMD BND BOB BOV BRL BSD
    BTN BWP BYB BYR BZD CAD CDF CHF CLF CLP CNY COP CRC CSD CUC CUP CVE CYP CZK DEM DJF DKK DOP DZD EEK EGP ERN ESP ETB
    EUR FIM FJD FKP FRF GBP GEL GHC GHS GIP GMD GNF GRD GTQ GWP GYD HKD HNL HRK HTG HUF IDR IEP ILS INR IQD IRR ISK ITL
    JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LUF LVL LYD MAD MDL MGA MGF MKD MMK MNT MOP
    MRO MTL MUR MVR MWK MXN MXV MYR MZM MZN NAD NGN NIO NLG NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PTE PYG QAR ROL RON
    RSD RUB RUR RWF SAR SBD SCR SDD SDG SEK SGD SHP SIT SKK SLL SOS SRD SRG STD SVC SYP SZL THB TJS TMM TMT TND TOP TPE
    TRL TRY TTD TWD TZS UAH UGX USD USN USS UYU UZS VEB VEF VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR XFO XFU XOF
    XPD XPF XPT XSU XTS XUA XXX YER YUM ZAR ZMK ZWD ZWL ZWN ZWR
    """
)
_RELATIONSHIPS = frozenset({Relationship.SELF, Relationship.PART_OF})


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The document as v2.1 can carry it, and ORCID's names of the optional parts it leaves out.

    Without a document: `lacks` is one line that says which required value v2.1 hasn't got.
    """

    document: Document | None
    dropped: tuple[str, ...] = ()
    lacks: str = ""


def narrowed(document: Document) -> Narrowed:
    """What of the document API v2.1 can carry. Narrowing what is narrowed changes nothing.

    Identifiers may all go: then our own opaque id, which is no part of a document, is what the item is known by.
    """
    if lacks := _lacks(document):
        return Narrowed(None, lacks=lacks)
    changes = _changes(document)
    kept = document.model_copy(update={name: value for name, (_, value) in changes.items()})
    return Narrowed(kept, tuple(key for key, _ in changes.values()))


def _lacks(document: Document) -> str:
    if not document.section.is_in(Version.V2_1):
        return f"v2.1 has no section {document.section}"
    match document:
        case Affiliation() | Funding() | PeerReview():
            return _lacking_place(document.organization)
        case Work() if document.type not in WORK_TYPES_OF_V2_1:
            return f"v2.1 has no work type {document.type}"
        case ResearcherUrl(name=None):
            return "v2.1 takes no researcher-url without a url-name"
        case _:
            return ""


def _lacking_place(organization: Organization) -> str:
    missing = [part for part in ("city", "country") if not getattr(organization, part)]
    return f"v2.1 takes no organization without a {' and a '.join(missing)}" if missing else ""


def _changes(document: Document) -> dict[str, tuple[str, Any]]:
    """What has to change: attribute, to ORCID's name of it and the value that v2.1 can carry."""
    changes: dict[str, tuple[str, Any]] = {}
    match document:
        case Affiliation(url=url, external_ids=ids):
            if url is not None:
                changes["url"] = ("url", None)
            if ids:
                changes["external_ids"] = ("external-ids", ())
            return changes
        case PeerReview(subject_external_id=subject, subject_type=subject_type):
            if subject is not None and not _can_carry(subject):
                changes["subject_external_id"] = ("subject-external-identifier", None)
            if subject_type is not None and subject_type not in WORK_TYPES_OF_V2_1:
                changes["subject_type"] = ("subject-type", None)
        case Funding(amount=amount) if amount is not None and amount.currency not in CURRENCIES_OF_V2_1:
            changes["amount"] = ("amount", None)
    if isinstance(document, Work | Funding) and (people := _without_credit(document.contributors)):
        changes["contributors"] = ("contributor-role", people)
    if isinstance(document, Activity):
        kept = tuple(one for one in document.external_ids if _can_carry(one))
        if kept != document.external_ids:
            key = "review-identifiers" if isinstance(document, PeerReview) else "external-ids"
            changes["external_ids"] = (key, kept)
    return changes


def _can_carry(one: ExternalId) -> bool:
    return one.relationship in _RELATIONSHIPS


def _without_credit(contributors: tuple[Contributor, ...]) -> tuple[Contributor, ...] | None:
    """The contributors without CRediT's roles; None where no one has one."""
    if not any(one.role in CREDIT_ROLES for one in contributors):
        return None
    return tuple(one.model_copy(update={"role": None}) if one.role in CREDIT_ROLES else one for one in contributors)


_TERMS = words(
    """
    type subject-type citation-type external-id-relationship contributor-sequence contributor-role reviewer-role
    review-type visibility
    """
)
"""The keys whose values are names of a list of ORCID's, which v2.1 writes in JSON as its program does."""


def respelled(body: Any, *, capitals: bool) -> Any:
    """A message of v3.0 in v2.1's terms: `dissertation` for a thesis, and in JSON all of them in capitals (6.1)."""
    match body:
        case dict():
            return {
                key: _term(value, capitals=capitals)
                if key in _TERMS and isinstance(value, str)
                else respelled(value, capitals=capitals)
                for key, value in body.items()
            }
        case list():
            return [respelled(one, capitals=capitals) for one in body]
        case _:
            return body


def _term(term: str, *, capitals: bool) -> str:
    spelled = "dissertation" if term == "dissertation-thesis" else term
    return spelled.upper().replace("-", "_") if capitals else spelled
