"""Journeys: single calls over a real store, as the loop makes them, with the verdict that the test chooses."""

from dataclasses import dataclass, field

from mappers.documents import Document, dump
from mappers.forms import Form
from mappers.sections import Section
from state.facts import Intent, Outcome, Published, Wanted
from state.store import Store
from tests.worker.builders import JOSIAH, PERSON, a_key, a_work, grant, published, wanted
from worker.calling import replies
from worker.calling.aftermath import Aftermath
from worker.calling.calls import Sender
from worker.planning import steps
from worker.recording.outcomes import Outcomes
from worker.recording.sent import Sent
from worker.turning.preparing import carried, open_intents

SETTLE = 10.0


@dataclass
class Journey:
    """One person's calls, under a lease."""

    store: Store
    form: Form = field(default_factory=Form)
    sender: Sender = field(init=False)

    def __post_init__(self) -> None:
        self.store.grants.put(grant())
        self.take_lease("this process")

    def take_lease(self, holder: str) -> None:
        """Sends under a new lease from now on."""
        self.store.turns.release(JOSIAH, self.store.turns.epoch(JOSIAH))
        epoch = self.store.turns.acquire(JOSIAH, holder, 30.0)
        assert epoch is not None
        self.sender = Sender(PERSON, JOSIAH, epoch, 30.0, self.form)

    def want(self, subject: str = "1", document: Document | None = None) -> Wanted:
        """Puts an item into the store as wanted."""
        made = document or a_work(f"10.1/{subject}")
        item = wanted(subject, made)
        self.store.items.want(item, dump(made))
        return item

    def stand(self, put_code: int = 7, subject: str = "1", document: Document | None = None) -> Published:
        """Puts a published item into the store."""
        one = published(put_code, subject, document)
        self.store.items.publish(one)
        return one

    def add(self, *subjects: str) -> steps.Add | steps.AddWorks:
        """The step that adds these works, which are wanted."""
        adds = tuple(steps.Add(self.want(subject), None, "") for subject in subjects)
        return adds[0] if len(adds) == 1 else steps.AddWorks(adds)

    def open(self, step: steps.RecordStep) -> Sent:
        """Writes the step's intents, as is done just before it is sent."""
        carrying = carried(self.store, step)
        assert carrying is not None
        return Sent(step, open_intents(self.store, step, carrying, self.sender), self.sender)

    def reply(self, sent: Sent, verdict: replies.Verdict, detail: str = "") -> Aftermath:
        """Records what came back."""
        now = self.store.now()
        outcome = Outcome(type(verdict).__name__.lower(), now, detail=detail)
        with self.store.transaction():
            return self.outcomes.record(sent, verdict, outcome, now)

    @property
    def outcomes(self) -> Outcomes:
        """What records replies."""
        return Outcomes(self.store, SETTLE)

    def send(self, step: steps.RecordStep, verdict: replies.Verdict, detail: str = "") -> Aftermath:
        """Opens and replies."""
        return self.reply(self.open(step), verdict, detail)

    def doubt(self, *subjects: str) -> tuple[Intent, ...]:
        """Adds works, and leaves the POST in doubt."""
        self.send(self.add(*subjects), replies.InDoubt("reset", late=False))
        return self.open_intents

    @property
    def open_intents(self) -> tuple[Intent, ...]:
        """What is in doubt."""
        return self.store.items.facts(PERSON).intents

    @property
    def stands(self) -> dict[int, Published]:
        """What is published, by put-code."""
        return {one.put_code: one for one in self.store.items.published()}

    def item(self, subject: str = "1", section: Section = Section.WORK) -> Wanted:
        """A wanted item as it is in the store."""
        key = a_key(subject, section)
        return next(one for one in self.store.items.of_record(key.record) if one.key == key)

    def verdicts(self, subject: str = "1") -> list[str]:
        """How the intents of an item ended, in order; `open` for one that did not."""
        story = self.store.intents.story(a_key(subject).record)
        return [one.outcome.verdict if one.outcome else "open" for one in story]
