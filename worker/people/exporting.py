"""Exporting: everything that is held about a person, as plain data without any token."""

from collections.abc import Collection, Iterable
from operator import itemgetter
from typing import Any

from mappers.events.packed_messages import shown_value, unpack_message
from mappers.wanted import ItemKey, SourceKey
from state.facts import DeadLetter, EventNote, IntentStory, PersonFacts, Published, Wanted
from state.kept import kept_data
from state.permission_facts import Ask, Consent, Grant, KeptToken
from state.removal_facts import Removal
from state.store import Store
from state.verdict_facts import ProvisionalVerdict
from worker.people.erasing import speaks_of
from worker.people.job_results import jobs_about
from worker.people.knowing import names_of, records_about

ELSEWHERE = (
    "the topics and log files that events came from, for as long as they are kept",
    "the log lines of orcid-sync, for as long as they are kept",
    "backups of the state, until they are deleted",
    "the ORCID record itself, which is the researcher's",
)
"""What other places may hold; they are not ours to erase."""


def export_person(store: Store, person: str) -> dict[str, Any]:
    """All about the person under any of their ids. Times are seconds since 1970; documents as they go to ORCID."""
    names = names_of(store, person)
    facts, known, due = store.items.facts(names[0]), store.people.person(names[0]), store.agenda.of(names[0])
    records = records_about(store, person)
    forgetting = store.blocks.forgetting(names[0])
    return {
        "person": names[0],
        "also_known_as": list(names[1:]),
        "name": known.name,
        "revoked_at": known.revoked_at or None,
        "denied_at": known.denied_at or None,
        "being_forgotten": None if forgetting is None else {"since": forgetting.since},
        "permissions": [_grant(one) for one in store.grants.of_person(names[0])],
        "tokens": [_token(one) for one in store.tokens.of_person(names[0])],
        "consents": [_consent(one) for one in store.consents.of_person(names[0])],
        "inbox_requests": [_ask(one) for one in store.asks.of_person(names[0])],
        "moves": [
            {"orcid": one.orcid, "state": one.state.value, "reason": one.reason}
            for one in store.moves.of_person(names[0])
        ],
        "items": [_wanted(store, one) for one in facts.wanted],
        "on_records": [_published(store, one) for one in facts.published],
        "calls": _calls(store, records, names),
        "removals": [{**_item(one.item), **_removal(one)} for one in facts.removals.values()],
        "suppressed": [
            {**_key(one.record), "removed": one.withdraw, "since": one.at}
            for one in store.suppressions.of_person(names[0])
        ],
        "paused_since": next((one.at for one in facts.brakes if one.person), None),
        "departures": [{**_key(one.record), "date": one.date} for one in facts.departures],
        "source_records": [
            {**_key(key), "removed": record.removed, "data": kept_data(record.data) if record.data else None}
            for key, record in records.items()
            if record is not None
        ],
        "events": [_event(one) for key in records for one in _events(store, key)],
        "dead_letters": _letters(store, names),
        "jobs": jobs_about(store, names),
        "suspended": _suspended(facts),
        "said_lately": [_verdict(one) for one in store.verdicts.of_person(names[0])],
        "due_at": None if due is None else due.due_at,
        "elsewhere": list(ELSEWHERE),
    }


def _key(key: SourceKey) -> dict[str, str]:
    return {"source": key.source, "entity": key.entity, "subject": key.subject}


def _item(key: ItemKey) -> dict[str, str]:
    return {"section": key.section.value, **_key(key.record), "part": key.part}


def _document(text: str | None) -> Any:
    return None if text is None else kept_data(text)


def _grant(grant: Grant) -> dict[str, Any]:
    return {
        "orcid": grant.orcid,
        "name": grant.name,
        "scopes": sorted(grant.scopes),
        "granted_at": grant.granted_at,
        "refreshed_at": grant.refreshed_at or None,
        "expires_at": grant.expires_at,
        "state": grant.state.value,
        "reason": grant.reason,
        "token_held": grant.access_token is not None,
    }


def _token(token: KeptToken) -> dict[str, Any]:
    return {"orcid": token.orcid, "granted_at": token.granted_at, "to_revoke": token.to_revoke, "token_held": True}


def _consent(walk: Consent) -> dict[str, Any]:
    told = {"stage": walk.stage.value, "outcome": walk.outcome, "until": walk.until}
    if walk.grant is None:
        return {**told, "orcid": None, "name": "", "token_held": False}
    held = walk.grant.access_token is not None
    return {**told, "orcid": walk.grant.orcid, "name": walk.grant.name, "token_held": held}


def _ask(ask: Ask) -> dict[str, Any]:
    times = {"read_at": ask.read_at, "acted_at": ask.acted_at, "archived_at": ask.archived_at}
    return {"orcid": ask.orcid, "put_code": ask.put_code, "asked_at": ask.asked_at, **times}


def _wanted(store: Store, item: Wanted) -> dict[str, Any]:
    kept = store.items.document(item.key)
    state = {"state": item.state.value, "reason": item.reason, "refusal": item.refusal}
    return {**_item(item.key), **state, "document": _document(None if kept is None else kept[1])}


def _published(store: Store, one: Published) -> dict[str, Any]:
    document = store.items.published_document(one.orcid, one.section, one.put_code)
    place = {"orcid": one.orcid, "put_code": one.put_code, "standing": one.standing.value, "origin": one.origin.value}
    return {**_item(one.item), **place, "own_id": one.own_id, "document": _document(document)}


def _calls(store: Store, records: Iterable[SourceKey], names: Collection[str]) -> list[dict[str, Any]]:
    return [_call(one) for key in records for one in store.intents.story(key) if one.intent.person in names]


def _call(story: IntentStory) -> dict[str, Any]:
    intent, outcome = story.intent, story.outcome
    return {
        **_item(intent.item),
        "method": intent.method.value,
        "orcid": intent.orcid,
        "at": intent.opened_at,
        "put_code": intent.put_code if outcome is None or outcome.put_code is None else outcome.put_code,
        "outcome": "" if outcome is None else outcome.verdict,
        "detail": "" if outcome is None else outcome.detail,
    }


def _events(store: Store, key: SourceKey) -> list[EventNote]:
    return [one for one in store.records.events(key.source, key.subject) if one.key == key]


def _event(note: EventNote) -> dict[str, Any]:
    told = {"id": note.event_id, "type": note.type, "place": note.place, "at": note.at, "result": note.result}
    return {**_key(note.key), **told, **({"traceparent": note.trace} if note.trace else {})}


def _letters(store: Store, names: Collection[str]) -> list[dict[str, Any]]:
    """Oldest first."""
    found = [(one.at, _letter(one)) for one in store.letters.all() if speaks_of(one, names)]
    return [told for _, told in sorted(found, key=itemgetter(0))]


def _letter(letter: DeadLetter) -> dict[str, Any]:
    shown = shown_value(unpack_message(letter.envelope)) if letter.envelope else ""
    return {"id": letter.id, "place": letter.place, "message": letter.message, "state": letter.state, "text": shown}


def _removal(one: Removal) -> dict[str, Any]:
    return {"orcid": one.orcid, "put_code": one.put_code, "at": one.at, "state": one.state.value, "sent": one.sent}


def _verdict(one: ProvisionalVerdict) -> dict[str, Any]:
    return {"orcid": one.orcid, "kind": one.kind.value, "what": one.what, "at": one.at}


def _suspended(facts: PersonFacts) -> dict[str, Any] | None:
    one = facts.suspension
    return None if one is None else {"kind": one.kind.value, "detail": one.detail, "look_again_at": one.look_again_at}
