"""Intake: events become source records and wanted items (ARCHITECTURE.md 4 and 5; CONTRACT.md 4)."""

from collections import Counter

import pytest

from mappers.events.messages import Message
from mappers.mapping_file import parse_mapping
from mappers.wanted import SourceKey
from state.facts import Wanted
from state.store import Store
from tests.worker.builders import JOSIAH, NOW
from tests.worker.messages import (
    HR,
    a_publication,
    a_removal,
    a_tombstone,
    an_event,
    of_file,
    of_topic,
)
from worker.intake.intake import Intake, Tempo
from worker.intake.taken import Taken
from worker.ports import Batch

RECORD = SourceKey("/repository", "publication", "1")
MAPPING = parse_mapping("")
TEMPO = Tempo(quiet=30.0, quiet_max=600.0)


def take(store: Store, *messages: Message) -> Taken:
    """Takes messages in one batch."""
    return Intake(store, MAPPING, TEMPO).take(Batch(messages), NOW)


def results(taken: Taken) -> list[str]:
    """What became of events, in words."""
    return sorted(f"{result} {times}" if times > 1 else result for (_, result), times in taken.events.items())


def items(store: Store) -> dict[str, Wanted]:
    """What publication 1 wants, by person."""
    return {one.key.person: one for one in store.items.of_record(RECORD)}


def title(store: Store) -> str:
    """The title in the data last accepted, or what became of it."""
    record = store.records.record(RECORD)
    if record is None or record.removed:
        return "unknown" if record is None else "removed"
    return record.data.split('"title":"')[1].split('"')[0]


def changed(title_: str, **attributes: str | None) -> bytes:
    """The event that gives publication 1 this title."""
    return an_event(a_publication(title=title_), id=title_, **attributes)


def seq(number: int) -> dict[str, str]:
    """A sequence."""
    return {"sequence": str(number)}


NONE: dict[str, str | None] = {"time": None}
"""Neither time nor sequence."""


@pytest.mark.parametrize(
    ("messages", "stands", "became"),
    [
        pytest.param([of_file(changed("Moa", **seq(1)))], "Moa", ["applied"], id="a first event"),
        pytest.param(
            [of_file(changed("Moa", **seq(9))), of_file(changed("Kiwi", **seq(10)))],
            "Kiwi",
            ["applied 2"],
            id="sequences compare as numbers",
        ),
        pytest.param(
            [of_file(changed("Kiwi", **seq(2))), of_file(changed("Moa", **seq(1)))],
            "Kiwi",
            ["applied", "superseded"],
            id="an older event is superseded",
        ),
        pytest.param(
            [of_file(changed("Moa", **seq(1))), of_file(changed("Moa", **seq(1)))],
            "Moa",
            ["applied", "unchanged"],
            id="the same event twice is unchanged",
        ),
        pytest.param(
            [
                of_file(changed("Moa", time="2025-11-24T17:00:00+01:00")),
                of_file(changed("Kiwi", time="2025-11-24T16:00:00.5Z")),
            ],
            "Kiwi",
            ["applied 2"],
            id="times compare as times",
        ),
        pytest.param(
            [of_file(changed("Moa", **seq(2))), of_file(a_removal(**seq(3))), of_file(changed("Kiwi", **seq(2)))],
            "removed",
            ["applied", "applied", "superseded"],
            id="a removed record is not revived by an older event",
        ),
        pytest.param(
            [of_file(changed("Moa", **seq(2))), of_file(a_removal(**seq(2)))],
            "removed",
            ["applied", "applied"],
            id="at an equal version a removal wins",
        ),
        pytest.param(
            [of_file(a_removal(**seq(2))), of_file(changed("Moa", **seq(2)))],
            "removed",
            ["applied", "superseded"],
            id="at an equal version a removal wins, whichever came first",
        ),
        pytest.param(
            [of_topic(changed("Moa", **seq(5)), 0), a_tombstone(1), of_topic(changed("Kiwi", **seq(5)), 2)],
            "removed",
            ["applied 2", "superseded"],
            id="a tombstone takes the current version",
        ),
        pytest.param(
            [of_topic(changed("Moa", **seq(5)), 0), a_tombstone(1), of_topic(changed("Kiwi", **seq(6)), 2)],
            "Kiwi",
            ["applied 3"],
            id="what comes after a tombstone stands again",
        ),
        pytest.param([a_tombstone(0)], "removed", ["applied"], id="a tombstone of something unknown is kept"),
        pytest.param(
            [of_topic(changed("Moa", **NONE), 0), of_topic(changed("Kiwi", **NONE), 1)],
            "Kiwi",
            ["applied 2"],
            id="live, without time and sequence: by arrival",
        ),
        pytest.param(
            [
                of_topic(changed("Moa", **NONE), 0),
                of_topic(a_removal(time=None), 1),
                of_topic(changed("Tui", **NONE), 2),
            ],
            "Tui",
            ["applied", "applied 2"],
            id="live, by arrival: removed and back again",
        ),
        pytest.param(
            [of_file(changed("Moa", **NONE))], "unknown", ["dead_letter"], id="in a file, without either: no-order"
        ),
        pytest.param(
            [of_topic(changed("Moa", **NONE), 0), of_topic(changed("Kiwi", **seq(1)), 1)],
            "Kiwi",
            ["applied 2"],
            id="a source that begins to send sequences goes by them",
        ),
        pytest.param(
            [of_file(changed("Moa", **seq(1))), of_file(changed("Kiwi"))],
            "Moa",
            ["applied", "dead_letter"],
            id="without the sequence that orders its source: no-order",
        ),
        pytest.param(
            [of_file(changed("Moa", time="2025-11-24T16:06:00Z"))],
            "unknown",
            ["dead_letter"],
            id="more than five minutes ahead, where time orders: time-ahead",
        ),
        pytest.param(
            [of_file(changed("Moa", time="2025-11-24T18:00:00Z", **seq(1)))],
            "Moa",
            ["applied"],
            id="a time ahead does not matter where a sequence orders",
        ),
    ],
)
def test_the_newest_version_stands(store: Store, messages: list[Message], stands: str, became: list[str]) -> None:
    """Of all events about a source record the newest one stands, and each is counted by what became of it."""
    taken = take(store, *messages)

    assert title(store) == stands
    assert results(taken) == sorted(became)


def test_at_an_equal_version_the_winner_does_not_depend_on_arrival(store: Store) -> None:
    """Two events of one version that say different things: the same one stands in either order, and it is told."""
    moa, kiwi = of_file(changed("Moa", **seq(1))), of_file(changed("Kiwi", **seq(1)))
    take(store, moa, kiwi)
    one_way = title(store)
    take(store, kiwi, moa)
    details = {note.detail for note in store.records.events("/repository", "1")}

    assert title(store) == one_way
    assert "an event of the same version said otherwise" in details


def test_schemes_are_of_one_source(store: Store) -> None:
    """That one source sends sequences says nothing of another."""
    take(store, of_file(changed("Moa", **seq(1))))

    assert results(take(store, of_file(changed("Kiwi", source="/library")))) == ["applied"]


def test_the_mapping_file_can_fix_what_orders_a_source(store: Store) -> None:
    """Then the other one does not count."""
    mapping = parse_mapping('[sources."/repository"]\norder = "time"')
    taken = Intake(store, mapping, TEMPO).take(Batch([of_file(changed("Moa", time=None, **seq(1)))]), NOW)

    assert [letter.rule for _, letter in taken.letters] == ["no-order"]


def test_a_publication_is_wanted_on_the_record_of_each_of_our_people(store: Store) -> None:
    """One source record, an item each; all of them are due after the quiet time."""
    take(store, of_file(an_event(a_publication("E1", "E2"), **seq(1))))

    assert sorted(items(store)) == ["E1", "E2"]
    assert {store.agenda.revision(person) for person in ("E1", "E2")} == {1}
    assert store.agenda.next_at() == NOW + 30.0


def test_a_dropped_author_is_withdrawn(store: Store) -> None:
    """The new snapshot replaces the old fan-out."""
    take(store, of_file(an_event(a_publication("E1", "E2"), **seq(1))))
    take(store, of_file(an_event(a_publication("E2", "E3"), **seq(2))))

    assert [person for person, one in items(store).items() if one.withdrawn] == ["E1"]
    assert sorted(items(store)) == ["E1", "E2", "E3"]


def test_a_removal_withdraws_all(store: Store) -> None:
    """Nobody's record shall show it any more."""
    take(store, of_file(an_event(a_publication("E1", "E2"), **seq(1))), of_file(a_removal(**seq(2))))

    assert all(one.withdrawn for one in items(store).values())


def test_a_publication_of_nobody_of_ours_wants_nothing(store: Store) -> None:
    """It is kept, for it may become ours."""
    data = a_publication(contributors=[{"name": "Somebody Else", "orcid": JOSIAH}])

    assert results(take(store, of_file(an_event(data, **seq(1))))) == ["applied"]
    assert items(store) == {}


def test_an_unknown_work_type_is_a_refused_item_that_names_it(store: Store) -> None:
    """Never guessed, never dropped in silence; and no dead letter, for its shape is right."""
    taken = take(store, of_file(an_event(a_publication("E1", type="epic poem"), **seq(1))))

    assert results(taken) == ["applied"]
    assert items(store)["E1"].refusal.startswith("type: epic poem ")
    assert items(store)["E1"].digest is None


def test_an_event_that_changes_nothing_wanted_makes_nobody_due(store: Store) -> None:
    """Debounce counts changes of wanted documents only."""
    take(store, of_file(changed("Moa", **seq(1))))
    taken = take(store, of_file(an_event(a_publication(title=" Moa "), **seq(2))))

    assert results(taken) == ["applied"]
    assert store.agenda.revision("E1") == 1


def test_the_story_of_a_source_record_is_kept(store: Store) -> None:
    """What was applied and what was superseded, with place and id; a repetition is not told again."""
    take(store, *(of_file(changed(name, **seq(number)), 7) for name, number in (("Kiwi", 2), ("Moa", 1), ("Kiwi", 2))))
    story = [(note.event_id, note.result, note.place) for note in store.records.events("/repository", "1")]

    assert story == [("Kiwi", "applied", "events.jsonl:7"), ("Moa", "superseded", "events.jsonl:7")]


def test_a_replay_of_the_whole_log_changes_nothing(store: Store) -> None:
    """A second replay finds everything unchanged or superseded, and makes nobody due."""
    log = [of_file(changed("Moa", **seq(1)), 1), of_file(changed("Kiwi", **seq(2)), 2), of_file(b"nonsense", 3)]
    take(store, *log)
    before, revision = items(store), store.agenda.revision("E1")
    taken = take(store, *log)

    assert taken.events == Counter(
        {
            ("publication.changed", "superseded"): 1,
            ("publication.changed", "unchanged"): 1,
            ("unknown", "dead_letter"): 1,
        }
    )
    assert items(store) == before
    assert store.agenda.revision("E1") == revision


def test_grants_come_in_by_events(store: Store) -> None:
    """A permission event is a grant; its end, a revocation."""
    data = {
        "person_id": "E1",
        "access_token": "4bed1e13-7792-4129-9f07-aaf7b88ba88f",
        "expires_in": 631138518,
        "scope": "/activities/update",
        "orcid": JOSIAH,
    }
    granted = an_event(data, type="permission.granted", subject="E1")
    revoked = an_event({"person": {"id": "E1"}}, type="permission.revoked", subject="E1", time="2025-11-24T16:00:01Z")

    assert results(take(store, of_topic(granted, 0))) == ["applied"]
    assert store.items.facts("E1").grant is not None
    assert results(take(store, of_topic(revoked, 1))) == ["applied"]
    assert results(take(store, of_file(granted))) == ["unchanged"]
    assert store.grants.active("E1") is None


def test_a_grant_on_somebody_elses_id_is_a_dead_letter_without_its_token(store: Store) -> None:
    """One iD, one person; and no token in what is told."""
    token = "4bed1e13-7792-4129-9f07-aaf7b88ba88f"
    data = {"access_token": token, "expires_in": 1000, "scope": "/activities/update", "orcid": JOSIAH}
    events = [
        of_topic(an_event({"person_id": person, **data}, type="permission.granted", subject=person), offset)
        for offset, person in enumerate(("E1", "E2"))
    ]
    taken = take(store, *events)

    assert [(letter.rule, letter.field) for _, letter in taken.letters] == [("conflict", "data.orcid")]
    assert token not in repr(taken.letters)
    assert taken.positions == {HR: 2}
