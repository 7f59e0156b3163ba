"""A bulk: up to a hundred works in one request, each with a slot of its own in the reply (API_FACTS section 1.4)."""

from typing import Any, Final

from worker.sandbox.addresses import parse_put_code
from worker.sandbox.duplicates import check_bulk_duplicates
from worker.sandbox.errors import OrcidError
from worker.sandbox.inbox import Action
from worker.sandbox.messages import JsonObject
from worker.sandbox.operations import Desk, check_visible
from worker.sandbox.records import Item
from worker.sandbox.replies import full_item
from worker.sandbox.sections.shapes import Breach
from worker.sandbox.sections.table import WORKS

MOST_ELEMENTS: Final = 100


def add_works(desk: Desk, bodies: list[JsonObject | OrcidError]) -> JsonObject:
    """POST of a bulk: slot by slot, one message for all; a value too long for the database undoes everything.

    A body that is an error has that one in its slot.
    """
    if desk.record.count(WORKS.name) + len(bodies) > desk.sandbox.settings.max_works:
        raise OrcidError(9048)
    if len(bodies) > MOST_ELEMENTS:
        raise OrcidError(9006, f"You are allowed to add up to {MOST_ELEMENTS} elements per request.")
    mark = desk.record.mark()
    added: list[Item] = []
    slots: list[JsonObject] = []
    for body in bodies:
        try:
            item = _add_one(desk, body)
        except OrcidError as error:
            slots.append({"error": error.body(desk.caller.client.name)})
            continue
        added.append(item)
        slots.append({"work": full_item(desk.record.orcid, item, desk.sandbox.name_of, path=False)})
    if any(_is_overlong(item) for item in added):
        desk.record.roll_back(mark)
        raise OrcidError(9008, "could not execute statement", exception="jakarta.persistence.PersistenceException")
    if added:
        desk.tell(*(desk.amended(Action.CREATE, item) for item in added))
    return {"bulk": slots}


def read_works(desk: Desk, codes: str) -> JsonObject:
    """GET of several works: the found ones first, an error for each other after them."""
    texts = codes.split(",")
    if len(texts) > MOST_ELEMENTS:
        raise OrcidError(9042, f"Too many put codes specified: maximum is {MOST_ELEMENTS}")
    wanted = [_bulk_put_code(text) for text in texts]
    found, lost = [], []
    for put_code in wanted:
        item = desk.record.find(put_code)
        if item is None or item.section != WORKS.name:
            lost.append(_slot_error(desk, OrcidError(9034, f"'{put_code}' is not a valid put code")))
            continue
        try:
            check_visible(desk, item)
        except OrcidError:
            found.append(_slot_error(desk, OrcidError(9013)))
        else:
            found.append({"work": full_item(desk.record.orcid, item, desk.sandbox.name_of)})
    return {"bulk": [*found, *lost]}


def _add_one(desk: Desk, body: JsonObject | OrcidError) -> Item:
    if isinstance(body, OrcidError):
        raise body
    draft = desk.draft(body)
    desk.section.check(draft)
    check_bulk_duplicates(desk.record, desk.section, desk.source, draft.document, desk.version)
    return desk.store(desk.section.finish(draft))


def _is_overlong(item: Item) -> bool:
    found: list[Breach] = []
    unsaved: dict[str, Any] = dict.fromkeys(WORKS.shape.shapes)
    WORKS.shape.check({**unsaved, **item.document}, WORKS.name, found)
    return any(breach.overlong for breach in found)


def _bulk_put_code(text: str) -> int:
    try:
        return parse_put_code(text)
    except OrcidError:
        raise OrcidError(9006, f'For input string: "{text}"') from None


def _slot_error(desk: Desk, error: OrcidError) -> JsonObject:
    return {"error": error.body(desk.caller.client.name)}
