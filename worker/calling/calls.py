"""Calls: the HTTP request that carries out a step, and the intents that note it beforehand. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from mappers.documents import Activity, Document, Relationship, Work, digest, self_ids
from mappers.forms import Form, Version
from mappers.groups import GroupIdRecord
from mappers.identifiers import OWN_TYPE, OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey
from mappers.wire.v2_1 import narrowed
from mappers.wire.writing import write, write_group, write_works
from state.facts import Intent, Method
from worker.planning import steps

GROUP_PATH = "group-id-record"
GROUP_SCOPE = "/group-id-record/update"
"""What our client's own token has to allow to find or create group-id records (API_FACTS.md 1.3)."""


@dataclass(frozen=True, slots=True)
class Request:
    """What goes over the wire, without token and host. `method` is None for a GET; `bulk` counts a bulk's works.

    `media_type` is that of the body. `scope`: sent with our client's own token of this scope, not with a person's.
    """

    method: Method | None
    path: str
    body: bytes | None = None
    bulk: int = 0
    media_type: str | None = None
    scope: str | None = None

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
    """Who sends, to which record, under which lease, in which form; how long a call may take, in seconds."""

    person: str
    orcid: OrcidId
    epoch: int
    call_seconds: float
    form: Form = field(default_factory=Form)
    visibilities: Mapping[Section, str] = field(default_factory=dict)
    """By section; sent with what is created, never with an update: ORCID refuses a change of it (9035)."""


def request_for(step: steps.RecordStep, documents: Mapping[ItemKey, Document], sender: Sender) -> Request:
    """The request of a step. `documents` holds those it carries, by item.

    Raises ValueError when the version that is sent cannot carry one of them (planning lets those wait).
    """
    base = f"/{sender.form.version}/{sender.orcid}"
    match step:
        case steps.Add():
            return _post(base, [(documents[step.item.key], step.own_id)], sender)
        case steps.AddWorks():
            return _post(base, [(documents[add.item.key], add.own_id) for add in step.adds], sender)
        case steps.Repeat():
            return _post(base, [(documents[one.item], one.own_id) for one in step.intents], sender)
        case steps.Update():
            return _put(base, step, documents[step.item.key], sender)
        case steps.MoveAside():
            return _put(base, step, set_aside(documents[step.item.key]), sender)
        case steps.Remove():
            return Request(Method.DELETE, f"{base}/{step.published.section}/{step.published.put_code}")
        case steps.ListSection():
            return Request(None, f"{base}/{step.section.list_path}")
        case steps.ReadItems() if step.section.takes_bulk:
            codes = ",".join(str(one.put_code) for one in step.found)
            return Request(None, f"{base}/{step.section.list_path}/{codes}")
        case steps.ReadItems():
            return Request(None, f"{base}/{step.section}/{step.found[0].put_code}")
        case steps.EnsureGroup():
            return _group(step.group, sender.form)


def _post(base: str, parts: Sequence[tuple[Document, str | None]], sender: Sender) -> Request:
    """One item, or several works in one bulk."""
    form = sender.form
    works = [(document, own_id) for document, own_id in parts if isinstance(document, Work)]
    if len(parts) > 1 and len(works) == len(parts):
        body = write_works(works, form, visibility=sender.visibilities.get(Section.WORK))
        path = f"{base}/{Section.WORK.list_path}"
        return Request(Method.POST, path, body, bulk=len(works), media_type=form.format.media_type)
    document, own_id = parts[0]
    body = write(document, form, own_id=own_id, visibility=sender.visibilities.get(document.section))
    return Request(Method.POST, f"{base}/{document.section}", body, media_type=form.format.media_type)


def _put(base: str, step: steps.Update | steps.MoveAside, document: Document, sender: Sender) -> Request:
    put_code = step.published.put_code
    body = write(document, sender.form, own_id=step.own_id, put_code=put_code)
    path = f"{base}/{document.section}/{put_code}"
    return Request(Method.PUT, path, body, media_type=sender.form.format.media_type)


def _group(group: GroupIdRecord, form: Form) -> Request:
    """A record that says enough is created, which answers 409/9025 when it is there; another one is looked for.

    Only v3.0 finds one by its group-id. ORCID makes `issn:` groups by itself, also when one is looked for.
    """
    if group.is_complete and not group.is_issn:
        body, media_type = write_group(group, form), form.format.media_type
        return Request(Method.POST, f"/{form.version}/{GROUP_PATH}", body, media_type=media_type, scope=GROUP_SCOPE)
    query = f"group-id={quote(group.id.strip(), safe='')}"
    return Request(None, f"/{Version.V3_0}/{GROUP_PATH}?{query}", scope=GROUP_SCOPE)


def set_aside(document: Document) -> Document:
    """The document without its `self` external-ids, which frees them; one without external-ids is as it was."""
    if not isinstance(document, Activity):
        return document
    kept = tuple(one for one in document.external_ids if one.relationship is not Relationship.SELF)
    return document.model_copy(update={"external_ids": kept})


def identities_sent(document: Document | None, own_id: str | None, version: Version) -> frozenset[str]:
    """The identities that ORCID finds the item by, once it was sent in this version: v2.1 leaves some out."""
    told = document
    if document is not None and version is Version.V2_1:
        told = narrowed(document).document
    own = {f"{OWN_TYPE}:{own_id}"} if own_id is not None else frozenset[str]()
    return (self_ids(told) if told is not None else frozenset[str]()) | own


def intents_for(
    step: steps.RecordStep,
    documents: Mapping[ItemKey, Document],
    texts: Mapping[ItemKey, str],
    sender: Sender,
    now: float,
) -> list[Intent]:
    """The intents of a step that writes to a record, to be opened before its call; none for one that reads.

    A late commit is possible for one more deadline after the deadline: as long as a lease can't be taken over.
    """
    ripe_at = now + 2 * sender.call_seconds
    version = sender.form.version

    def intent(item: ItemKey, method: Method, put_code: int | None, digest_: str, own_id: str | None) -> Intent:
        document = documents.get(item)
        carried = own_id if version is Version.V3_0 or not item.section.is_affiliation else None
        return Intent(
            id=0,
            call=0,
            person=sender.person,
            orcid=sender.orcid,
            item=item,
            method=method,
            put_code=put_code,
            digest=digest_,
            own_id=carried,
            self_ids=identities_sent(document, carried, version),
            document=texts.get(item),
            opened_at=now,
            ripe_at=ripe_at,
            epoch=sender.epoch,
        )

    match step:
        case steps.Add():
            return [intent(step.item.key, Method.POST, None, said_by(step), step.own_id)]
        case steps.AddWorks():
            return [intent(add.item.key, Method.POST, None, said_by(add), add.own_id) for add in step.adds]
        case steps.Repeat():
            return [_again(one, ripe_at, sender.epoch, now) for one in step.intents]
        case steps.Update():
            return [intent(step.item.key, Method.PUT, step.published.put_code, said_by(step), step.own_id)]
        case steps.MoveAside():
            aside = intent(step.item.key, Method.PUT, step.published.put_code, "", step.own_id)
            return [replace(aside, self_ids=frozenset({f"{OWN_TYPE}:{step.own_id}"}), document=None)]
        case steps.Remove():
            return [intent(step.published.item, Method.DELETE, step.published.put_code, "", step.published.own_id)]
        case steps.ListSection() | steps.ReadItems() | steps.EnsureGroup():
            return []


def said_by(step: steps.Add | steps.Update | steps.MoveAside) -> str:
    """The digest of what a step is to put on the record: what it was composed to, else the item's own document."""
    return digest(step.composed) if step.composed is not None else step.item.digest or ""


def _again(intent: Intent, ripe_at: float, epoch: int, now: float) -> Intent:
    return replace(intent, ripe_at=ripe_at, epoch=epoch, opened_at=now, attempt=intent.attempt + 1)
