"""Taking: the events of one batch as they are taken, told to the traces when that was for good."""

from mappers.events.messages import Place
from mappers.events.record_event import RecordEvent
from worker.tracing.traces import Mapped, TakenEvent, Traces


class Taking:
    """Watches one message after the other. Costs nothing while nothing is traced."""

    def __init__(self, traces: Traces) -> None:
        self._traces = traces
        self._taken: list[TakenEvent] = []
        self._place = Place("", 0)
        self._began = 0.0
        self._event: RecordEvent | None = None
        self._mapped: Mapped | None = None

    def begin(self) -> None:
        """Before each batch, and when it is taken once more, one by one."""
        self._taken = []

    def meets(self, place: Place) -> None:
        """The next message."""
        if self._traces.on:
            self._place, self._began, self._event, self._mapped = place, self._traces.now(), None, None

    def reads(self, event: RecordEvent) -> None:
        """What it says."""
        self._event = event

    def maps(self, items: int, people: int, began: float) -> None:
        """What that was mapped to, since `began`."""
        if self._traces.on:
            self._mapped = Mapped(items, people, began, self._traces.now())

    def ends(self, kind: str, result: str, rule: str = "") -> None:
        """What became of it."""
        if self._traces.on:
            mapped = self._mapped if result == "applied" else None
            ended = self._traces.now()
            self._taken.append(
                TakenEvent(self._place, kind, result, self._began, ended, self._event, rule=rule, mapped=mapped)
            )

    def keep(self) -> None:
        """The batch was taken for good."""
        taken, self._taken = self._taken, []
        self._traces.took(taken)
