"""Permission events: a grant, in ORCID's own token response, and its end (CONTRACT.md sections 4 and 5)."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from mappers.events.data import Name, Part, Person, Text, read_data
from mappers.events.faults import BadEvent, Fault, Rule
from mappers.events.json_text import read_json
from mappers.events.messages import Place
from mappers.events.versions import AHEAD
from mappers.identifiers import OrcidId, parse_orcid_id
from mappers.secret import Secret
from mappers.times import canonical_time, epoch

GRANTED = "permission.granted"
REVOKED = "permission.revoked"


@dataclass(frozen=True, slots=True)
class PermissionGranted:
    """What a person allowed us. Grants are ordered by `granted_at`, when ORCID issued them (ARCHITECTURE.md 9)."""

    person: str
    orcid: OrcidId
    name: str
    scopes: frozenset[str]
    access_token: Secret
    refresh_token: Secret | None
    expires_at: float
    granted_at: float
    place: Place


@dataclass(frozen=True, slots=True)
class PermissionRevoked:
    """The end of what a person allowed us before `at`."""

    person: str
    at: float
    place: Place


def _token(text: str) -> str:
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise PydanticCustomError("wrong_form", "is not a token")
    return text


Token = Annotated[str, StringConstraints(max_length=4096), AfterValidator(_token)]


class GrantData(Part):
    """ORCID's token response plus the person."""

    person_id: Name
    access_token: Annotated[Token, Field(repr=False)]
    refresh_token: Annotated[Token | None, Field(repr=False)] = None
    expires_in: Annotated[int, Field(ge=0, le=10**10)]
    scope: Text
    name: Text | None = None
    orcid: Text
    granted_at: Text | None = None


class RevocationData(Part):
    """The data of `permission.revoked`."""

    person: Person


def read_grant(
    data: Any, *, otherwise_at: float | None, now: float, place: Place, root: str = "data"
) -> PermissionGranted:
    """Reads a grant; `otherwise_at` is when it was given unless it says so itself. Raises Fault."""
    grant = read_data(GrantData, data, root)
    field = f"{root}.granted_at" if root else "granted_at"
    granted_at = _granted_at(grant, otherwise_at, field)
    _check_not_ahead(granted_at, now, field if grant.granted_at else "time")
    try:
        orcid = parse_orcid_id(grant.orcid)
    except ValueError as error:
        raise Fault(Rule.WRONG_FORM, f"{root}.orcid" if root else "orcid", grant.orcid, str(error)) from None
    return PermissionGranted(
        person=grant.person_id,
        orcid=orcid,
        name=(grant.name or "").strip(),
        scopes=frozenset(grant.scope.split()),
        access_token=Secret(grant.access_token),
        refresh_token=Secret(grant.refresh_token) if grant.refresh_token else None,
        expires_at=granted_at + grant.expires_in,
        granted_at=granted_at,
        place=place,
    )


def read_revocation(data: Any, *, at: float | None, now: float, place: Place) -> PermissionRevoked:
    """Reads the end of a grant. Raises Fault."""
    person = read_data(RevocationData, data).person.id
    if at is None:
        raise Fault(Rule.NO_ORDER, "time", None, "is missing: nothing says which grants this ends")
    _check_not_ahead(at, now, "time")
    return PermissionRevoked(person, at, place)


def parse_grant(line: bytes, place: Place, now: float) -> PermissionGranted | BadEvent:
    """One line of `permission import FILE`. Never raises; what is wrong is told without any token."""
    try:
        return read_grant(read_json(line, ""), otherwise_at=now, now=now, place=place, root="")
    except Fault as fault:
        return fault.about(place, {"type": GRANTED})


def _check_not_ahead(at: float, now: float, field: str) -> None:
    """A permission dated ahead would outlive every later word about it."""
    if at > now + AHEAD:
        raise Fault(Rule.TIME_AHEAD, field, None, f"of the permission is more than {AHEAD:.0f} s ahead of our clock")


def _granted_at(grant: GrantData, otherwise: float | None, field: str) -> float:
    if grant.granted_at is None and otherwise is None:
        raise Fault(Rule.NO_ORDER, field, None, "is missing, and so is time: nothing orders this grant")
    if grant.granted_at is None:
        return otherwise or 0.0
    try:
        return epoch(canonical_time(grant.granted_at))
    except ValueError as error:
        raise Fault(Rule.WRONG_FORM, field, grant.granted_at, str(error)) from None
