"""A client for the control API: how tests, the demo and benchmarks arrange the stand-in and look at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.sandbox.control_permission_client import ControlError, JsonObject, PermissionControl

__all__ = ["ControlError", "SandboxControl"]


@dataclass(frozen=True, slots=True)
class ItemOnRecord:
    """One item as it stands; `source` is a client id or the researcher's iD, `document` has no nulls."""

    section: str
    put_code: int
    source: str
    source_name: str | None
    visibility: str
    created: int
    last_modified: int
    document: JsonObject


@dataclass(frozen=True, slots=True)
class GroupOnFile:
    """One group-id record; `source` is a client id, None for ORCID's own."""

    put_code: int
    source: str | None
    created: int
    last_modified: int
    document: JsonObject


@dataclass(frozen=True, slots=True)
class WholeRecord:
    """A record with all its items, in put-code order."""

    orcid: str
    name: str | None
    visibility: str
    state: str
    primary: str | None
    items: tuple[ItemOnRecord, ...]

    def section(self, name: str) -> tuple[ItemOnRecord, ...]:
        """The items of one section."""
        return tuple(item for item in self.items if item.section == name)


@dataclass(frozen=True, slots=True)
class AmendedItem:
    """An item that an inbox message names."""

    action: str
    put_code: int
    name: str


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """One message in a researcher's inbox; `at` is epoch milliseconds."""

    section: str
    client_id: str
    at: int
    items: tuple[AmendedItem, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the stand-in counted: requests by kind (GET, POST, POST_BULK, PUT, DELETE, OAUTH_TOKEN …) and by status.

    `statuses` has the key `cut` for connections that were reset. `overlaps` counts writes that arrived while another
    write for the same iD was waiting or being carried out, `limited` the 503 of the rate limit.
    """

    requests: Mapping[str, int]
    statuses: Mapping[str, int]
    limited: int
    overlaps: int
    peak_per_second: int
    peak_in_flight: int


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request from the log; `status` is None while it is under way and when its connection was cut."""

    at: float
    kind: str
    path: str
    status: int | None
    error_code: int | None


class SandboxControl(PermissionControl):
    """The control API of the stand-in at `base_url`; usable as a context manager."""

    def create_record(
        self,
        orcid: str,
        *,
        name: str | None = None,
        visibility: str | None = None,
        state: str | None = None,
        primary: str | None = None,
        email: str | None = None,
    ) -> WholeRecord:
        """Create a record, or change what is given of one that is there."""
        return _whole_record(
            self._ask(
                "POST",
                "/records",
                orcid=orcid,
                name=name,
                visibility=visibility,
                state=state,
                primary=primary,
                email=email,
            )
        )

    def set_state(self, orcid: str, state: str, *, primary: str | None = None) -> None:
        """Make the record normal, missing, locked, deactivated, deprecated (into `primary`) or unclaimed."""
        self.create_record(orcid, state=state, primary=primary)

    def records(self) -> list[str]:
        """The iDs there are."""
        return list(self._ask("GET", "/records")["records"])

    def record(self, orcid: str) -> WholeRecord:
        """The whole record."""
        return _whole_record(self._ask("GET", f"/records/{orcid}"))

    def inbox(self, orcid: str) -> list[InboxMessage]:
        """The researcher's messages, oldest first."""
        return [_inbox_message(message) for message in self._ask("GET", f"/records/{orcid}/inbox")["messages"]]

    def add_item(
        self,
        orcid: str,
        section: str,
        document: JsonObject,
        *,
        client_id: str | None = None,
        visibility: str | None = None,
    ) -> int:
        """Put an item of the researcher, or of another client, on the record; its put-code."""
        answer = self._ask(
            "POST",
            f"/records/{orcid}/items",
            section=section,
            document=document,
            client_id=client_id,
            visibility=visibility,
        )
        return int(answer["put-code"])

    def edit_as_researcher(
        self, orcid: str, put_code: int, *, visibility: str | None = None, document: JsonObject | None = None
    ) -> ItemOnRecord:
        """The researcher changes an item's visibility, or fields of its document."""
        answer = self._ask("PATCH", f"/records/{orcid}/items/{put_code}", visibility=visibility, document=document)
        return _item(answer)

    def remove_as_researcher(self, orcid: str, put_code: int) -> None:
        """The researcher deletes an item."""
        self._ask("DELETE", f"/records/{orcid}/items/{put_code}")

    def fault(self, spec: str) -> int:
        """Put a fault in force (grammar in `faults.py`); its number, for `clear_faults`."""
        return int(self._ask("POST", "/faults", spec=spec)["id"])

    def faults(self) -> list[JsonObject]:
        """The faults in force with their number, spec, calls seen and hits."""
        return list(self._ask("GET", "/faults")["faults"])

    def clear_faults(self, number: int | None = None) -> None:
        """End one fault, or all."""
        self._ask("DELETE", "/faults" if number is None else f"/faults/{number}")

    def limit(self, *, enabled: bool = True, rate: float = 24.0, burst: float = 40.0) -> None:
        """Set the rate limit; its buckets are full again."""
        self._ask("POST", "/limit", enabled=enabled, rate=rate, burst=burst)

    def unknown_organizations(self, *identifiers: str) -> None:
        """Let ORCID's table of organizations lack these, and only these, identifiers."""
        self._ask("POST", "/organizations", unknown=[*identifiers])

    def groups(self) -> list[GroupOnFile]:
        """The group-id records there are, in put-code order."""
        return [_group(group) for group in self._ask("GET", "/group-ids")["groups"]]

    def add_group(self, document: JsonObject, *, client_id: str | None = None) -> GroupOnFile:
        """Put a group-id record of ORCID, or of another client, there."""
        return _group(self._ask("POST", "/group-ids", document=document, client_id=client_id))

    def issn_portal(self, *, unknown: Sequence[str] = (), reachable: bool = True) -> None:
        """Let the ISSN portal lack these, and only these, ISSNs (NNNN-NNNX), or give no answer at all."""
        self._ask("POST", "/issn-portal", unknown=[*unknown], reachable=reachable)

    def statistics(self) -> Statistics:
        """What was counted since the start or the last reset."""
        return Statistics(**self._ask("GET", "/statistics"))

    def reset_statistics(self) -> None:
        """Count from zero again."""
        self._ask("DELETE", "/statistics")

    def requests(self) -> list[SeenRequest]:
        """The latest 10,000 requests, oldest first."""
        return [
            SeenRequest(seen["at"], seen["kind"], seen["path"], seen["status"], seen["error-code"])
            for seen in self._ask("GET", "/requests")["requests"]
        ]

    def reset(self) -> None:
        """Forget everything, as at the start."""
        self._ask("POST", "/reset")


def _whole_record(content: JsonObject) -> WholeRecord:
    items = tuple(_item(item) for item in content["items"])
    return WholeRecord(
        content["orcid"], content["name"], content["visibility"], content["state"], content["primary"], items
    )


def _item(content: JsonObject) -> ItemOnRecord:
    return ItemOnRecord(**{key.replace("-", "_"): value for key, value in content.items()})


def _group(content: JsonObject) -> GroupOnFile:
    return GroupOnFile(**{key.replace("-", "_"): value for key, value in content.items()})


def _inbox_message(content: JsonObject) -> InboxMessage:
    items = tuple(AmendedItem(item["action"], item["put-code"], item["name"]) for item in content["items"])
    return InboxMessage(content["section"], content["client-id"], content["at"], items)
