"""Being forgotten: nothing is held any more, nothing comes back, and nobody else notices."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import Published
from state.permission_facts import Ask, Consent, ConsentStage, GrantState, token_mark
from state.store import Store
from tests.state.helpers import a_grant, an_intent
from tests.worker.builders import JOSIAH, LAURE, NOW
from tests.worker.forgotten import ANN, PAPER, SOFIA, TUI, a_paper, about, forget, held, rows, take
from tests.worker.messages import an_event
from worker.people import forgetting
from worker.people.erasing import portions
from worker.people.exporting import export_person
from worker.people.forgetting import Eraser, begin_forgetting, erase_if_done, finish_forgetting, hindrances
from worker.people.knowing import is_known
from worker.people.merging import merge_people


def keep_a_record(store: Store, person: str, orcid: Any = JOSIAH) -> None:
    """A permission, and something on the record."""
    store.grants.put(a_grant(person, orcid))
    store.items.publish(
        Published(person, orcid, Section.WORK, 7, ItemKey(person, Section.WORK, PAPER), "d", None, frozenset()), "{}"
    )


def test_nothing_is_held_of_somebody_forgotten(store: Store) -> None:
    """In no table; what they share with others stays without them."""
    take(store, about(SOFIA), an_event(a_paper(SOFIA, TUI)))
    keep_a_record(store, SOFIA)
    assert held(store, SOFIA)
    others = [one for one in store.items.of_record(PAPER) if one.key.person == TUI]

    forget(store, SOFIA)

    assert held(store, SOFIA, "Sofia Garcia", "P-1", JOSIAH) == []
    assert not is_known(store, SOFIA)
    assert list(store.items.of_record(PAPER)) == others
    record = store.records.record(PAPER)
    assert record is not None
    assert TUI in record.data


def test_a_replay_brings_nothing_back(store: Store) -> None:
    """What speaks of them alone is erased again, what they share is unchanged; removals, too."""
    alone, shared = about(SOFIA), an_event(a_paper(SOFIA, TUI))
    gone = an_event({}, type="hr.person.removed", source="/hr", subject="P-1", time="2025-11-24T16:00:01Z")
    permission = {
        "person_id": SOFIA,
        "access_token": "4bed1e13-7792-4129-9f07-aaf7b88ba88f",
        "expires_in": 631138518,
        "scope": "/activities/update",
        "orcid": LAURE,
    }
    granted = an_event(permission, type="permission.granted", subject="g")
    left = about(SOFIA, SOFIA, "hr.person.left")
    merge = an_event({"from": ANN, "into": SOFIA}, type="hr.person.merged", source="/hr", subject="m")
    take(store, alone, shared)
    forget(store, SOFIA)
    before = rows(store)

    told = take(store, alone, shared, gone, granted, left, merge)

    assert told == [*["erased"] * 5, "unchanged"]
    assert rows(store) == before


def test_new_events_keep_out_who_was_forgotten(store: Store) -> None:
    """From a paper of several they are taken before anything else."""
    forget(store, SOFIA)

    assert take(store, an_event(a_paper(SOFIA, TUI))) == ["applied"]
    assert [one.key.person for one in store.items.of_record(PAPER)] == [TUI]
    assert held(store, SOFIA) == []


def test_dead_letters_keep_out_who_was_forgotten(store: Store) -> None:
    """One that names nobody else is not kept; of one that names others, the rest is."""
    bad_alone = about(SOFIA, "P-3", country=7)
    bad_shared = an_event(a_paper(SOFIA, TUI, title=7))
    assert take(store, bad_alone, bad_shared) == ["dead_letter", "dead_letter"]

    forget(store, SOFIA)

    assert held(store, SOFIA) == []
    (letter,) = store.letters.open()
    assert TUI.encode() in _bytes(letter.envelope)
    assert take(store, bad_alone, bad_shared) == ["dead_letter", "erased"]
    assert held(store, SOFIA) == []
    assert store.letters.count() == 1


def _bytes(envelope: bytes) -> bytes:
    from mappers.events.packed_messages import unpack_message

    return unpack_message(envelope).value or b""


def test_whatever_holds_the_id_goes_though_it_is_no_event(store: Store) -> None:
    """Bytes that can't be read, and keys that we don't know."""
    take(store, b'{"person": "E-sofia-1024", ', b'{"employee": "E-sofia-1024"}', b'{"employee": "E-tui-2048"}')
    assert store.letters.count() == 3

    forget(store, SOFIA)

    assert [_bytes(one.envelope) for one in store.letters.all()] == [b'{"employee": "E-tui-2048"}']


def test_everybody_who_is_one_is_forgotten_as_one(store: Store) -> None:
    """By whatever id it was asked for, and whatever id comes later."""
    take(store, about(ANN), about(SOFIA, "P-2"))
    merge_people(store, ANN, SOFIA)

    forget(store, ANN)

    assert held(store, ANN, SOFIA, "Sofia Garcia") == []
    assert take(store, about(ANN), about(SOFIA, "P-2")) == ["erased", "erased"]


def test_who_is_unknown_can_be_forgotten(store: Store) -> None:
    """Then nothing about them is ever taken."""
    forget(store, SOFIA)

    assert take(store, about(SOFIA)) == ["erased"]
    assert store.blocks.count() == 1


def test_undone_they_may_come_back(store: Store) -> None:
    """With what their sources say from then on."""
    take(store, about(SOFIA))
    forget(store, SOFIA)
    assert store.blocks.undo(SOFIA)

    assert take(store, about(SOFIA)) == ["applied"]
    assert store.people.person(SOFIA).name == "Sofia Garcia"


def test_it_waits_for_what_is_not_done(store: Store) -> None:
    """Tokens to be revoked, calls without an answer, items that shall be removed; and for a call under way."""
    take(store, an_event(a_paper(SOFIA)))
    keep_a_record(store, SOFIA)
    grant = store.grants.active(SOFIA)
    assert grant is not None
    assert grant.access_token is not None
    store.consents.put(Consent("c", SOFIA, "b", NOW, ConsentStage.OFFERED, grant=a_grant(SOFIA, LAURE)))
    (intent,) = store.intents.open([an_intent(ItemKey(SOFIA, Section.WORK, PAPER))])

    begin_forgetting(store, SOFIA, remove_items=True, now=NOW)

    assert [one.state for one in store.grants.of_person(SOFIA)] == [GrantState.ENDING]
    assert [walk.stage for walk in store.consents.of_person(SOFIA)] == [ConsentStage.FAILED]
    assert {one.to_revoke for one in store.tokens.of_person(SOFIA)} == {True}
    assert store.agenda.of(SOFIA) is not None
    assert len(hindrances(store, SOFIA)) == 3
    assert not erase_if_done(store, SOFIA)
    assert take(store, about(SOFIA)) == ["erased"]

    store.intents.close(intent, _closed())
    store.tokens.drop(token_mark(grant.access_token))
    assert [line.split(";")[0] for line in hindrances(store, SOFIA)] == ["1 items still stand on ORCID"]
    begin_forgetting(store, SOFIA, remove_items=False, now=NOW)
    assert hindrances(store, SOFIA) == ()

    epoch = store.turns.acquire(JOSIAH, "desk", 30.0)
    assert epoch is not None
    assert not erase_if_done(store, SOFIA)
    store.turns.release(JOSIAH, epoch)
    finish_forgetting(store)
    assert held(store, SOFIA) == []


def test_many_are_erased_some_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn of the loop stays short; whoever has to wait keeps nobody else waiting."""
    monkeypatch.setattr(forgetting, "STEPS", 2)
    eraser = Eraser(store)
    keep_a_record(store, SOFIA)
    for person in (SOFIA, *(f"Z{number}" for number in range(3))):
        begin_forgetting(store, person, remove_items=True, now=NOW)

    assert hindrances(store, SOFIA)
    left = []
    while eraser.go_on():
        left.append(len(store.blocks.under_way()))
    assert left == [4, 3, 3, 2, 1]
    assert [one.person for one in store.blocks.under_way()] == [SOFIA]


def test_nobody_waits_for_long_while_somebody_is_erased(store: Store) -> None:
    """Between any two portions others write, and what was erased already does not come back by that."""
    told = [about(SOFIA), *(an_event(a_paper(SOFIA), subject=f"s{number}") for number in range(60))]
    take(store, *told, an_event(a_paper(SOFIA, TUI), subject="shared"))
    begin_forgetting(store, SOFIA, remove_items=False, now=NOW)

    seen = []
    for portion in portions(store, SOFIA):
        if portion is not None:
            with store.transaction():
                portion()
            assert set(take(store, *told)) == {"erased"}
            seen.append(len(list(store.records.all())))

    assert seen == [37, 12, 1]
    assert erase_if_done(store, SOFIA)
    assert held(store, SOFIA) == []
    assert set(take(store, *told)) == {"erased"}


def _closed() -> Any:
    from tests.state.helpers import an_outcome

    return an_outcome()


def test_what_stands_on_another_s_record_is_still_removed(store: Store) -> None:
    """A record that spoke of another before: its version stays, so that their item goes."""
    role = {"kind": "employment", "organization": {"name": "Example University", "city": "Boston", "country": "US"}}
    kept = an_event({"person": {"id": TUI}, **role}, type="hr.affiliation.changed", source="/hr", subject="A-1")
    take(store, kept)
    (item,) = store.items.facts(TUI).wanted
    store.items.publish(Published(TUI, LAURE, Section.EMPLOYMENT, 8, item.key, "d", None, frozenset()))
    moved = an_event(
        {"person": {"id": SOFIA}, **role},
        type="hr.affiliation.changed",
        source="/hr",
        subject="A-1",
        time="2025-11-24T16:00:01Z",
    )
    take(store, moved)

    forget(store, SOFIA)

    assert held(store, SOFIA) == []
    assert [one.withdrawn for one in store.items.facts(TUI).wanted] == [True]
    assert take(store, moved) == ["erased"]
    assert take(store, kept) == ["superseded"]


def test_an_export_holds_everything_and_no_token(store: Store) -> None:
    """Under any of their ids, with the text of dead letters."""
    take(store, about(SOFIA), an_event(a_paper(SOFIA, TUI)), about(SOFIA, "P-3", country=7))
    keep_a_record(store, SOFIA)
    merge_people(store, SOFIA, ANN)

    told = export_person(store, SOFIA)
    text = json.dumps(told)

    assert told["person"] == ANN
    assert told["also_known_as"] == [SOFIA]
    assert told["name"] == "Sofia Garcia"
    assert [one["orcid"] for one in told["permissions"]] == [JOSIAH]
    assert {one["subject"] for one in told["source_records"]} == {"P-1", "1"}
    assert {one["section"] for one in told["items"]} == {"keywords", "work"}
    assert len(told["events"]) == 2
    assert "country" in told["dead_letters"][0]["text"]
    assert "access-1" not in text
    assert "refresh-1" not in text


def test_an_export_tells_whose_record_a_walk_led_to(store: Store) -> None:
    """Also when its token was let go of; and all that ORCID told of a request."""
    given = a_grant(SOFIA, LAURE)
    let_go = replace(given, access_token=None, refresh_token=None)
    for number, (stage, held_grant) in enumerate([("asked", None), ("offered", given), ("declined", let_go)]):
        store.consents.put(Consent(f"c{number}", SOFIA, "b", NOW - number, ConsentStage(stage), grant=held_grant))
    store.asks.put(Ask(SOFIA, JOSIAH, 7, NOW, NOW, read_at=NOW + 1, acted_at=NOW + 2, archived_at=NOW + 3))

    told = export_person(store, SOFIA)

    walks = [(one["orcid"], one["name"], one["token_held"]) for one in told["consents"]]
    assert walks == [(None, "", False), (LAURE, given.name, True), (LAURE, given.name, False)]
    (request,) = told["inbox_requests"]
    assert [request[f"{word}_at"] - NOW for word in ("asked", "read", "acted", "archived")] == [0, 1, 2, 3]
