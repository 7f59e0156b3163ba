"""A client for what of the control API is about permission; `control_client.py` has the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import httpx

from worker.sandbox.sandbox import CLIENT_ID

JsonObject = dict[str, Any]
DEFAULT_SCOPES: Final = ("/read-limited", "/activities/update", "/person/update")


class ControlError(Exception):
    """The stand-in refused what was asked, with its one line."""


@dataclass(frozen=True, slots=True)
class PermissionNotification:
    """A client's request in a researcher's inbox; times are epoch milliseconds, None for what has not happened.

    `items` are pairs of the item's type and name.
    """

    put_code: int
    client_id: str
    subject: str
    intro: str
    authorization_url: str
    items: tuple[tuple[str, str], ...]
    created: int
    read: int | None
    actioned: int | None
    archived: int | None


class PermissionControl:
    """The control API of the stand-in at `base_url`, as far as clients, grants and consent go."""

    def __init__(self, base_url: str) -> None:
        """Talk to this stand-in."""
        self._http = httpx.Client(base_url=f"{base_url}/sandbox", timeout=60.0, trust_env=False)

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def grant(
        self,
        orcid: str | None,
        *,
        scopes: Sequence[str] = DEFAULT_SCOPES,
        client_id: str | None = None,
        expires_in: float | None = None,
        name: str | None = None,
    ) -> JsonObject:
        """A token response (API_FACTS section 7.2); with `orcid=None` the client's own (2-legged) token."""
        chosen = {} if client_id is None else {"client_id": client_id}
        return self._ask("POST", "/grants", orcid=orcid, scopes=[*scopes], expires_in=expires_in, name=name, **chosen)

    def code(
        self,
        orcid: str,
        *,
        scopes: Sequence[str] = DEFAULT_SCOPES,
        redirect_uri: str | None = None,
        client_id: str | None = None,
        expires_in: float | None = None,
        token_expires_in: int | None = None,
        name: str | None = None,
    ) -> str:
        """An authorization code, as if the researcher had just agreed on the consent page."""
        chosen = {} if client_id is None else {"client_id": client_id}
        issued = self._ask(
            "POST",
            "/codes",
            orcid=orcid,
            scopes=[*scopes],
            redirect_uri=redirect_uri,
            expires_in=expires_in,
            token_expires_in=token_expires_in,
            name=name,
            **chosen,
        )
        return str(issued["code"])

    def consent(
        self,
        url: str,
        orcid: str,
        *,
        approve: bool = True,
        scopes: Sequence[str] | None = None,
        persistent: bool = True,
        name: str | None = None,
    ) -> str:
        """The researcher's answer at the authorize address `url`, without a browser: where that would be sent.

        With `scopes` only those are granted. Raises `ControlError` where ORCID would show a page and send it nowhere.
        """
        answer = self._ask(
            "POST",
            "/consents",
            url=url,
            orcid=orcid,
            approve=approve,
            scopes=None if scopes is None else [*scopes],
            persistent=persistent,
            name=name,
        )
        return str(answer["location"])

    def permission_rules(self, **rules: float | None) -> None:
        """Change how permission works: fields of `PermissionRules` (`grants.py`) by name, the others stay."""
        self._send("POST", "/permission", rules)

    def create_client(
        self,
        client_id: str,
        *,
        secret: str = "sandbox-secret",  # noqa: S107  # of a stand-in
        name: str = "My Client",
        public: bool = False,
        locked: bool = False,
        deactivated: bool = False,
        user_obo: bool = False,
    ) -> None:
        """Create a client, or let the one with this id be so; `change_client` has the rest."""
        self.change_client(
            client_id,
            secret=secret,
            name=name,
            public=public,
            locked=locked,
            deactivated=deactivated,
            user_obo=user_obo,
        )

    def change_client(self, client_id: str = CLIENT_ID, **fields: object) -> None:
        """Change of a client what is given, by the names of `ClientForm` (`control_forms.py`).

        `redirect_uris`: where browsers may be sent, without any every address on this machine; `scopes`: those that it
        may ask for of itself; `secret`, `name`, `public`, `locked`, `deactivated`, `user_obo`.
        """
        listed = {name: [*value] if isinstance(value, frozenset) else value for name, value in fields.items()}
        self._send("POST", "/clients", {"client_id": client_id, **listed})

    def revoke_as_researcher(self, orcid: str, *, client_id: str | None = None) -> int:
        """End the researcher's grants, to one client or all, as on orcid.org; how many there were."""
        return int(self._ask("POST", "/revocations", orcid=orcid, client_id=client_id)["ended"])

    def expire(self, orcid: str, *, client_id: str | None = None) -> int:
        """Let the researcher's tokens run out now; how many there were."""
        answer = self._ask("POST", "/revocations", orcid=orcid, client_id=client_id, how="expire")
        return int(answer["ended"])

    def notifications(self, orcid: str) -> list[PermissionNotification]:
        """The permission notifications in the researcher's inbox, oldest first."""
        answer = self._ask("GET", f"/records/{orcid}/notifications")
        return [_notification(content) for content in answer["notifications"]]

    def read_notification(self, orcid: str, put_code: int) -> None:
        """The researcher opens it."""
        self._handle(orcid, put_code, "read")

    def act_on_notification(self, orcid: str, put_code: int) -> str:
        """The researcher follows its link; where that leads."""
        return str(self._handle(orcid, put_code, "act")["leads-to"])

    def archive_notification(self, orcid: str, put_code: int) -> None:
        """The researcher puts it away."""
        self._handle(orcid, put_code, "archive")

    def secrets(self) -> frozenset[str]:
        """Every access token, refresh token, code and client secret that was ever good there."""
        return frozenset(self._ask("GET", "/secrets")["secrets"])

    def _handle(self, orcid: str, put_code: int, did: str) -> JsonObject:
        return self._ask("POST", f"/records/{orcid}/notifications/{put_code}", did=did)

    def _ask(self, method: str, path: str, **form: Any) -> JsonObject:
        """Ask with the fields of `form` that say something; a null iD says: the client's own."""
        body = {name: value for name, value in form.items() if value is not None or name == "orcid"}
        return self._send(method, path, body)

    def _send(self, method: str, path: str, body: JsonObject) -> JsonObject:
        response = self._http.request(method, path, json=body if method in {"POST", "PATCH"} else None)
        if response.status_code >= 400:
            raise ControlError(response.json()["error"])
        return {} if not response.content else dict(response.json())


def _notification(content: JsonObject) -> PermissionNotification:
    document = content["document"]
    address = document["authorization-url"]
    return PermissionNotification(
        content["put-code"],
        content["client-id"],
        document["notification-subject"],
        document["notification-intro"],
        address["uri"] or address["path"],
        tuple((item["item-type"], item["item-name"]) for item in document["items"]["item"]),
        content["created"],
        content["read"],
        content["actioned"],
        content["archived"],
    )
