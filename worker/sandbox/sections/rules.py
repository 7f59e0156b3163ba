"""Rules that several sections share (API_FACTS sections 5.2 to 5.6)."""

from collections.abc import Sequence
from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject
from worker.sandbox.orcid_id import is_orcid_id
from worker.sandbox.sections.documents import text_of
from worker.sandbox.sections.drafts import Organizations
from worker.sandbox.sections.vocabulary import CREDIT_ROLES, IDENTIFIER_TYPES, LANGUAGE_CODES

LANGUAGES: Final = ", ".join(sorted(LANGUAGE_CODES))


def check_title(title: JsonObject | None) -> None:
    """9022 for an activity without a title."""
    if not (text_of(title and title["title"]) or "").strip():
        raise OrcidError(9022)


def check_translated_title(title: JsonObject) -> None:
    """9020 for a language without a translated title, 9037 for a translated title without a language ORCID knows."""
    translated = title["translated-title"]
    if translated is None:
        return
    if translated["language-code"] and not translated["value"]:
        raise OrcidError(9020, "Please specify a translated title or remove the language code")
    if translated["value"] and translated["language-code"] not in LANGUAGE_CODES:
        raise OrcidError(9037, type="translated title language code", values=LANGUAGES)


def check_identifiers(identifiers: Sequence[JsonObject]) -> None:
    """9023 unless each has a known type, a value and a relationship."""
    bad = [
        identifier["external-id-type"] if identifier["external-id-type"] not in IDENTIFIER_TYPES else missing
        for identifier in identifiers
        if (missing := _missing_part(identifier)) or identifier["external-id-type"] not in IDENTIFIER_TYPES
    ]
    if bad:
        raise OrcidError(9023, f"Invalid external-id  {' '.join(map(str, bad))}")


def check_organization(organization: JsonObject, organizations: Organizations) -> None:
    """9045 unless the organization has an identifier that ORCID knows."""
    if not has_known_identifier(organization, organizations):
        raise OrcidError(9045)


def has_known_identifier(organization: JsonObject, organizations: Organizations) -> bool:
    """Whether ORCID finds the organization by its identifier; the match is exact."""
    named = organization["disambiguated-organization"]
    if named is None or not named["disambiguated-organization-identifier"]:
        return False
    return organizations.has(named["disambiguation-source"] or "", named["disambiguated-organization-identifier"])


def check_known_if_named(organization: JsonObject | None, organizations: Organizations) -> None:
    """9045 when the organization has an identifier and ORCID does not know it."""
    if organization is not None and organization["disambiguated-organization"] is not None:
        check_organization(organization, organizations)


def check_contributors(contributors: Sequence[JsonObject]) -> None:
    """9020 for a contributor whose iD is none, or whose name or e-mail is there and empty."""
    for contributor in contributors:
        _check_contributor(contributor)


def check_roles(contributors: Sequence[JsonObject], known: frozenset[str]) -> None:
    """9058 for a contributor's role that is neither in `known` nor in CRediT."""
    for contributor in contributors:
        role = (contributor["contributor-attributes"] or {}).get("contributor-role")
        if role is not None and role not in known and role not in CREDIT_ROLES:
            raise OrcidError(9058, role=role, validRoles=", ".join(sorted(known | CREDIT_ROLES)))


def settle_role(contributor: JsonObject) -> JsonObject:
    """The contributor as ORCID stores it: a CRediT role has its own case (section 11)."""
    attributes = contributor["contributor-attributes"]
    role = None if attributes is None else attributes["contributor-role"]
    if role is None or role.lower() not in CREDIT_ROLES:
        return contributor
    return {**contributor, "contributor-attributes": {**attributes, "contributor-role": role.lower()}}


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


def _missing_part(identifier: JsonObject) -> str:
    if not (identifier["external-id-value"] or "").strip():
        return "value"
    return "" if identifier["external-id-relationship"] else "relationship"
