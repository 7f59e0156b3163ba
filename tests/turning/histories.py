"""Histories: what may happen to one person's record and to us, drawn from a seed, and what must hold in the end."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from mappers.documents import load
from mappers.forms import Form, Format, Version
from mappers.sections import Section
from mappers.wanted import ItemKey
from mappers.wire.reading import read_json
from state.facts import ItemState, Origin, PersonFacts, Published, Standing, Wanted
from state.memory.store import MemoryStore
from tests.events import Event
from tests.fakes.set_clock import SetClock
from tests.turning.happenings import FAMILIES, PERSON, SOURCES, a_trouble, an_event
from tests.turning.weather import Trouble
from tests.turning.worlds import NOW, PACE, Office, World
from worker.note_names import RECOVERY
from worker.planning.guarding import Limits
from worker.planning.policy import Policy
from worker.recording.matching import says_the_same
from worker.sandbox.control_forms import ItemForm
from worker.sandbox.records import Item
from worker.sandbox.researchers import add_item, delete_item
from worker.sandbox.sandbox import CLIENT_ID

DAY = 86400.0
UNGUARDED = Limits(10**9, 1.0)
"""What is held is tested elsewhere: here everything ends as it is wanted."""
WINS: tuple[dict[str, tuple[str, ...]], ...] = ({}, {}, {"/b": ("title",)}, {"/b": ("publication_date", "start_date")})
VERSIONS = ((Version.V3_0,), (Version.V2_1,), (Version.V2_1, Version.V3_0))
SETTLED = {ItemState.IN_SYNC, ItemState.MERGED}
EXPLAINED = frozenset({ItemState.REFUSED, ItemState.WAITING, ItemState.HELD, ItemState.REMOVED_BY_RESEARCHER})


class History:
    """One person, one topic, one or two processes, and whatever the seed brings. `story` tells what it brought."""

    explained = EXPLAINED

    def __init__(self, seed: int) -> None:
        self._random = random = Random(seed)
        self._versions = random.choice(VERSIONS)
        self._families = random.sample(FAMILIES, random.choice([1, 1, 2, len(FAMILIES)]))
        self._holders = random.choice([("one",), ("one", "two")])
        self._policy = Policy(
            settle_seconds=10.0,
            version=random.choice(self._versions),
            precedence={SOURCES[0]: random.choice([0, 1])},
            wins=random.choice(WINS),
        )
        self._clock = SetClock(NOW)
        self._world = World(MemoryStore(self._clock.now), self._clock)
        self._world.connect(1)
        self._orcid = self._world.orcid(1)
        self._troubles: list[Trouble] = []
        self._deleted: set[tuple[str, int]] = set()
        self._respected: dict[ItemKey, Published] = {}
        self._foreign: list[Item] = []
        self._before_the_loss: set[tuple[str, int]] = set()
        self._sequence = 0
        self.story = [f"{', '.join(self._families)}; {', '.join(self._versions)}; {', '.join(self._holders)}"]
        self._offices: list[Office] = []
        self._open()

    def live(self) -> None:
        """All that happens, and then days in which nothing does, by the latest version."""
        happenings = self._happenings()
        for _ in range(self._random.randint(2, 8)):
            (happens,) = self._random.choices(list(happenings), weights=list(happenings.values()))
            happens()
            patience = self._random.choice([0.0, 1.0, 5.0, 15.0, 70.0, 200.0])
            self._world.settle(*self._offices, within=patience)
            self._end_delays(in_time=patience < PACE.call_seconds)
        self._troubles.clear()
        self._switch_to(self._versions[-1])
        self._end()

    def _happenings(self) -> dict[Callable[[], None], int]:
        """What may happen, and how often beside the rest."""
        return {
            self._tell: 60,
            self._delete: 12,
            self._add_for_others: 4,
            self._switch: 10,
            self._crash: 10,
            self._lose_the_store: 4,
        }

    def _end(self) -> None:
        """Days in which nothing happens."""
        self._world.settle(*self._offices, within=3 * DAY)

    def _open(self) -> None:
        """Starts the processes, in a format of their own."""
        self._offices = []
        for name in self._holders:
            form = Form(self._policy.version, self._random.choice(list(Format)))
            pace = replace(PACE, form=form)
            office = self._world.office(name, pace=pace, policy=self._policy, limits=UNGUARDED)
            office.weather.troubles = self._troubles
            self._offices.append(office)

    def _end_delays(self, *, in_time: bool) -> None:
        """Calls that were delayed reach ORCID now; later than their deadline none does."""
        for office in self._offices:
            if in_time:
                office.weather.carry_out_late()
            office.weather.late.clear()

    # What happens.

    def _tell(self) -> None:
        """Sources tell something, and some calls meet trouble."""
        for _ in range(self._random.randint(1, 5)):
            self._sequence += 1
            event = an_event(self._random, self._random.choice(self._families), self._sequence)
            self.story.append(f"{event['source']} {event['subject']} {event['type']}")
            self._world.tell(event)
            self._respected = {key: one for key, one in self._respected.items() if not _ends(event, key)}
        for _ in range(self._random.choice([0, 0, 1, 2])):
            trouble = a_trouble(self._random)
            self.story.append(f"trouble: {trouble.reply}, carried out {trouble.carried_out}")
            self._troubles.append(trouble)

    def _delete(self) -> None:
        """The researcher deletes an item that we know to stand."""
        live = [one for one in self._published() if one.standing is Standing.LIVE]
        there = {(item.section, item.put_code) for item in self._ours()}
        known = [one for one in live if (one.section, one.put_code) in there]
        if known:
            one = self._random.choice(known)
            self.story.append(f"the researcher deletes {one.section} {one.put_code}")
            delete_item(self._world.sandbox, self._orcid, one.put_code)
            self._deleted.add((one.section, one.put_code))
            self._respected[one.item] = one

    def _add_for_others(self) -> None:
        """Another client, or the researcher, adds what we have put on the record."""
        if ours := self._ours():
            one = self._random.choice(ours)
            form = ItemForm(
                section=one.section,
                document=dict(one.document),
                client_id=self._random.choice(["APP-OTHER", None]),
            )
            self._foreign.append(add_item(self._world.sandbox, self._orcid, form))
            self.story.append(f"someone else adds {one.section} {self._foreign[-1].put_code}")

    def _switch(self) -> None:
        self._switch_to(self._random.choice(self._versions))

    def _switch_to(self, version: Version) -> None:
        """All processes are stopped and started again, perhaps with another version."""
        self.story.append(f"started again with {version}")
        self._stop()
        self._policy = replace(self._policy, version=version)
        self._world.store.agenda.changed(PERSON, 0.0, 0.0)  # as at every start with another policy
        self._open()

    def _stop(self) -> None:
        for office in self._offices:
            office.loop.stop(self._clock.now, PACE.call_seconds)
            office.lanes.close(0.0)

    def _crash(self) -> None:
        """All processes die; what they had at the lanes reaches ORCID or does not, and no reply is heard."""
        for _ in range(self._random.randint(0, 3)):
            for office in self._offices:
                office.turn()
        sent = self._random.random() < 0.5
        self.story.append(f"a crash; what was in flight {'arrives' if sent else 'is lost'}")
        for office in self._offices:
            office.lanes.close(1.0 if sent else 0.0)
        self._world.sky.flying.clear()
        self._open()

    def _lose_the_store(self) -> None:
        """On a quiet day the store is lost: the topic is read from its beginning, and records are listed first."""
        self.story.append("the store is lost")
        self._troubles.clear()
        self._world.settle(*self._offices, within=DAY)
        self._stop()
        self._respected.clear()
        self._before_the_loss = {(item.section, item.put_code) for item in self._ours()}
        self._world.store = MemoryStore(self._clock.now)
        self._world.connect(1)
        self._world.store.notes.put(RECOVERY, repr(self._clock.now()))
        self._open()

    # What must hold in the end.

    def faults(self) -> Iterator[str]:
        """What is not as it must be."""
        whole = self._world.store.items.facts(PERSON)
        facts = replace(
            whole,
            published=tuple(one for one in whole.published if one.orcid == self._orcid),
            intents=tuple(one for one in whole.intents if one.orcid == self._orcid),
        )
        if self._world.sky.crossings:
            yield "two calls for one iD at once"
        waiting = {one.key for one in facts.wanted if one.state is ItemState.WAITING}
        yield from (f"in doubt for ever: {one}" for one in facts.intents if one.item not in waiting)
        for one in self._foreign:
            if not any(record.find(one.put_code) == one for record in self._world.sandbox.records.values()):
                yield f"someone else's {one.section} {one.put_code} was touched"
        for wanted in facts.wanted:
            yield from self._faults_of_wanted(wanted, facts)
        yield from self._faults_of_record(facts)

    def _faults_of_wanted(self, wanted: Wanted, facts: PersonFacts) -> Iterator[str]:
        """Each stands exactly once, or shows a reason that is one for good."""
        live = [one for one in facts.published if one.item == wanted.key and one.standing is Standing.LIVE]
        said = f"{wanted.key} is {wanted.state} ({wanted.reason})"
        if len(live) > 1 and wanted.state is not ItemState.HELD:
            yield f"{said} and stands twice"
        if wanted.state not in SETTLED | self.explained or (
            wanted.state is not ItemState.IN_SYNC and not wanted.reason
        ):
            yield said
        if wanted.state is ItemState.IN_SYNC and not live:
            yield f"{said} and stands nowhere"
        if wanted.refused_reason and wanted.state is not ItemState.MERGED:
            yield f"{said}: ORCID refused it"

    def _faults_of_record(self, facts: PersonFacts) -> Iterator[str]:
        """What is there is wanted and says what is wanted, unless it stood there before the store was lost."""
        known = {(one.section, one.put_code): one for one in facts.published}
        wanted = {one.key: one for one in facts.wanted}
        there = {(item.section, item.put_code): item for item in self._ours()}
        for place, item in there.items():
            one = known.get((Section(place[0]), place[1]))
            if one is None or one.standing is not Standing.LIVE:
                if place not in self._before_the_loss:
                    yield f"{place} stands and we do not know it: {item.document}"
                continue
            yield from self._faults_of_item(one, item, wanted.get(one.item))
        for one in facts.published:
            place = (str(one.section), one.put_code)
            if one.standing is Standing.LIVE and place not in there and place not in self._deleted:
                yield f"{place} is gone and we do not know it"
            if place in there and _is_again(one, self._respected.get(one.item)):
                yield f"the researcher deleted {one.item}, and it stands again as {place}"

    def _faults_of_item(self, one: Published, item: Item, wanted: Wanted | None) -> Iterator[str]:
        """What we put there is wanted still, and says so; but what was adopted is not removed unasked."""
        if wanted is None or wanted.digest is None:
            held = one.origin is Origin.ADOPTED and wanted is not None and wanted.state is ItemState.HELD
            refused = wanted is not None and wanted.refusal
            if not (held or refused):
                yield f"{one} stands and nothing wants it: {wanted}"
        elif wanted.state is ItemState.IN_SYNC and not self._policy.wins:
            stored = self._world.store.items.document(wanted.key)
            assert stored is not None
            stands = read_json(one.section, item.document, [one.own_id] if one.own_id else []).document
            if not any(says_the_same(stands, load(stored[1]), version) for version in self._versions):
                yield f"{one} says {item.document}, and wanted is {stored[1]}"

    def _ours(self) -> list[Item]:
        items = self._world.sandbox.records[self._orcid].items()
        return [item for item in items if item.source.client_id == CLIENT_ID]

    def _published(self) -> tuple[Published, ...]:
        return self._world.store.items.facts(PERSON).published


def _ends(event: Event, key: ItemKey) -> bool:
    """Whether an event may end what is wanted, so that it is anew afterwards: of a person, by leaving it out."""
    if (key.record.source, key.record.subject) != (event["source"], event["subject"]):
        return False
    family, _, verb = event["type"].rpartition(".")
    moves = family == "hr.affiliation" and str(event["data"].get("kind")) != key.section
    return bool(verb == "removed" or family == "hr.person" or moves)


def _is_again(one: Published, gone: Published | None) -> bool:
    """Whether an item was created for what the researcher had deleted, and is not about another thing by now."""
    if gone is None or one.section is not gone.section or one.put_code <= gone.put_code:
        return False
    return bool(one.self_ids & gone.self_ids) or not gone.self_ids
