"""Researchers: what people do at ORCID beside us, and what of it has to be respected."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from mappers.documents import self_ids
from mappers.identifiers import OWN_TYPE
from mappers.sections import Section
from mappers.wanted import ItemKey
from mappers.wire.reading import read_json, without_own_ids
from state.facts import Published
from tests.simulation.model import Model, Slot, Standing
from worker.sandbox.control_forms import EditForm, ItemForm
from worker.sandbox.records import Item
from worker.sandbox.researchers import add_item, delete_item, edit_item
from worker.sandbox.sandbox import CLIENT_ID, Sandbox


def standing(item: Item, model: Model) -> Standing:
    """What an item says."""
    read = model.read.get(item.put_code)
    if read is None or read[0] is not item:
        read = model.read[item.put_code] = item, _standing(item, model)
    return read[1]


def _standing(item: Item, model: Model) -> Standing:
    section = Section(item.section)
    whole = read_json(section, item.document).document
    own = frozenset(one.split(":", 1)[1] for one in self_ids(whole) if one.startswith(f"{OWN_TYPE}:"))
    bare, _ = without_own_ids(whole, own)
    return Standing(model.digest(bare), self_ids(bare), own)


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a researcher deleted of ours: whom it was about, and the slots it may have served then.

    `certain`: it was just what the slot wanted, and nothing was under way.
    """

    person: str
    orcid: str
    section: Section
    put_code: int
    said: Standing
    slots: tuple[Slot, ...]
    after: int
    certain: bool
    touched: set[ItemKey]
    """Items that were one with what was deleted, then or at any time since: its tombstone may be theirs by now."""
    key: ItemKey | None
    """The item that it was to us."""
    self_ids: frozenset[str]
    """What it carried; and what we believed of it, where a call about it was under way or in doubt."""


@dataclass
class Researchers:
    """All of them. `foreign` is what others put on records, as it was left."""

    sandbox: Sandbox
    random: Random
    model: Model
    counts: Counter[str]
    foreign: dict[int, tuple[str, Item]] = field(default_factory=dict)
    deletions: list[Deletion] = field(default_factory=list)

    def delete(
        self,
        person: str,
        orcid: str,
        told: int,
        *,
        known: Callable[[Item], Published | None],
        quiet: Callable[[str], bool],
    ) -> str:
        """Deletes an item of ours, most often one that we know to stand."""
        ours = self._ours(orcid)
        if self.random.random() < 0.9:
            ours = [item for item in ours if known(item) is not None]
        if not ours:
            return ""
        item = self.random.choice(ours)
        said, section, one = standing(item, self.model), Section(item.section), known(item)
        key = None if one is None else one.item
        about = [slot for slot in self.model.slots(person) if slot.section is section and _is_about(said, slot, key)]
        certain = len(about) == 1 and key in about[0].keys and about[0].winner.digest == said.digest and quiet(orcid)
        touched = set[ItemKey]().union(*(slot.keys for slot in about)) | ({key} if key is not None else set())
        ids = said.self_ids if certain or one is None else said.self_ids | one.self_ids
        self.deletions.append(
            Deletion(person, orcid, section, item.put_code, said, tuple(about), told, certain, touched, key, ids)
        )
        delete_item(self.sandbox, orcid, item.put_code)
        self.counts["researcher deletes an item of ours"] += 1
        return f"the researcher deletes {item.section} {item.put_code} of {orcid}{', for certain' if certain else ''}"

    def follow(self) -> None:
        """After each event: what is one with an item that was deleted."""
        for one in self.deletions:
            for slot in self.model.slots(one.person):
                if slot.section is one.section and (slot.keys & one.touched or slot.self_ids & one.self_ids):
                    one.touched.update(slot.keys)

    def show(self, orcid: str) -> str:
        """Changes who may see an item of ours."""
        ours = self._ours(orcid)
        if not ours:
            return ""
        item = self.random.choice(ours)
        form = EditForm(visibility=self.random.choice(["public", "limited", "private"]))
        edit_item(self.sandbox, orcid, item.put_code, form)
        self.counts["researcher edits visibility"] += 1
        return f"{item.section} {item.put_code} of {orcid} is {form.visibility} now"

    def add(self, orcid: str) -> str:
        """Somebody else, or the researcher, adds what we have put there."""
        ours = self._ours(orcid)
        if not ours:
            return ""
        item = self.random.choice(ours)
        form = ItemForm(
            section=item.section, document=dict(item.document), client_id=self.random.choice(["APP-OTHER", None])
        )
        added = add_item(self.sandbox, orcid, form)
        self.foreign[added.put_code] = (orcid, added)
        self.counts["somebody else adds the same item"] += 1
        return f"someone else adds {added.section} {added.put_code} to {orcid}"

    def edit(self, orcid: str) -> str:
        """Changes or deletes an item that is not ours."""
        theirs = [code for code, (where, _) in self.foreign.items() if where == orcid]
        if not theirs:
            return ""
        code = self.random.choice(theirs)
        self.counts["researcher edits a foreign item"] += 1
        if self.random.random() < 0.3:
            del self.foreign[code]
            delete_item(self.sandbox, orcid, code)
            return f"foreign {code} of {orcid} is deleted"
        form = EditForm(visibility=self.random.choice(["public", "limited", "private"]))
        self.foreign[code] = (orcid, edit_item(self.sandbox, orcid, code, form))
        return f"foreign {code} of {orcid} is edited"

    def _ours(self, orcid: str) -> list[Item]:
        record = self.sandbox.records.get(orcid)
        return [] if record is None else [one for one in record.items() if one.source.client_id == CLIENT_ID]


def _is_about(said: Standing, slot: Slot, key: ItemKey | None) -> bool:
    return bool(said.self_ids & slot.self_ids) or key in slot.keys or said.digest == slot.winner.digest
