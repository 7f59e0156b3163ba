"""The forms of the control API: what its requests may say, checked at the edge."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from worker.sandbox.grants import TWO_LEGGED
from worker.sandbox.records import RecordState
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET

Visibility = Literal["public", "limited", "registered-only", "private"]


class Form(BaseModel):
    """A form with these fields and no other."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class RecordForm(Form):
    """A record as it should be; fields that are not sent stay as they are."""

    orcid: str
    name: str | None = None
    visibility: Visibility | None = None
    state: RecordState | None = None
    primary: str | None = None
    email: str | None = None


class ItemForm(Form):
    """An item that is not ours: the researcher's own, or another client's when `client_id` is given."""

    section: str
    document: dict[str, Any]
    client_id: str | None = None
    visibility: Visibility | None = None


class EditForm(Form):
    """What the researcher changes on an item; `document` is merged on top of what is there."""

    visibility: Visibility | None = None
    document: dict[str, Any] | None = None


class ClientForm(Form):
    """A client as it should be; fields that are not sent stay as they are."""

    client_id: str
    secret: str = CLIENT_SECRET
    name: str = "My Client"
    public: bool = False
    locked: bool = False
    deactivated: bool = False
    user_obo: bool = False
    redirect_uris: frozenset[str] = frozenset()
    scopes: frozenset[str] = TWO_LEGGED


class GrantForm(Form):
    """A grant to be; without an iD it is the client's own."""

    orcid: str | None
    scopes: Annotated[list[str], Field(min_length=1)]
    client_id: str = CLIENT_ID
    expires_in: float | None = None
    name: str | None = None


class CodeForm(GrantForm):
    """A researcher's consent that the client has not picked up yet."""

    orcid: str
    redirect_uri: str | None = None
    expires_in: float | None = None
    token_expires_in: int | None = None


class ConsentForm(Form):
    """What a researcher answers on the consent page at `url`; without `scopes` all that it asks for."""

    url: str
    orcid: str
    approve: bool = True
    scopes: list[str] | None = None
    persistent: bool = True
    name: str | None = None


class PermissionForm(Form):
    """How permission works (`PermissionRules` in `grants.py`); fields that are not sent stay as they are."""

    code_length: Annotated[int, Field(ge=6, le=64)] = 6
    code_seconds: Annotated[float, Field(ge=0)] = 0
    short_seconds: Annotated[float, Field(ge=0)] = 0
    denial_in_fragment: bool = False
    refresh_seconds: Annotated[float | None, Field(ge=0)] = None
    refresh_options: bool = False


class NotificationForm(Form):
    """What the researcher does with a permission notification."""

    did: Literal["read", "act", "archive"]


class RevocationForm(Form):
    """Which grants end: one by its token, or a researcher's, to one client or to all."""

    token: str | None = None
    orcid: str | None = None
    client_id: str | None = None
    how: Literal["user", "expire"] = "user"


class FaultForm(Form):
    """A fault in the grammar of `faults.py`."""

    spec: str


class OrganizationsForm(Form):
    """Identifiers of organizations that ORCID does not know: 9045 for whoever sends one."""

    unknown: list[str]


class GroupForm(Form):
    """A group-id record that is not ours: ORCID's own, or another client's when `client_id` is given."""

    document: dict[str, Any]
    client_id: str | None = None


class PortalForm(Form):
    """The ISSN portal: which ISSNs (NNNN-NNNX) it does not know, and whether it answers at all."""

    unknown: list[str] = []
    reachable: bool = True


class LimitForm(Form):
    """The rate limit as it should be."""

    enabled: bool = True
    rate: Annotated[float, Field(gt=0)] = 24.0
    burst: Annotated[float, Field(ge=1)] = 40.0
