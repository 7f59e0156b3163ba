"""Rounds of planning and sending over a real store, against a record that answers as ORCID's documentation says.

The record stands for the wire alone: what the planner, the outcomes and the discoveries make of it is the real thing.
"""

import json
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from mappers.documents import Document, load, self_ids
from mappers.forms import Form
from mappers.identifiers import OWN_TYPE
from mappers.sections import Section
from mappers.wanted import ItemKey
from mappers.wire.writing import write
from state.facts import Intent, Outcome
from state.store import Store
from tests.worker.builders import JOSIAH, PERSON
from worker.calling import replies
from worker.calling.aftermath import Follow, GoOn
from worker.calling.calls import Sender, intents_for, set_aside
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.recording.discoveries import Discoveries
from worker.recording.outcomes import Outcomes
from worker.recording.sent import Sent
from worker.turning.slice import without_dependants

OURS = "APP-OURS"
PERSONS = {
    Section.ADDRESS: "address",
    Section.EXTERNAL_IDENTIFIERS: "external-identifier",
    Section.KEYWORDS: "keyword",
    Section.OTHER_NAMES: "other-name",
    Section.RESEARCHER_URLS: "researcher-url",
}
"""What the list of a section about the person holds."""


@dataclass
class Record:
    """One ORCID record: items by section and put-code, refused when one of ours shares a `self` identifier."""

    items: dict[tuple[Section, int], dict[str, Any]] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(101))

    def identities(self, document: Document, own_id: str | None) -> frozenset[str]:
        """What ORCID compares."""
        return self_ids(document) | ({f"{OWN_TYPE}:{own_id}"} if own_id else frozenset())

    def post(self, document: Document, own_id: str | None, client: str = OURS) -> replies.Created | replies.Duplicate:
        """Adds an item, or names the put-code of the one that is there."""
        double = self.double(document, own_id, client)
        if double is not None:
            return replies.Duplicate(double)
        put_code = next(self.numbers)
        self.keep(document, own_id, put_code, client)
        return replies.Created(put_code)

    def put(
        self, document: Document, own_id: str | None, put_code: int
    ) -> replies.Accepted | replies.Missing | replies.Duplicate:
        """Writes over what stands under a put-code, unless it isn't there or would be one with another item."""
        if (document.section, put_code) not in self.items:
            return replies.Missing()
        double = self.double(document, own_id, OURS, but=put_code)
        if double is not None:
            return replies.Duplicate(double)
        self.keep(document, own_id, put_code)
        return replies.Accepted()

    def double(self, document: Document, own_id: str | None, client: str, *, but: int | None = None) -> int | None:
        """The put-code of another item of the client that ORCID would count as one with this."""
        identities = self.identities(document, own_id)
        for (section, put_code), item in self.items.items():
            ours = section is document.section and item["client"] == client and put_code != but
            if ours and item["identities"] & identities:
                return put_code
        return None

    def keep(self, document: Document, own_id: str | None, put_code: int, client: str = OURS) -> None:
        """Puts an item under a put-code."""
        self.items[document.section, put_code] = {
            "client": client,
            "identities": self.identities(document, own_id),
            "body": json.loads(write(document, Form(), own_id=own_id, put_code=put_code))
            | {"source": {"source-client-id": {"path": client}}},
        }

    def listing(self, section: Section) -> dict[str, Any]:
        """GET of a section's list, as of v3.0 (API_FACTS.md 1.5)."""
        bodies = [item["body"] for (where, _), item in sorted(self.items.items()) if where is section]
        name = f"{section}-summary"
        if section.is_of_person:
            return {PERSONS[section]: bodies}
        if section.is_affiliation:
            return {"affiliation-group": [{"summaries": [{name: body} for body in bodies]}]}
        if section is Section.PEER_REVIEW:  # whose identifiers go by another name there than in an item
            shown = [body | {"external-ids": body["review-identifiers"]} for body in bodies]
            return {"group": [{"peer-review-group": [{name: [body]}]} for body in shown]}
        return {"group": [{name: [body]} for body in bodies]}

    def read(self, section: Section, put_codes: list[int]) -> dict[str, Any]:
        """GET of items."""
        if section is Section.WORK:
            works = [self.items[section, code]["body"] for code in put_codes if (section, code) in self.items]
            return {"bulk": [{"work": work} for work in works]}
        return dict(self.items[section, put_codes[0]]["body"])


@dataclass
class Rounds:
    """Plans and sends for one person, over a store, to a record."""

    store: Store
    record: Record
    policy: Policy = field(default_factory=Policy)
    calls: list[steps.RecordStep] = field(default_factory=list)

    def plan(self) -> steps.Plan:
        """The plan that would be made now."""
        return plan(self.store.items.facts(PERSON), self.policy, self.store.now())

    def round(self) -> int:
        """One look at the person: plans, notes, sends; returns how many calls it made."""
        made = self.plan()
        for standing in made.standings:
            self.store.items.set_state(standing.key, standing.state, standing.reason)
        for note in made.notes:
            match note:
                case steps.Reassign(published=published, item=key):
                    self.store.items.publish(replace(published, item=key))
                case steps.Forget(key=key):
                    self.store.items.forget(key)
                case steps.DropMove() | steps.EndGrant() | steps.GiveUp():
                    pass
        epoch = self.store.turns.acquire(JOSIAH, "rounds", 30.0)
        assert epoch is not None
        sender = Sender(PERSON, JOSIAH, epoch, 30.0)
        pending: deque[steps.CallStep] = deque(made.calls)
        before = len(self.calls)
        while pending:
            step = pending.popleft()
            assert not isinstance(step, steps.Refresh | steps.RevokeToken)
            aftermath = self._send(step, sender)
            if isinstance(aftermath, Follow):
                pending.extendleft(reversed(aftermath.calls))
            elif not isinstance(aftermath, GoOn):
                break
            elif aftermath.failed is not None:
                pending = deque(without_dependants(pending, aftermath.failed))
        return len(self.calls) - before

    def _send(self, step: steps.RecordStep, sender: Sender) -> object:
        self.calls.append(step)
        now = self.store.now()
        intents = self._intents(step, sender, now)
        verdict = self._answer(step, intents)
        discoveries = Discoveries(self.store, self.policy, OURS)
        match step, verdict:
            case steps.ListSection(), replies.Found():
                return discoveries.listed(step, sender, verdict, now)
            case steps.ReadItems(), replies.Found():
                return discoveries.read(step, sender, verdict, now)
            case _:
                outcome = Outcome(type(verdict).__name__.lower(), now)
                outcomes = Outcomes(self.store, self.policy.settle_seconds)
                return outcomes.record(Sent(step, intents, sender), verdict, outcome, now)

    def _intents(self, step: steps.RecordStep, sender: Sender, now: float) -> tuple[Intent, ...]:
        if isinstance(step, steps.Repeat):
            for one in step.intents:
                self.store.intents.close(one, Outcome("repeated", now))
        texts = self.texts(step)
        drafts = intents_for(step, {key: load(text) for key, text in texts.items()}, texts, sender, now)
        return tuple(self.store.intents.open(drafts)) if drafts else ()

    def texts(self, step: steps.RecordStep) -> dict[ItemKey, str]:
        """The documents that a step carries."""
        match step:
            case steps.Repeat(intents=intents):
                return {one.item: one.document for one in intents if one.document is not None}
            case steps.Add(item=item) | steps.Update(item=item) | steps.MoveAside(item=item):
                keys = [item.key]
            case steps.AddWorks(adds=adds):
                keys = [add.item.key for add in adds]
            case _:
                keys = []
        return {key: text for key, (_, text) in self.store.items.documents(keys).items()}

    def _answer(self, step: steps.RecordStep, intents: tuple[Intent, ...]) -> replies.Verdict:
        """What the record says to a step."""
        match step:
            case steps.Add() | steps.AddWorks() | steps.Repeat():
                verdicts = [self.record.post(load(one.document or ""), one.own_id) for one in intents]
                return verdicts[0] if len(verdicts) == 1 else replies.Slots(tuple(verdicts))
            case steps.Update(item=item, published=published, own_id=own_id):
                return self.record.put(load(self.texts(step)[item.key]), own_id, published.put_code)
            case steps.MoveAside(item=item, published=published, own_id=own_id):
                return self.record.put(set_aside(load(self.texts(step)[item.key])), own_id, published.put_code)
            case steps.EnsureGroup():
                return replies.Created(next(self.record.numbers))
            case steps.Remove(published=published):
                self.record.items.pop((published.section, published.put_code), None)
                return replies.Deleted()
            case steps.ListSection(section=section):
                return replies.Found(self.record.listing(section))
            case steps.ReadItems(section=section, found=found):
                return replies.Found(self.record.read(section, [one.put_code for one in found]))
