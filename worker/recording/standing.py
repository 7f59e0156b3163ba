"""Standing: writes down what an accepted POST put on a record, and closes and reopens what stays in doubt."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mappers.forms import Version
from state.facts import Intent, IntentStory, Origin, Outcome, Published
from state.kept import kept_document
from state.store import Store
from worker.recording.matching import left_out


def put_there(store: Store, intent: Intent, put_code: int, version: Version) -> None:
    """Under the put-code stands what the POST of this intent said, as far as this version of the API took it."""
    store.items.publish(readded(store, standing_for(intent, put_code, version)), intent.document)


def standing_for(intent: Intent, put_code: int, version: Version) -> Published:
    """What stands under a put-code when the POST of this intent was carried out, by this version of the API."""
    return Published(
        person=intent.person,
        orcid=intent.orcid,
        section=intent.item.section,
        put_code=put_code,
        item=intent.item,
        digest=intent.digest,
        own_id=intent.own_id,
        self_ids=intent.self_ids,
        left_out=left_out_of(intent, version),
    )


def left_out_of(intent: Intent, version: Version) -> str:
    """What this version of the API had no place for in the document that an intent carried."""
    return left_out(kept_document(intent.document), version) if intent.document is not None else ""


def readded(store: Store, published: Published) -> Published:
    """The same; or, of an item that the researcher had removed, that it was created again: its tombstone goes."""
    removed = [
        one
        for one in store.items.tombstones(published.person)
        if (one.orcid, one.item) == (published.orcid, published.item) and one.put_code != published.put_code
    ]
    for one in removed:
        store.items.unpublish(one.orcid, one.section, one.put_code)
    return replace(published, origin=Origin.READDED) if removed else published


def was_there(store: Store, intent: Intent, put_code: int) -> bool:
    """Whether a put-code that the POST of this intent made, and that we don't know now, came and went meanwhile.

    Some call or outcome of the person's named it.
    """
    return any(_names(one, intent, put_code) for one in _stories(store, intent))


def was_taken_again(store: Store, intent: Intent) -> bool:
    """Whether ORCID took a later POST that it counts as one with this intent's.

    What this one made was gone by then, or the later one's says something else by now: a list tells which.
    """
    section = intent.item.section
    return section.is_deduplicated(Version.V2_1) and any(
        (one.intent.orcid, one.intent.item.section) == (intent.orcid, section)
        and one.outcome is not None
        and one.outcome.verdict == "created"
        and one.intent.opened_at >= intent.ripe_at
        and one.intent.self_ids & intent.self_ids
        for one in _stories(store, intent)
    )


def _stories(store: Store, intent: Intent) -> Iterator[IntentStory]:
    """All that was ever called for the person, as far as it is known still."""
    for record in dict.fromkeys((intent.item.record, *store.items.records_of(intent.person))):
        yield from store.intents.story(record)


def _names(one: IntentStory, intent: Intent, put_code: int) -> bool:
    other = one.intent
    if (other.orcid, other.item.section) != (intent.orcid, intent.item.section):
        return False
    if other.put_code == put_code:
        return True
    if one.outcome is None or one.outcome.put_code != put_code:
        return False
    # To a first attempt ORCID names what we are still to find out about.
    return one.outcome.verdict != "duplicate" or other.attempt > 1


def reopen(store: Store, intents: Sequence[Intent], reply: Outcome, ripe_at: float) -> None:
    """Notes what was answered, and leaves the same in doubt on: as one call, which is repeated by itself."""
    for intent in intents:
        store.intents.close(intent, reply)
    store.intents.open([replace(intent, ripe_at=ripe_at) for intent in intents])
