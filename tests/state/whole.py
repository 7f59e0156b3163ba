"""All that a store tells of a small world, to compare stores with each other and with themselves before."""

from dataclasses import replace
from typing import Any

from mappers.events.messages import LogId
from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.brake_facts import Brake, Suppression
from state.facts import GroupState, ItemState, Origin, Scheme
from state.job_facts import JobEnd, JobState
from state.permission_facts import (
    ConsentStage,
    Forgetting,
    GrantState,
    KnownPerson,
    MoveState,
    Suspension,
    SuspensionKind,
)
from state.removal_facts import RemovalState, RemovalWindow
from state.store import Store
from state.verdict_facts import ProvisionalVerdict, VerdictKind
from tests.state.helpers import (
    CONTRACT,
    JOSIAH,
    LAURE,
    LOG,
    OTHER_LOG,
    THESIS,
    a_consent,
    a_departure,
    a_grant,
    a_group,
    a_key,
    a_letter,
    a_move,
    a_published,
    a_record,
    a_review,
    a_token,
    a_wanted,
    an_ask,
    an_event,
    an_intent,
    an_outcome,
)

PERSONS = ("p1", "p2")
ORCIDS: tuple[OrcidId, ...] = (JOSIAH, LAURE)
RECORDS: tuple[SourceKey, ...] = (THESIS, CONTRACT, SourceKey("/hr", "person", "1024"))
SECTIONS = (Section.WORK, Section.EMPLOYMENT)
KEYS: tuple[ItemKey, ...] = tuple(
    a_key(person, section, record, part)
    for person in PERSONS
    for section, record in ((Section.WORK, THESIS), (Section.EMPLOYMENT, CONTRACT))
    for part in ("", "a")
)
LOGS: tuple[LogId, ...] = (LOG, OTHER_LOG)
GROUPS = ("orcid-generated:reviews", "publons:12")
LETTERS = ("abcd", "abff", "00")
NOTES = ("paused", "circuit")
MARKS = ("m1", "m2", "m3")
CONSENTS = ("c1", "c2", "c3")
CODES = ("k1", "k2")
BRAKES = (Brake(), Brake(person="p1"), Brake(source="/hr"), Brake(section="work"))


def whole(store: Store) -> dict[str, Any]:
    """Every answer of every room."""
    return {
        "positions": [(store.logs.position(log), store.logs.positions().get(log)) for log in LOGS],
        "gaps": list(store.logs.gaps()),
        "schemes": [store.records.scheme(key.source) for key in RECORDS],
        "records": [store.records.record(key) for key in RECORDS],
        "named": [list(store.records.named(key.source, key.subject)) for key in RECORDS],
        "outdated": [store.records.mapped_alike("r1"), *(store.records.outdated("r1", limit) for limit in (1, 9))],
        "events": [list(store.records.events(key.source, key.subject)) for key in RECORDS],
        "letters": [store.letters.letter(prefix) for prefix in (*LETTERS, "ab", "")],
        "unopened letters": list(store.letters.unopened()),
        "sources": list(store.records.sources()),
        "open letters": (list(store.letters.open()), store.letters.count(), list(store.letters.naming("/hr", "1024"))),
        "grants": list(store.grants.all()),
        "grants of": [list(store.grants.of_person(person)) for person in PERSONS]
        + [list(store.grants.of_orcid(orcid)) for orcid in ORCIDS],
        "active": [(store.grants.active(person), store.grants.current(person)) for person in PERSONS],
        "facts": [store.items.facts(person) for person in PERSONS],
        "persons": list(store.items.persons()),
        "counts": dict(store.items.counts()),
        "wanted": [list(store.items.of_record(key)) for key in RECORDS],
        "holds": list(store.items.holds()),
        "documents": (dict(store.items.documents(KEYS)), [store.items.document(key) for key in KEYS]),
        "published": list(store.items.published()),
        "published documents": [
            store.items.published_document(orcid, section, put_code)
            for orcid in ORCIDS
            for section in SECTIONS
            for put_code in range(1, 4)
        ],
        "groups": [(store.groups.group(key), list(store.groups.needed_by(key))) for key in GROUPS],
        "stories": [list(store.intents.story(key)) for key in RECORDS],
        "open intents": (store.intents.open_count(), [store.intents.intent(number) for number in range(1, 9)]),
        "agenda": (list(store.agenda.due(float("inf"), 9)), store.agenda.next_at(), store.agenda.all_due()),
        "due": [store.agenda.of(person) for person in PERSONS],
        "revisions": [store.agenda.revision(person) for person in PERSONS],
        "epochs": [store.turns.epoch(orcid) for orcid in ORCIDS],
        "used": (store.turns.used_ratio(10.0), store.turns.rate_now(1.0)),
        "verdicts": [list(store.verdicts.of_kind(kind)) for kind in VerdictKind],
        "verdicts of": [list(store.verdicts.of_person(person)) for person in PERSONS],
        "notes": [store.notes.get(name) for name in NOTES],
        "tokens": [store.tokens.known(mark) for mark in MARKS],
        "tokens of": [(list(store.tokens.of_person(one)), list(store.tokens.to_revoke(one))) for one in PERSONS],
        "moves": [store.moves.move(person, orcid) for person in PERSONS for orcid in ORCIDS],
        "all moves": (list(store.moves.all()), [list(store.moves.of_person(person)) for person in PERSONS]),
        "consents": [store.consents.consent(one) for one in CONSENTS],
        "consents with": [store.consents.with_code(code) for code in (*CODES, "")],
        "consents at": [list(store.consents.at(stage)) for stage in ConsentStage],
        "consents of": [list(store.consents.of_person(person)) for person in PERSONS],
        "expired consents": [list(store.consents.expired(store.now() + 50, limit)) for limit in (1, 9)],
        "removals": [list(store.removals.of_person(person)) for person in PERSONS],
        "removals held": (list(store.removals.held()), list(store.removals.sources(tuple(RemovalState)))),
        "removals unsent": [list(store.removals.unsent(key.source, one)) for key in RECORDS for one in RemovalState],
        "removals counted": [
            (
                store.removals.window(key.source),
                store.removals.counts(key.source, 0.0),
                store.removals.published(key.source),
            )
            for key in RECORDS
        ],
        "looks": [list(store.removals.asked(limit)) for limit in (1, 9)],
        "unwanted": (list(store.removals.unwanted()), list(store.removals.unwanted_sources())),
        "standing records": [list(store.records.standing(key.source)) for key in RECORDS],
        "brakes": (list(store.brakes.all()), [list(store.brakes.of_person(person)) for person in PERSONS]),
        "braked": [list(store.brakes.concerned(brake)) for brake in BRAKES],
        "suppressions": (list(store.suppressions.all()), [list(store.suppressions.of_person(one)) for one in PERSONS]),
        "letters due": (list(store.letters.due(store.now())), list(store.letters.due())),
        "asks": [(store.asks.newest(person), list(store.asks.of_person(person))) for person in PERSONS],
        "all asks": list(store.asks.all()),
        "people": [
            (store.people.person(person), store.people.canonical(person), list(store.people.aliases(person)))
            for person in PERSONS
        ],
        "everybody": (list(store.people.all()), list(store.people.merged())),
        "every token": list(store.tokens.all()),
        "records of": [list(store.items.records_of(person)) for person in PERSONS],
        "people of": [list(store.items.people_of(key)) for key in RECORDS],
        "all records": list(store.records.all()),
        "all letters": list(store.letters.all()),
        "blocked people": [(store.blocks.forgetting(one), store.blocks.blocks_person(one)) for one in PERSONS],
        "blocked records": [store.blocks.erased(key) for key in RECORDS],
        "jobs": (list(store.jobs.all()), [store.jobs.result(one.id) for one in store.jobs.all()]),
        "jobs counted": dict(store.jobs.counts(0.0)),
        "blocks": (store.blocks.any(), store.blocks.count(), list(store.blocks.under_way())),
    }


def change_everything(store: Store) -> None:
    """Changes every answer of every room, from nothing or once more."""
    later = store.now()
    version = str((store.logs.position(LOG) or 0) + 1)
    for log in LOGS:
        store.logs.advance(log, int(version))
        store.logs.add_gap(log, 0, int(version), "retention")
    for key in RECORDS:
        store.records.fix_scheme(key.source, Scheme.SEQUENCE)
        store.records.accept(a_record(version, key=key, revision="r0"))
        store.records.note_event(an_event(f"e{version}", key=key, at=later))
    store.letters.bury(a_letter(LETTERS[int(version) % 3], at=later, type=version, again_at=later - 1))
    store.brakes.put(replace(BRAKES[int(version) % 4], at=later))
    for person, orcid in zip(PERSONS, ORCIDS, strict=True):
        store.grants.put(a_grant(person, orcid, granted_at=float(version)))
        store.grants.suspend(Suspension(orcid, SuspensionKind.LOCKED, version, later))
        store.items.know_section(orcid, Section.WORK, listed_at=float(version))
        store.items.want(a_review(person, GROUPS[0], v2_1_lacks=version, v2_1_drops=version), None)
        store.departures.leave(a_departure(person, version, RECORDS[PERSONS.index(person)]))
        store.suppressions.put(Suppression(person, THESIS, withdraw=int(version) % 2 == 0, at=later))
        store.agenda.changed(person, 10.0, 60.0)
        store.turns.acquire(orcid, "a", 30.0)
        store.verdicts.note(ProvisionalVerdict(person, orcid, VerdictKind.SUSPENDED, "", float(version)))
    for item in KEYS:
        store.items.want(a_wanted(item, revision=int(version), hold=version), f"document {version}")
        store.items.publish(a_published(int(version), item), f"document {version}")
    for group in GROUPS:
        store.groups.want(a_group(group, name=f"name {version}"))
        store.groups.ask(group, later + int(version))
    first, second = store.intents.open([an_intent(key) for key in (KEYS[0], KEYS[2])])
    store.intents.close(first, an_outcome())
    store.intents.wait(second, later, "timeout")
    store.turns.spend(1, 1.0, 10.0)
    for person in PERSONS:
        store.people.put(KnownPerson(person, f"name {version}", float(version), float(version)))
        store.blocks.begin(Forgetting(person, remove_items=True, since=float(version)))
    store.blocks.complete("p2", dict.fromkeys(RECORDS[:1], version))
    store.jobs.add("verify", version, "p1")
    _change_jobs(store, version)
    _change_removals(store, int(version), later)
    _change_permissions(store, version, later)
    for name in NOTES:
        store.notes.put(name, version)


def _change_jobs(store: Store, version: str) -> None:
    taken = store.jobs.take("a", 0.0)
    if taken is not None:
        store.jobs.hold_on(taken.id, "a", 0.0, version)
        store.jobs.end(taken.id, "a", JobEnd(JobState.DONE, 0, version, version))


def _change_removals(store: Store, version: int, later: float) -> None:
    for person, orcid, key in zip(PERSONS, ORCIDS, (KEYS[0], KEYS[4]), strict=True):
        store.removals.ask(person)
        added = store.removals.add(orcid, version, key, f"d{version}", later)
        store.removals.put(replace(added, state=RemovalState.HELD if version % 2 else RemovalState.DUE))
    found = a_key("p1", part="found")
    store.items.publish(a_published(100 + version, found, origin=Origin.ADOPTED))
    store.removals.put_window(RemovalWindow(THESIS.source, later, version, version, version))


def _change_permissions(store: Store, version: str, later: float) -> None:
    for person, orcid, former in zip(PERSONS, ORCIDS, reversed(ORCIDS), strict=True):
        number = PERSONS.index(person)
        mark = MARKS[(int(version) + number) % 3]
        store.tokens.keep(a_token(mark, person, former, float(version), to_revoke=True))
        store.moves.put(a_move(person, former, MoveState.HELD, version))
        code = CODES[number] if int(version) % 2 else ""
        grant = a_grant(person, orcid, granted_at=float(version))
        walk = a_consent(CONSENTS[number], person, later + number, code=code, grant=grant, outcome=version)
        store.consents.put(walk)
        store.asks.put(an_ask(int(version), person, later, orcid=orcid, read_at=later))


def take_everything_away(store: Store) -> None:
    """Drops, closes and marks whatever there is."""
    for log in LOGS:
        store.logs.begin_again(log)
    for gap in store.logs.gaps():
        store.logs.close_gap(gap.id)
    for brake in store.brakes.all():
        store.brakes.release(brake)
    for suppression in store.suppressions.all():
        store.suppressions.drop(suppression.person, suppression.record)
    for key in RECORDS:
        store.records.mapped(key, "r1")
        store.records.forget_order(key.source)
    for letter in store.letters.open():
        store.letters.settle(letter.id, "discarded")
    for grant in store.grants.all():
        store.grants.mark(grant.person, grant.orcid, GrantState.REVOKED, "by the person")
        store.grants.lift(grant.orcid)
        store.turns.release(grant.orcid, store.turns.epoch(grant.orcid))
    for item in KEYS[1:]:
        store.items.forget(item)
    for person in PERSONS:
        store.items.forget(a_review(person).key)
    for key in RECORDS:
        store.departures.come_back(key)
    store.groups.settle(GROUPS[0], GroupState.KNOWN)
    store.groups.settle(GROUPS[1], GroupState.REFUSED, "400")
    store.items.set_state(KEYS[0], ItemState.HELD, "limit")
    store.items.refuse(KEYS[0], "d1", "400")
    for published in store.items.published():
        store.items.unpublish(published.orcid, published.section, published.put_code)
    for key in RECORDS:
        for story in store.intents.story(key):
            store.intents.close(story.intent, an_outcome())
    store.records.forget_history(store.now() + 1, 1000)
    for person in PERSONS:
        store.agenda.retry(person, None, store.agenda.revision(person), 0)
        store.blocks.undo(person)
        for orcid in ORCIDS:
            store.moves.drop(person, orcid)
        store.people.put(KnownPerson(person))
    store.verdicts.confirm(VerdictKind.SUSPENDED, store.now())
    for verdict in store.verdicts.of_person("p1"):
        store.verdicts.drop(verdict)
        store.removals.answered(person)
        for removal in store.removals.of_person(person):
            store.removals.drop(removal.number)
    store.turns.slow_down(store.now() + 10)
    for mark in MARKS:
        store.tokens.drop(mark)
    for walk in CONSENTS[1:]:
        store.consents.drop(walk)
    store.consents.advance(a_consent(CONSENTS[0], stage=ConsentStage.FAILED), ConsentStage.ASKED)
    for job in store.jobs.all():
        store.jobs.cancel(job.id)
        store.jobs.drop(job.id)
    for name in NOTES:
        store.notes.put(name, None)
