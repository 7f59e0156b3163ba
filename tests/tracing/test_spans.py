"""Spans as data: ids that every process finds, and what is told of calls without events."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.events.messages import Place
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import EventNote
from state.facts import Origin as Created
from state.memory.store import MemoryStore
from state.sqlite.store import SqliteStore
from state.store import Store, StoreError
from state.vault import Vault, new_key
from worker.planning import steps
from worker.settings.settings import SettingsFaults, load_settings
from worker.tracing import traces
from worker.tracing.spans import Origin, Span, origin_of
from worker.tracing.traces import MadeCall, TakenEvent, Traces
from worker.wiring import check_settings

KEY = SourceKey("/hr", "hr.affiliation", "1024")
names = st.text(max_size=20)


class Heard:
    """A sink that holds what comes."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.lost = 0

    def emit(self, span: Span) -> None:
        """Holds it."""
        self.spans.append(span)

    def lose(self, number: int) -> None:
        """Counts them."""
        self.lost += number

    def close(self) -> None:
        """Nothing to do."""


@given(source=names, entity=names, subject=names, event_id=names)
def test_every_event_has_sound_ids(source: str, entity: str, subject: str, event_id: str) -> None:
    """Neither is zero, which means none; the same event has the same ones, in whatever process."""
    key = SourceKey(source, entity, subject)

    made = origin_of(key, event_id, "")

    assert made == origin_of(SourceKey(source, entity, subject), event_id, "")
    assert 0 < made.event.trace < 2**128
    assert 0 < made.event.span < 2**64
    assert made.maker is None
    assert origin_of(key, f"{event_id}x", "") != made


@pytest.mark.parametrize(("flags", "sampled"), [("00", False), ("01", True), ("02", False), ("03", True)], ids=str)
def test_a_traceparent_is_gone_on_with(flags: str, sampled: bool) -> None:  # noqa: FBT001 - a table
    """In its trace, under its span, sampled as it says; two events of one trace are two spans there."""
    said = f"00-{7:032x}-{9:016x}-{flags}"

    made = origin_of(KEY, "e1", said)

    assert made.maker is not None
    assert (made.maker.trace, made.maker.span, made.maker.sampled) == (7, 9, sampled)
    assert (made.event.trace, made.event.sampled) == (7, sampled)
    assert made.event.span != origin_of(KEY, "e2", said).event.span


def a_call(step: steps.RecordStep) -> MadeCall:
    """A call that found something."""
    return MadeCall(step, "E1", "0000-0002-1825-0097", "GET", "employment", 1.0, 1.0, 2.0, 200, None, 1, ())


def test_a_call_that_no_event_led_to_has_a_trace_of_its_own() -> None:
    """Such as a list that is read before anything is added; each another one."""
    sink = Heard()
    made = Traces(MemoryStore(lambda: 1.0), sink)
    for _ in range(2):
        made.called(a_call(steps.ListSection(Section.EMPLOYMENT, "never listed")))

    made.flush()

    first, second = sink.spans
    assert first.parent is None
    assert first.ref is not None
    assert second.ref is not None
    assert first.ref.trace != second.ref.trace
    assert first.attributes["orcid_sync.items"] == 0


def test_what_does_not_fit_is_lost_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long nobody flushes."""
    monkeypatch.setattr(traces, "MOST_KEPT", 3)
    sink = Heard()
    made = Traces(MemoryStore(lambda: 1.0), sink)

    made.took(TakenEvent(Place("log", number), "x", "skipped", 1.0, 2.0) for number in range(5))
    made.flush()

    assert (len(sink.spans), sink.lost) == (3, 2)


def test_without_a_sink_nothing_is_kept() -> None:
    """Whoever does not trace pays nothing."""
    made = Traces(MemoryStore(lambda: 1.0))

    made.took([TakenEvent(Place("log", 1), "x", "skipped", 1.0, 2.0)])
    made.called(a_call(steps.ListSection(Section.EMPLOYMENT, "")))
    made.flush()

    assert not made.on
    assert made._kept == []


def test_a_store_that_fails_costs_spans_alone(tmp_path: Path) -> None:
    """The loop hears nothing of it."""
    store: Store = SqliteStore(tmp_path / "state.db", Vault([new_key()]), lambda: 1.0)
    sink = Heard()
    made = Traces(store, sink)
    made.took([TakenEvent(Place("log", 1), "x", "skipped", 1.0, 2.0)])
    expected = steps.Expected(ItemKey("E1", Section.EMPLOYMENT, KEY, ""), "d", None, Created.CREATED)
    made.called(a_call(steps.ListSection(Section.EMPLOYMENT, "", (expected,))))
    store.close()
    with pytest.raises(StoreError):
        store.records.causes(KEY, 1.0, 1)

    made.flush()

    assert (len(sink.spans), sink.lost) == (1, 1)


def test_a_slip_in_telling_costs_one_span() -> None:
    """Whatever it is, the loop goes on."""

    class Broken(Heard):
        """A sink that fails once."""

        def emit(self, span: Span) -> None:
            """Fails at the first."""
            if not self.lost:
                raise ValueError
            super().emit(span)

    sink = Broken()
    made = Traces(MemoryStore(lambda: 1.0), sink)
    made.took(TakenEvent(Place("log", number), "x", "skipped", 1.0, 2.0) for number in range(3))

    made.flush()

    assert (len(sink.spans), sink.lost) == (2, 1)


def test_an_event_note_leads_back_to_its_trace() -> None:
    """What the store keeps of an event is enough."""
    note = EventNote(KEY, "e1", "hr.affiliation.changed", "log:1", 1.0, "applied", "", f"00-{7:032x}-{9:016x}-01")

    assert isinstance(origin_of(note.key, note.event_id, note.trace), Origin)
    assert origin_of(note.key, note.event_id, note.trace).event.trace == 7


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        pytest.param("http://otel-collector.observability.svc:4318", None, id="in a cluster"),
        pytest.param("https://collector.example.org/v1/traces", None, id="elsewhere"),
        pytest.param("otel-collector:4318", "is not a URL", id="no scheme"),
        pytest.param("http://me:pw@collector:4318", "give them in OTEL_EXPORTER_OTLP_HEADERS", id="credentials"),
        pytest.param("http://collector:4318?x=1", "goes on with ? or #", id="query"),
    ],
)
def test_the_setting_is_an_address(url: str, fault: str | None) -> None:
    """What is wrong with it is told, and never what it holds of credentials."""
    environ = {"ORCID_SYNC_TRACES_URL": url}
    if fault is None:
        assert load_settings(environ).traces_url == url
        return
    with pytest.raises(SettingsFaults) as caught:
        load_settings(environ)
    assert fault in caught.value.faults[0]
    assert "pw" not in caught.value.faults[0]


def test_the_setting_without_the_extra_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that says what to install."""
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http", None)
    chosen = load_settings({"ORCID_SYNC_TRACES_URL": "http://collector:4318"})

    with pytest.raises(SettingsFaults, match=r"ORCID_SYNC_TRACES_URL: .* pip install 'orcid-sync\[traces\]'"):
        check_settings(chosen)
