"""A person in a test: an iD with a grant, the calls a client makes with it, and documents with only what matters."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from worker.sandbox.control_client import InboxMessage, ItemOnRecord, SandboxControl
from worker.sandbox.orcid_id import orcid_id

JsonObject = dict[str, Any]
JSON = "application/json"
ROR = "https://ror.org/05gvnxz63"
JOURNAL = "issn:1741-4857"
AFFILIATIONS = ("employment", "education", "qualification", "invited-position", "distinction", "membership", "service")
_NUMBERS = count(1)


def fresh_orcid() -> str:
    """An iD that no other test uses."""
    return orcid_id(next(_NUMBERS))


def identifier(kind: str, value: str, relationship: str | None = "self") -> JsonObject:
    """An external identifier as it is sent."""
    return {"external-id-type": kind, "external-id-value": value, "external-id-relationship": relationship}


def identifiers(*several: JsonObject) -> JsonObject:
    """The container of external identifiers."""
    return {"external-id": [*several]}


def a_work(doi: str = "10.5555/moa", **changes: object) -> JsonObject:
    """The smallest work that ORCID takes; keys of `changes` are written with `_` for `-`."""
    work = {
        "title": {"title": {"value": "Moa"}},
        "type": "journal-article",
        "external-ids": identifiers(identifier("doi", doi)),
    }
    return work | _keys(changes)


def an_organization(**changes: object) -> JsonObject:
    """An organization with everything that employments need."""
    organization = {
        "name": "Example University",
        "address": {"city": "Boston", "region": "MA", "country": "US"},
        "disambiguated-organization": {"disambiguated-organization-identifier": ROR, "disambiguation-source": "ROR"},
    }
    return organization | _keys(changes)


def an_employment(**changes: object) -> JsonObject:
    """The smallest employment that ORCID takes."""
    return {"organization": an_organization()} | _keys(changes)


def a_funding(number: str = "A-1", **changes: object) -> JsonObject:
    """The smallest funding that ORCID takes."""
    funding = {
        "type": "grant",
        "title": {"title": {"value": "Kakapo"}},
        "external-ids": identifiers(identifier("grant_number", number)),
        "organization": an_organization(),
    }
    return funding | _keys(changes)


def a_peer_review(number: str = "r-1", **changes: object) -> JsonObject:
    """The smallest peer review that ORCID takes."""
    review = {
        "reviewer-role": "reviewer",
        "review-identifiers": identifiers(identifier("source-work-id", number)),
        "review-type": "review",
        "review-completion-date": {"year": {"value": "2024"}},
        "review-group-id": JOURNAL,
        "convening-organization": an_organization(),
    }
    return review | _keys(changes)


def a_proposal(number: str = "p-1", **changes: object) -> JsonObject:
    """The smallest proposal of a research resource."""
    proposal = {
        "title": {"title": {"value": "Telescope time"}},
        "hosts": {"organization": [an_organization()]},
        "external-ids": identifiers(identifier("proposal-id", number)),
    }
    return proposal | _keys(changes)


def a_resource_item(**changes: object) -> JsonObject:
    """The smallest item of a research resource."""
    item = {
        "resource-name": "Telescope",
        "resource-type": "equipment",
        "hosts": {"organization": [an_organization()]},
        "external-ids": identifiers(identifier("other-id", "t-1")),
    }
    return item | _keys(changes)


def a_research_resource(number: str = "p-1", **changes: object) -> JsonObject:
    """The smallest research resource that ORCID takes."""
    return {"proposal": a_proposal(number), "resource-item": [a_resource_item()]} | _keys(changes)


def a_researcher_url(url: str = "https://example.org/moa", **changes: object) -> JsonObject:
    """The smallest URL of a researcher that ORCID takes."""
    return {"url": {"value": url}} | _keys(changes)


def a_person_identifier(value: str = "A-1", **changes: object) -> JsonObject:
    """The smallest identifier of a researcher that ORCID takes."""
    known = {
        **identifier("Staff ID", value),
        "external-id-url": {"value": f"https://example.org/staff/{value}"},
    }
    return known | _keys(changes)


def a_group(group_id: str = "orcid-generated:moa", **changes: object) -> JsonObject:
    """A group-id record with all that ORCID wants."""
    group = {"name": "Moa Letters", "group-id": group_id, "description": "A journal", "type": "journal"}
    return group | _keys(changes)


def a_date(text: str) -> JsonObject:
    """A date as it is sent: `2024-05` becomes year and month."""
    return {key: {"value": part} for key, part in zip(("year", "month", "day"), text.split("-"), strict=False)}


def put_code_of(response: httpx.Response) -> int:
    """The put-code in the `Location` of a 201."""
    assert response.status_code == 201, response.text
    return int(response.headers["location"].rpartition("/")[2])


def error_of(response: httpx.Response) -> tuple[int, int]:
    """Status and error-code; the body's response-code must say the same as the status."""
    body = response.json()
    assert body["response-code"] == response.status_code
    return response.status_code, body["error-code"]


@dataclass(frozen=True)
class Person:
    """One iD and a token for it, on one stand-in."""

    orcid: str
    token: str
    http: httpx.Client
    control: SandboxControl
    accept: str = JSON

    def ask(
        self, method: str, path: str, document: object = None, *, orcid: str | None = None, **headers: str
    ) -> httpx.Response:
        """One call below the person's iD (or below another) in v3.0."""
        known = {"authorization": f"Bearer {self.token}", "accept": self.accept}
        return self.http.request(method, f"/v3.0/{orcid or self.orcid}{path}", json=document, headers=known | headers)

    def post(self, section: str, document: object) -> httpx.Response:
        """POST of a document to a section."""
        return self.ask("POST", f"/{section}", document)

    def put(self, section: str, put_code: int, document: JsonObject) -> httpx.Response:
        """PUT of a document with its put-code."""
        return self.ask("PUT", f"/{section}/{put_code}", {**document, "put-code": put_code})

    def delete(self, section: str, put_code: int) -> httpx.Response:
        """DELETE of an item."""
        return self.ask("DELETE", f"/{section}/{put_code}")

    def get(self, path: str) -> httpx.Response:
        """GET below the iD."""
        return self.ask("GET", f"/{path}")

    def bulk(self, *works: JsonObject) -> httpx.Response:
        """POST of works in one call."""
        return self.post("works", {"bulk": [{"work": work} for work in works]})

    def has_added(self, section: str, document: JsonObject) -> int:
        """The put-code of a document that was accepted."""
        return put_code_of(self.post(section, document))

    def items(self, section: str) -> tuple[ItemOnRecord, ...]:
        """What stands in a section of the record."""
        return self.control.record(self.orcid).section(section)

    def inbox(self) -> list[InboxMessage]:
        """The person's messages."""
        return self.control.inbox(self.orcid)


def a_person(http: httpx.Client, control: SandboxControl, **grant: Any) -> Person:
    """Someone new with a grant."""
    orcid = fresh_orcid()
    token = control.grant(orcid, **grant)["access_token"]
    return Person(orcid, str(token), http, control)


def _keys(changes: dict[str, object]) -> JsonObject:
    return {name.replace("_", "-"): value for name, value in changes.items()}


SMALLEST: dict[str, JsonObject] = {
    "work": a_work(),
    **dict.fromkeys(AFFILIATIONS, an_employment()),
    "funding": a_funding(),
    "peer-review": a_peer_review(),
    "research-resource": a_research_resource(),
    "other-names": {"content": "J. Moa"},
    "keywords": {"content": "moa"},
    "researcher-urls": a_researcher_url(),
    "address": {"country": {"value": "NZ"}},
    "external-identifiers": a_person_identifier(),
}
"""The smallest document that ORCID takes, by section."""
