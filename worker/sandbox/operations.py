"""An operation on a record: add, replace, remove or read an item, by ORCID's order of checks (API_FACTS section 0)."""

from dataclasses import dataclass, replace

from worker.sandbox.duplicates import check_duplicates
from worker.sandbox.errors import OrcidError
from worker.sandbox.forms.bodies import check_schema
from worker.sandbox.grants import Client
from worker.sandbox.inbox import Action, Amended, AmendedItem
from worker.sandbox.messages import JsonObject
from worker.sandbox.records import Item, Record, Source
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.table import WORKS, Section, family_of
from worker.sandbox.versions import V3_0

NOT_SOURCE = "403 Forbidden: You are not the source of the work, so you are not allowed to update it."
NO_RESULT = "No entity found for query"
_OF_ORCID = frozenset(
    {"put-code", "visibility", "created-date", "last-modified-date", "source", "path", "display-index"}
)
_OPEN = frozenset({"/webhook", "/premium-notification", "openid"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the client, and what its token lets it do. `orcid` is None with a client's own token."""

    client: Client
    orcid: str | None
    scopes: frozenset[str]

    def source(self, record: Record) -> Source:
        """What the caller's items on this record carry as their source."""
        return self.client.source(record.orcid)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one call is worked on: the state, the caller, the record and the section."""

    sandbox: Sandbox
    caller: Caller
    record: Record
    section: Section
    version: str = V3_0

    @property
    def source(self) -> Source:
        """The caller's source on this record."""
        return self.caller.source(self.record)

    def draft(self, body: JsonObject, replaces: Item | None = None) -> Draft:
        """The draft that a canonical body spells."""
        content = content_of(self.section, body)
        return Draft(
            self.section.name,
            content,
            self.sandbox.organizations,
            self.sandbox.groups,
            self.version,
            body["put-code"],
            body["visibility"],
            replaces,
        )

    def owns(self, item: Item) -> bool:
        """Whether the item is the caller's own (section 2.3)."""
        return self.source.is_same(item.source, self.version)

    def tell(self, *items: AmendedItem) -> None:
        """One message to the researcher's inbox; what is no activity tells nothing (section 10)."""
        if not self.section.is_activity:
            return
        at = int(self.sandbox.now() * 1000)
        self.record.inbox.tell(Amended(self.section.name, self.caller.client.client_id, at, items))

    def amended(self, action: Action, item: Item) -> AmendedItem:
        """An item as a message names it."""
        return AmendedItem(action, item.put_code, self.section.item_name(item.document))

    def store(self, document: JsonObject) -> Item:
        """A new item of the caller; its visibility is the researcher's default, whatever was sent (section 5.8)."""
        now = self.sandbox.tick()
        put_code = self.sandbox.next_put_code()
        item = Item(put_code, self.section.name, self.source, self.record.visibility, now, now, document)
        self.record.put(item, now)
        return item


def content_of(section: Section, body: JsonObject) -> JsonObject:
    """What of a canonical body ORCID stores as the item's content."""
    return section.settle({key: value for key, value in body.items() if key not in _OF_ORCID})


def read_content(section: Section, body: object) -> JsonObject:
    """The content of an item in v3.0's JSON that does not come through the API; 9047 for what breaks the schema."""
    canonical = section.shape.read(body, section.name)
    check_schema(V3_0, section.name, section.shape, canonical)
    return content_of(section, canonical)


def add(desk: Desk, body: JsonObject) -> Item:
    """POST of one item."""
    if desk.section is WORKS and desk.record.count(WORKS.name) >= desk.sandbox.settings.max_works:
        raise OrcidError(9048)
    draft = desk.draft(body)
    desk.section.check(draft)
    check_duplicates(desk.record, desk.section, desk.source, draft.document, desk.version)
    item = desk.store(desk.section.finish(draft))
    desk.tell(desk.amended(Action.CREATE, item))
    return item


def replace_item(desk: Desk, put_code: int, body: JsonObject) -> Item:
    """PUT of one item: a full replacement that keeps source, visibility and creation date (section 2.4)."""
    check_put_codes(put_code, body)
    standing = load(desk, put_code)
    own = desk.owns(standing)
    draft = desk.draft(body, standing)
    if desk.version in desk.section.source_first and not own:
        raise OrcidError(9010, activity="work")
    if desk.section.keeps_unchanged and draft.document == standing.document:
        if not own:
            raise OrcidError(9014, NOT_SOURCE)
        return standing
    desk.section.check(draft)
    check_duplicates(desk.record, desk.section, desk.source, draft.document, desk.version, itself=put_code)
    if not own:
        raise OrcidError(9010, activity="work")
    document = desk.section.finish(draft)
    now = desk.sandbox.tick()
    item = replace(standing, section=desk.section.name, document=document, modified=now)
    desk.record.put(item, now)
    desk.tell(desk.amended(Action.UPDATE, item))
    return item


def check_put_codes(put_code: int, body: JsonObject) -> None:
    """9019 unless the body of a PUT has the put-code of its address."""
    if body["put-code"] != put_code:
        sent = "null" if body["put-code"] is None else body["put-code"]
        raise OrcidError(9019, urlPutCode=put_code, bodyPutCode=sent)


def remove(desk: Desk, put_code: int) -> None:
    """DELETE of one item."""
    standing = load(desk, put_code)
    if not desk.owns(standing):
        raise OrcidError(9010, activity="work")
    desk.record.remove(put_code, desk.sandbox.tick())
    desk.tell(desk.amended(Action.DELETE, standing))


def load(desk: Desk, put_code: int) -> Item:
    """The item of the section's family with this put-code on this record; 9016 when there is none (section 1.2)."""
    item = desk.record.find(put_code)
    if item is None or item.section not in family_of(desk.section):
        raise OrcidError(9016, NO_RESULT)
    return item


def read_item(desk: Desk, put_code: int) -> Item:
    """GET of one item, as far as the caller may see it (section 1.5)."""
    item = desk.record.find(put_code)
    if item is None or item.section != desk.section.name:
        raise OrcidError(9016, NO_RESULT)
    check_visible(desk, item)
    return item


def check_visible(desk: Desk, item: Item) -> None:
    """9013 for a private item of another source, 9038 for one that needs a scope the token lacks."""
    if desk.owns(item):
        return
    if item.visibility == "private":
        raise OrcidError(9013)
    if not _may_read(desk, item):
        raise OrcidError(9038)


def visible_items(desk: Desk, as_of: int | None) -> list[Item]:
    """The items of the section that the caller may see, as they stood at `as_of`."""
    items = desk.record.items(desk.section.name, as_of=as_of)
    return [item for item in items if desk.owns(item) or _may_read(desk, item)]


def _may_read(desk: Desk, item: Item) -> bool:
    if item.visibility == "public":
        return bool(desk.caller.scopes - _OPEN)
    return item.visibility != "private" and bool(desk.caller.scopes & desk.section.scopes.read)
