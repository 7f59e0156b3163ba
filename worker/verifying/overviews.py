"""Overviews: the two replies that tell all sections of a record, and what they mean (API_FACTS.md 1.2)."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from mappers.forms import Version
from mappers.identifiers import OrcidId
from mappers.secret import Secret
from mappers.sections import Section
from mappers.wire.json_reply import JsonReply, Unreadable
from mappers.wire.reading import ListedItem, read_listing
from state.store import Store
from worker.calling import replies
from worker.ports import HttpCall, Reply

TRIES = 3
"""How often a call is made that ORCID was too busy for."""
FIRST_WAIT = 1.0
"""Seconds that nobody sends after ORCID was too busy, when it does not say how long."""


class NotRead(Exception):  # noqa: N818 - told per record, and no reason to stop
    """A record that ORCID did not tell: one line that says why. `closed`: for want of a permission, says ORCID."""

    def __init__(self, why: str, *, closed: bool = False) -> None:
        super().__init__(why)
        self.closed = closed


@dataclass(frozen=True, slots=True)
class Access:
    """Whose record is read, with which token, in which version, and how long a call may take."""

    orcid: OrcidId
    token: Secret
    version: Version
    call_seconds: float

    def get(self, path: str) -> HttpCall:
        """A GET of this record."""
        return HttpCall("GET", f"/{self.version}/{self.orcid}/{path}", self.token, deadline=self.call_seconds)


@dataclass(frozen=True, slots=True)
class Overview:
    """A section each, as its own list would tell it, and what it lists."""

    bodies: Mapping[Section, Mapping[str, Any]]
    lists: Mapping[Section, tuple[ListedItem, ...]]


def found(store: Store, call: HttpCall) -> Generator[HttpCall, Reply, replies.Found]:
    """Makes a GET, again while ORCID is too busy; raises NotRead with what came instead of an object."""
    tried = 0
    while True:
        reply = yield call
        tried += 1
        verdict = replies.read_reply(None, reply, store.now())
        if isinstance(verdict, replies.Found):
            return verdict
        if not isinstance(verdict, replies.Throttled) or tried == TRIES:
            raise NotRead(_told(verdict), closed=isinstance(verdict, replies.Unpermitted))
        store.turns.slow_down(store.now() + (FIRST_WAIT if verdict.after is None else verdict.after))


def overview(store: Store, access: Access) -> Generator[HttpCall, Reply, Overview]:
    """Reads a record: activities, and facts about the person. Raises NotRead.

    A section that neither tells of is left out: an incomplete reply is no word on what stands there.
    """
    activities = yield from found(store, access.get("activities"))
    person = yield from found(store, access.get("person"))
    bodies: dict[Section, Mapping[str, Any]] = {}
    lists: dict[Section, tuple[ListedItem, ...]] = {}
    for section in Section:
        if not section.is_in(access.version):
            continue
        whole, key = (person if section.is_of_person else activities).body, _key(section)
        if whole.get(key) is None:
            continue
        try:
            bodies[section] = JsonReply.of(whole[key], key).body
            lists[section] = read_listing(section, bodies[section])
        except Unreadable as error:
            raise NotRead(f"ORCID's list of {section} cannot be read: {error}") from None
    if not bodies:
        raise NotRead("ORCID's reply tells of no section")
    return Overview(bodies, lists)


def _key(section: Section) -> str:
    """What an overview calls a section."""
    return "addresses" if section is Section.ADDRESS else section.list_path


def _told(verdict: replies.Verdict) -> str:
    match verdict:
        case replies.Suspended(kind=kind, detail=detail):
            return f"the record is {kind}{': ' if detail else ''}{detail}"
        case replies.Throttled():
            return "ORCID asks to slow down"
        case replies.Unsent(why=why) | replies.InDoubt(why=why):
            return f"ORCID gives no answer: {why}"
        case replies.Unpermitted(why=why) | replies.Stop(why=why) | replies.Refused(why=why) | replies.NotOurs(why=why):
            return why
        case _:
            return f"an answer unheard of: {type(verdict).__name__}"
