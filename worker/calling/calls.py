"""Calls: the HTTP request that carries out a step, and the intents that note it beforehand. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from mappers.documents import Document, self_ids
from mappers.identifiers import OWN_TYPE, OrcidId
from mappers.orcid_json import write_json
from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import Intent, Method
from worker.planning import steps

MEDIA_TYPE = "application/vnd.orcid+json"
"""What we send and ask for (API_FACTS.md 1.1)."""


@dataclass(frozen=True, slots=True)
class Request:
    """What goes over the wire, without token and host. `method` is None for a GET; `bulk` counts a bulk's works."""

    method: Method | None
    path: str
    body: bytes | None = None
    bulk: int = 0

    @property
    def verb(self) -> str:
        """The HTTP method."""
        return self.method.value if self.method else "GET"

    @property
    def kind(self) -> str:
        """How summaries and metrics count it: the HTTP method, and POST_BULK apart."""
        return "POST_BULK" if self.bulk else self.verb


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, to which record, under which lease; how long a call may take, in seconds."""

    person: str
    orcid: OrcidId
    epoch: int
    call_seconds: float
    version: str = "v3.0"
    visibility: str | None = None
    """Sent with what is created, never with an update: ORCID refuses a change of it (9035)."""


def request_for(step: steps.CallStep, documents: Mapping[ItemKey, Document], sender: Sender) -> Request:
    """The request of a step. `documents` holds those it carries, by item."""
    base = f"/{sender.version}/{sender.orcid}"
    shown = {"visibility": sender.visibility} if sender.visibility else {}
    match step:
        case steps.Add():
            body = write_json(documents[step.item.key], own_id=step.own_id) | shown
            return Request(Method.POST, f"{base}/{step.item.key.section}", _bytes(body))
        case steps.AddWorks():
            works = [write_json(documents[add.item.key], own_id=add.own_id) | shown for add in step.adds]
            return _bulk(base, works)
        case steps.Repeat() if step.intents[0].item.section is Section.WORK and len(step.intents) > 1:
            works = [write_json(documents[one.item], own_id=one.own_id) | shown for one in step.intents]
            return _bulk(base, works)
        case steps.Repeat():
            only = step.intents[0]
            body = write_json(documents[only.item], own_id=only.own_id) | shown
            return Request(Method.POST, f"{base}/{only.item.section}", _bytes(body))
        case steps.Update():
            put_code = step.published.put_code
            body = write_json(documents[step.item.key], own_id=step.own_id, put_code=put_code)
            return Request(Method.PUT, f"{base}/{step.item.key.section}/{put_code}", _bytes(body))
        case steps.Remove():
            return Request(Method.DELETE, f"{base}/{step.published.section}/{step.published.put_code}")
        case steps.ListSection():
            return Request(None, f"{base}/{step.section.list_path}")
        case steps.ReadItems() if step.section is Section.WORK:
            codes = ",".join(str(one.put_code) for one in step.found)
            return Request(None, f"{base}/works/{codes}")
        case steps.ReadItems():
            return Request(None, f"{base}/{step.section}/{step.found[0].put_code}")


def _bulk(base: str, works: list[dict[str, object]]) -> Request:
    body = _bytes({"bulk": [{"work": work} for work in works]})
    return Request(Method.POST, f"{base}/works", body, bulk=len(works))


def _bytes(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def intents_for(
    step: steps.CallStep,
    documents: Mapping[ItemKey, Document],
    texts: Mapping[ItemKey, str],
    sender: Sender,
    now: float,
) -> list[Intent]:
    """The intents of a step that writes, to be opened before its call; none for one that reads.

    A late commit is possible for one more deadline after the deadline: as long as a lease can't be taken over.
    """
    ripe_at = now + 2 * sender.call_seconds

    def intent(item: ItemKey, method: Method, put_code: int | None, digest: str, own_id: str | None) -> Intent:
        identities = self_ids(documents[item]) if item in documents else frozenset[str]()
        return Intent(
            id=0,
            call=0,
            person=sender.person,
            orcid=sender.orcid,
            item=item,
            method=method,
            put_code=put_code,
            digest=digest,
            own_id=own_id,
            self_ids=identities | ({f"{OWN_TYPE}:{own_id}"} if own_id else frozenset()),
            document=texts.get(item),
            opened_at=now,
            ripe_at=ripe_at,
            epoch=sender.epoch,
        )

    match step:
        case steps.Add():
            return [intent(step.item.key, Method.POST, None, step.item.digest or "", step.own_id)]
        case steps.AddWorks():
            return [intent(add.item.key, Method.POST, None, add.item.digest or "", add.own_id) for add in step.adds]
        case steps.Repeat():
            return [_again(one, ripe_at, sender.epoch, now) for one in step.intents]
        case steps.Update():
            put_code = step.published.put_code
            return [intent(step.item.key, Method.PUT, put_code, step.item.digest or "", step.own_id)]
        case steps.Remove():
            return [intent(step.published.item, Method.DELETE, step.published.put_code, "", step.published.own_id)]
        case steps.ListSection() | steps.ReadItems():
            return []


def _again(intent: Intent, ripe_at: float, epoch: int, now: float) -> Intent:
    return replace(intent, ripe_at=ripe_at, epoch=epoch, opened_at=now, attempt=intent.attempt + 1)
