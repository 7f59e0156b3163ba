"""What is known of people, who of them are one, and who is erased, over every store."""

from dataclasses import replace
from typing import Any

import pytest

from mappers.secret import Secret
from mappers.sections import Section
from mappers.wanted import SourceKey
from state.facts import Standing
from state.permission_facts import (
    Ask,
    Consent,
    ConsentStage,
    Grant,
    KeptToken,
    KnownPerson,
    Move,
    MoveState,
    Suspension,
    SuspensionKind,
    token_mark,
)
from state.store import Store
from state.verdict_facts import ProvisionalVerdict, VerdictKind
from tests.state.helpers import (
    CONTRACT,
    JOSIAH,
    LAURE,
    THESIS,
    a_departure,
    a_grant,
    a_key,
    a_letter,
    a_published,
    a_record,
    a_wanted,
    an_event,
    an_intent,
    an_outcome,
)
from tests.state.whole import change_everything, whole


def _keep_everything(store: Store, person: str, grant: Grant) -> None:
    """Something in each table."""
    access = grant.access_token
    assert access is not None
    item, other = a_key(person), a_key(person, Section.EMPLOYMENT, CONTRACT)
    store.grants.put(grant)
    store.tokens.keep(KeptToken(token_mark(access), person, grant.orcid, grant.granted_at, access))
    store.moves.put(Move(person, grant.orcid, MoveState.HELD))
    store.consents.put(Consent(f"c-{person}", person, "b", 5.0, ConsentStage.OFFERED, f"code-{person}", grant))
    store.asks.put(Ask(person, grant.orcid, 9, 1.0))
    store.items.want(a_wanted(item), "document")
    store.items.publish(a_published(7, item, grant.orcid), "document")
    first, _ = store.intents.open([an_intent(item, orcid=grant.orcid), an_intent(other, orcid=grant.orcid)])
    store.intents.close(first, an_outcome())
    store.agenda.changed(person, 0.0, 0.0)
    store.departures.leave(a_departure(person, None, SourceKey("/hr", "hr.person.left", person)))
    store.people.put(KnownPerson(person, f"Name of {person}", 1.0, 2.0))
    store.items.know_section(grant.orcid, Section.WORK, listed_at=1.0)
    store.grants.suspend(Suspension(grant.orcid, SuspensionKind.LOCKED, "", 5.0))
    store.turns.acquire(grant.orcid, "a", 30.0)
    store.verdicts.note(ProvisionalVerdict(person, grant.orcid, VerdictKind.SUSPENDED, "", 3.0))


def _kept(store: Store, person: str) -> dict[str, Any]:
    """What is kept under a person, who it is aside."""
    facts = store.items.facts(person)
    return {
        "grants": [replace(one, person="") for one in store.grants.of_person(person)],
        "tokens": [replace(one, person="") for one in store.tokens.of_person(person)],
        "moves": [replace(one, person="") for one in store.moves.of_person(person)],
        "consents": [replace(one, person="", grant=None) for one in store.consents.of_person(person)],
        "consents' grants": [one.grant and replace(one.grant, person="") for one in store.consents.of_person(person)],
        "asks": [replace(one, person="") for one in store.asks.of_person(person)],
        "wanted": [
            (replace(one, key=replace(one.key, person="")), store.items.document(one.key)) for one in facts.wanted
        ],
        "published": [replace(one, person="", item=replace(one.item, person="")) for one in facts.published],
        "open": [replace(one, person="", item=replace(one.item, person="")) for one in facts.intents],
        "closed": [
            replace(one.intent, person="", item=replace(one.intent.item, person=""))
            for one in store.intents.story(THESIS)
            if one.intent.person == person
        ],
        "departures": [one.record for one in facts.departures],
        "due": [one.due_at for one in store.agenda.due(float("inf"), 99) if one.person == person],
        "verdicts": [replace(one, person="") for one in store.verdicts.of_person(person)],
        "known": replace(store.people.person(person), id=""),
    }


def test_a_stranger_is_nobody(store: Store) -> None:
    """Nothing known, and one with nobody else."""
    assert store.people.person("p1") == KnownPerson("p1")
    assert store.people.canonical("p1") == "p1"
    assert store.people.aliases("p1") == []


def test_what_is_known_comes_back(store: Store) -> None:
    """The newest word counts."""
    store.people.put(KnownPerson("p1", "Sofia", 1.0, 2.0))
    store.people.put(KnownPerson("p1", "Sofía García", 3.0, 4.0))

    assert store.people.person("p1") == KnownPerson("p1", "Sofía García", 3.0, 4.0)
    assert store.people.person("p2") == KnownPerson("p2")


def test_merging_moves_everything(store: Store) -> None:
    """To a person of whom nothing was kept; no put-code, token or time is lost."""
    _keep_everything(store, "p1", a_grant("p1"))
    before, nothing = _kept(store, "p1"), _kept(store, "p2")

    store.people.merge("p1", "p2")

    assert _kept(store, "p2") == before
    assert _kept(store, "p1") == nothing
    assert store.people.canonical("p1") == "p2"
    assert store.people.aliases("p2") == ["p1"]


def test_a_chain_of_merges_has_one_end(store: Store) -> None:
    """Everybody who ever was merged leads there."""
    store.people.merge("p1", "p2")
    store.people.merge("p3", "p4")
    store.people.merge("p2", "p4")

    assert [store.people.canonical(one) for one in ("p1", "p2", "p3", "p4")] == ["p4"] * 4
    assert store.people.aliases("p4") == ["p1", "p2", "p3"]


def test_of_two_wanted_items_that_become_one_that_of_the_other_stays(store: Store) -> None:
    """Both were for one source record; what is only on one side stays."""
    store.items.want(a_wanted(a_key("p1"), "ours"), "ours")
    store.items.want(a_wanted(a_key("p1", part="only"), "mine"), "mine")
    store.items.want(a_wanted(a_key("p2"), "theirs"), "theirs")

    store.people.merge("p1", "p2")

    assert [(one.key.part, one.digest) for one in store.items.facts("p2").wanted] == [("", "theirs"), ("only", "mine")]


@pytest.mark.parametrize(
    ("ours", "theirs", "stays"),
    [
        pytest.param(2.0, 1.0, 2.0, id="ours-is-newer"),
        pytest.param(1.0, 2.0, 2.0, id="theirs-is-newer"),
        pytest.param(2.0, 2.0, 2.0, id="equal"),
    ],
)
def test_of_two_grants_on_one_id_the_newer_stays(store: Store, ours: float, theirs: float, stays: float) -> None:
    """A record has one grant of one person."""
    store.grants.put(a_grant("p1", granted_at=ours, name="ours"))
    store.grants.put(a_grant("p2", granted_at=theirs, name="theirs"))

    store.people.merge("p1", "p2")

    (grant,) = store.grants.of_person("p2")
    assert grant.granted_at == stays
    assert grant.name == ("ours" if ours > theirs else "theirs")


def test_the_newer_times_of_both_count(store: Store) -> None:
    """And the name of the one that stays, if it has any."""
    store.people.put(KnownPerson("p1", "Old", 5.0, 1.0))
    store.people.put(KnownPerson("p2", "New", 1.0, 5.0))
    store.people.put(KnownPerson("p3", "", 0.0, 0.0))

    store.people.merge("p1", "p2")
    assert store.people.person("p2") == KnownPerson("p2", "New", 5.0, 5.0)
    store.people.merge("p2", "p3")
    assert store.people.person("p3") == KnownPerson("p3", "New", 5.0, 5.0)


def test_who_is_due_first_counts(store: Store) -> None:
    """And whoever looks at either of them now sees that something changed meanwhile."""
    store.agenda.changed("p1", 5.0, 60.0)
    store.agenda.changed("p2", 10.0, 60.0)
    seen = store.agenda.revision("p2")

    store.people.merge("p1", "p2")
    store.agenda.retry("p2", None, seen, 0)

    assert [(one.person, one.due_at) for one in store.agenda.due(float("inf"), 9)] == [("p2", store.now() + 5)]
    assert store.agenda.all_due() == 1


def test_erasing_leaves_nothing_under_the_person(store: Store) -> None:
    """Nor under those who were merged into them; what is kept of others stays as it was."""
    _keep_everything(store, "p2", a_grant("p2", LAURE, access_token=Secret("access-2")))
    others = _kept(store, "p2")
    nothing = _kept(store, "p1")
    _keep_everything(store, "p0", a_grant("p0"))
    store.people.merge("p0", "p1")
    store.people.put(KnownPerson("p0", "a word that came late"))

    store.people.erase("p1")

    assert _kept(store, "p1") == nothing
    assert store.people.person("p0") == KnownPerson("p0")
    assert store.people.canonical("p0") == "p0"
    assert store.turns.epoch(JOSIAH) == 0
    assert store.grants.of_orcid(JOSIAH) == []
    assert _kept(store, "p2") == others
    assert store.turns.epoch(LAURE) == 1
    assert store.items.facts("p2").suspension is not None


def test_what_is_known_of_a_record_stays_while_it_is_another_s_too(store: Store) -> None:
    """Two people had a grant on one iD in turn."""
    _keep_everything(store, "p1", a_grant("p1"))
    store.grants.put(a_grant("p2"))

    store.people.erase("p1")

    facts = store.items.facts("p2")
    assert facts.suspension is not None
    assert facts.sections[Section.WORK].listed_at == 1.0
    assert store.turns.epoch(JOSIAH) == 1


def test_erasing_twice_is_erasing_once(store: Store) -> None:
    """And erasing a stranger changes nothing."""
    change_everything(store)
    before = whole(store)
    store.people.erase("nobody")
    assert whole(store) == before

    store.people.erase("p1")
    once = whole(store)
    store.people.erase("p1")
    assert whole(store) == once


def test_an_erased_record_leaves_no_word(store: Store) -> None:
    """Its events, wanted items, intents and dead letters go; what stands on records is kept under its person."""
    for record in (THESIS, CONTRACT):
        store.records.accept(a_record(key=record))
        store.records.note_event(an_event(key=record))
        store.letters.bury(a_letter(record.entity, source=record.source, entity=record.entity, subject=record.subject))
        item = a_key("p1", Section.WORK, record)
        store.items.want(a_wanted(item), "document")
        store.items.publish(a_published(7 if record is THESIS else 8, item))
        first, _ = store.intents.open([an_intent(item), an_intent(item)])
        store.intents.close(first, an_outcome())
        store.departures.leave(a_departure("p1", None, record))

    store.people.erase_record(THESIS)

    assert store.records.record(THESIS) is None
    assert store.records.events(THESIS.source, THESIS.subject) == []
    assert store.letters.letter(THESIS.entity) is None
    assert store.items.of_record(THESIS) == []
    assert store.intents.story(THESIS) == []
    assert [one.record for one in store.items.facts("p1").departures] == [CONTRACT]
    assert store.records.record(CONTRACT) is not None
    assert len(store.intents.story(CONTRACT)) == 2
    assert store.letters.count() == 1
    standing = [one.put_code for one in store.items.published() if one.standing is Standing.LIVE]
    assert standing == [7, 8]
