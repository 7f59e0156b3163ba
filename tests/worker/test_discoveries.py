"""Discoveries: what lists and items read from a record tell (ARCHITECTURE.md 7 and 8)."""

from dataclasses import replace
from typing import Any

import pytest

from mappers.documents import Document, digest
from mappers.identifiers import OWN_TYPE
from mappers.sections import Section
from state.facts import Origin, Standing
from tests.worker.builders import JOSIAH, NOW, PERSON, a_key, a_work, an_employment, published, refused, withdrawn
from tests.worker.conftest import Clock
from tests.worker.journeys import Journey
from tests.worker.rounds import OURS, Record
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, Replan, Rest
from worker.planning import steps
from worker.planning.policy import Policy
from worker.recording.discoveries import NOT_SHOWN, Discoveries
from worker.recording.parking import parked_on

POLICY = Policy()
MOA = a_work("10.1/1", "Moa")
KIWI = a_work("10.1/1", "Kiwi")
JOB = an_employment()
RESET = replies.InDoubt("reset", late=False)


def listed(journey: Journey, record: Record, *expected: steps.Expected, section: Section = Section.WORK) -> Aftermath:
    """Lists a section of the record."""
    step = steps.ListSection(section, "", expected)
    found = replies.Found(record.listing(section))
    return Discoveries(journey.store, POLICY, OURS).listed(step, journey.sender, found, journey.store.now())


def read(journey: Journey, record: Record, *expected: steps.Expected, section: Section = Section.WORK) -> list[int]:
    """Lists a section and reads what is to be read; returns its put-codes."""
    aftermath = listed(journey, record, *expected, section=section)
    codes: list[int] = []
    for step in aftermath.calls if isinstance(aftermath, Follow) else ():
        assert isinstance(step, steps.ReadItems)
        asked = [one.put_code for one in step.found]
        found = replies.Found(record.read(section, asked))
        Discoveries(journey.store, POLICY, OURS).read(step, journey.sender, found, journey.store.now())
        codes += asked
    return codes


def a_record(*items: tuple[int, Document], client: str = OURS) -> Record:
    """A record that shows these items."""
    record = Record()
    for put_code, document in items:
        own_id = POLICY.own_id(a_key("1", document.section)) if document.section is Section.EMPLOYMENT else None
        record.keep(document, own_id, put_code, client)
    return record


def test_a_list_is_noted(journey: Journey) -> None:
    """The section counts as listed now."""
    assert listed(journey, a_record()) == Replan()
    assert journey.store.items.facts(PERSON).sections[Section.WORK].listed_at == NOW


@pytest.mark.parametrize(
    ("shown", "standing"),
    [
        pytest.param((), Standing.REMOVED, id="not in the list: removed by the researcher"),
        pytest.param(((7, MOA),), Standing.LIVE, id="in the list: to be written again"),
    ],
)
def test_a_missing_put_code_is_confirmed(
    journey: Journey, shown: tuple[tuple[int, Document], ...], standing: Standing
) -> None:
    """Only a list that does not show it makes a missing put-code one that the researcher removed."""
    journey.store.items.publish(replace(journey.stand(7), standing=Standing.MISSING))
    listed(journey, a_record(*shown))

    assert journey.stands[7].standing is standing


def test_what_is_not_missing_is_not_removed_by_a_list(journey: Journey) -> None:
    """Lists are read from a replica: what stands, stands until a PUT says otherwise."""
    journey.stand(7)
    listed(journey, a_record())

    assert journey.stands[7].standing is Standing.LIVE


def test_a_list_of_another_section_confirms_nothing(journey: Journey) -> None:
    """Employments don't show works."""
    journey.store.items.publish(replace(journey.stand(7), standing=Standing.MISSING))
    listed(journey, a_record(), section=Section.EMPLOYMENT)

    assert journey.stands[7].standing is Standing.MISSING


def test_a_park_ends_when_the_researcher_removed_the_other_item(journey: Journey) -> None:
    """The identifier is free again."""
    journey.store.items.publish(replace(journey.stand(7, "2"), standing=Standing.MISSING))
    journey.store.items.refuse(journey.want("1").key, "d", parked_on(7))
    listed(journey, a_record())

    assert journey.item("1").refused_reason == ""


@pytest.mark.parametrize(
    ("stands", "client", "adopted"),
    [
        pytest.param(MOA, OURS, True, id="ours, under the same identifier: adopted"),
        pytest.param(KIWI, OURS, True, id="ours, saying something else: adopted as it stands"),
        pytest.param(a_work("10.1/other"), OURS, False, id="ours, under another identifier: left alone"),
        pytest.param(a_work(""), OURS, False, id="ours, without identifier: left alone"),
        pytest.param(MOA, "APP-ANOTHER", False, id="another source's: never adopted"),
        pytest.param(MOA, "", False, id="without a source: never adopted"),
    ],
)
def test_what_is_adopted(journey: Journey, stands: Document, client: str, *, adopted: bool) -> None:
    """Only what carries our client id and one of our identifiers, and with the digest of what stands there."""
    journey.want("1", MOA)
    codes = read(journey, a_record((7, stands), client=client))

    assert codes == ([7] if adopted else [])
    assert {code: one.digest for code, one in journey.stands.items()} == ({7: digest(stands)} if adopted else {})
    assert {one.origin for one in journey.stands.values()} <= {Origin.ADOPTED}
    assert journey.store.items.facts(PERSON).sections[Section.WORK].listed_at == NOW


def test_an_employment_is_recognised_by_our_own_id(journey: Journey) -> None:
    """Our own identifier is no part of the document, and is used again."""
    own_id = POLICY.own_id(a_key("1", Section.EMPLOYMENT))
    journey.want("1", JOB)
    read(journey, a_record((7, JOB)), section=Section.EMPLOYMENT)

    assert (journey.stands[7].digest, journey.stands[7].own_id) == (digest(JOB), own_id)
    assert journey.stands[7].self_ids == {f"{OWN_TYPE}:{own_id}"}


def test_what_we_know_already_is_not_read_again(journey: Journey) -> None:
    """A put-code that serves an item is ours by our own knowledge."""
    journey.want("1", MOA)
    journey.stand(7, "1", MOA)

    assert read(journey, a_record((7, MOA))) == []


def test_a_put_code_is_adopted_for_one_item(journey: Journey) -> None:
    """Two wanted items never share what stands under one put-code."""
    journey.want("1", MOA)
    journey.want("2", a_work("10.1/2", "Kiwi"))
    both = a_work("10.1/1", "Both", ids=["10.1/2"])

    assert read(journey, a_record((7, both))) == [7]
    assert journey.stands[7].item == a_key("1")


def test_what_nothing_wants_is_not_adopted(journey: Journey) -> None:
    """Another system may share our client id: what we do not know is left alone."""
    journey.store.items.want(withdrawn("1"), None)
    journey.store.items.want(refused("2"), None)

    assert read(journey, a_record((7, MOA), (8, a_work("10.1/2")))) == []


def test_many_works_are_read_a_hundred_at_a_time(journey: Journey) -> None:
    """And the section counts as listed when the last ones were read."""
    works = [(number, a_work(f"10.1/{number}", "Moa")) for number in range(101, 251)]
    for number, document in works:
        journey.want(f"{number}", document)
    aftermath = listed(journey, a_record(*works))

    assert isinstance(aftermath, Follow)
    reads = [one for one in aftermath.calls if isinstance(one, steps.ReadItems)]
    assert [(len(one.found), one.listed_at) for one in reads] == [(100, None), (50, NOW)]
    assert Section.WORK not in journey.store.items.facts(PERSON).sections


def test_an_expected_item_that_no_list_shows_is_refused(journey: Journey) -> None:
    """ORCID says that it has it, and does not show it as ours."""
    item = journey.want("1", MOA)
    listed(journey, a_record(), steps.Expected(item.key, item.digest or "", None, Origin.ADOPTED))

    assert journey.item().refused_digest == item.digest
    assert journey.item().refused_reason == f"409/9021: {NOT_SHOWN}"


def test_an_item_that_9021_names_and_a_lagging_list_does_not_show_is_read_by_its_put_code(journey: Journey) -> None:
    """Lists come from a replica; the named item itself tells whether it is ours."""
    item = journey.want("1", MOA)
    aftermath = listed(journey, a_record(), steps.Expected(item.key, item.digest or "", 7, Origin.CREATED))

    assert isinstance(aftermath, Follow)
    (step,) = (call for call in aftermath.calls if isinstance(call, steps.ReadItems))
    found = replies.Found(a_record((7, MOA)).read(Section.WORK, [7]))
    Discoveries(journey.store, POLICY, OURS).read(step, journey.sender, found, journey.store.now())

    assert journey.stands[7].digest == item.digest
    assert journey.stands[7].origin is Origin.CREATED


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(a_record(), id="it is not there"),
        pytest.param(a_record((7, MOA), client="APP-ANOTHER"), id="it belongs to another client"),
    ],
)
def test_an_item_that_9021_names_but_that_is_not_ours_is_refused(journey: Journey, record: Record) -> None:
    """Nothing of another source is ever adopted."""
    item = journey.want("1", MOA)
    listed(journey, a_record(), steps.Expected(item.key, item.digest or "", 7, Origin.ADOPTED))
    step = steps.ReadItems(Section.WORK, (steps.FoundItem(7, item.key, Origin.ADOPTED, item.digest),), NOW)
    found = replies.Found(record.read(Section.WORK, [7]))
    Discoveries(journey.store, POLICY, OURS).read(step, journey.sender, found, journey.store.now())

    assert 7 not in journey.stands
    assert journey.item().refused_reason == f"409/9021: {NOT_SHOWN}"


@pytest.mark.parametrize("origin", [Origin.CREATED, Origin.ADOPTED])
def test_an_expected_item_keeps_how_it_came_to_be_ours(journey: Journey, origin: Origin) -> None:
    """What an earlier POST of ours may have put there is ours to remove as well."""
    item = journey.want("1", MOA)
    read(journey, a_record((7, MOA)), steps.Expected(item.key, item.digest or "", None, origin))

    assert journey.stands[7].origin is origin
    assert journey.item().refused_digest == ""


def test_an_expected_item_that_was_merged_meanwhile_is_not_refused(journey: Journey) -> None:
    """Another source's item won its slot: what stands serves the winner, and the other is merged, not refused."""
    journey.want("1", MOA)
    loser = journey.want("2", KIWI)
    read(journey, a_record((7, MOA)), steps.Expected(loser.key, loser.digest or "", None, Origin.CREATED))

    assert journey.stands[7].item == a_key("1")
    assert journey.item("2").refused_digest == ""


@pytest.mark.parametrize("named", [pytest.param(7, id="9021 named it"), pytest.param(None, id="9021 named nothing")])
def test_what_a_post_in_doubt_put_there_is_not_lost_when_it_is_not_read(journey: Journey, named: int | None) -> None:
    """Another item won its slot and would take it over: an event may come before it is read, and the slice ends."""
    (intent,) = journey.doubt("2")
    journey.want("1", a_work("10.1/2", "Kiwi"))
    aftermath = listed(
        journey, a_record((7, a_work("10.1/2"))), steps.Expected(intent.item, intent.digest, named, Origin.CREATED)
    )

    assert isinstance(aftermath, Follow)
    if named is None:
        assert journey.open_intents == (intent,)
    else:
        assert (journey.stands[7].item, journey.stands[7].digest) == (intent.item, intent.digest)


def test_a_doubt_outlives_that_something_else_is_found_for_its_item(journey: Journey) -> None:
    """What its POST made has other identities than what serves the item from now on: it is still to be found."""
    (intent,) = journey.doubt("1")
    item = journey.want("1", a_work("10.1/2", "Kiwi"))
    put_codes = read(journey, a_record((7, a_work("10.1/2"))))

    assert put_codes == [7]
    assert journey.stands[7].item == item.key
    assert journey.open_intents == (intent,)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"bulk": []}, id="the item is not among them"),
        pytest.param({"bulk": [{"error": {"error-code": 9034}}]}, id="an error in its place"),
        pytest.param({"bulk": [{"work": {"put-code": 7}}]}, id="an item without a title"),
        pytest.param({"bulk": [None, "work", {"work": None}]}, id="odd slots"),
        pytest.param({"bulk": "none"}, id="no list"),
        pytest.param({}, id="nothing"),
    ],
)
def test_what_cannot_be_read_is_adopted_as_unknown(journey: Journey, body: dict[str, Any]) -> None:
    """It stands there and is ours: an Update will say what it says."""
    journey.want("1", MOA)
    step = steps.ReadItems(Section.WORK, (steps.FoundItem(7, a_key(), Origin.ADOPTED),), NOW)
    Discoveries(journey.store, POLICY, OURS).read(step, journey.sender, replies.Found(body), NOW)

    assert journey.stands[7].digest == ""


def test_a_list_that_cannot_be_read_changes_nothing(journey: Journey) -> None:
    """The record rests, and is listed again."""
    step = steps.ListSection(Section.WORK, "")
    found = replies.Found({"group": "none"})
    aftermath = Discoveries(journey.store, POLICY, OURS).listed(step, journey.sender, found, NOW)

    assert isinstance(aftermath, Rest)
    assert journey.store.items.facts(PERSON).sections == {}


def test_what_was_read_under_an_old_lease_is_dropped(journey: Journey) -> None:
    """Whoever took the lease over may have removed or rewritten it since."""
    journey.want("1", MOA)
    record, old = a_record((7, MOA)), journey.sender
    journey.take_lease("another process")
    found = (steps.FoundItem(7, a_key(), Origin.ADOPTED),)
    discoveries = Discoveries(journey.store, POLICY, OURS)
    late_list = discoveries.listed(
        steps.ListSection(Section.WORK, ""), old, replies.Found(record.listing(Section.WORK)), NOW
    )
    late_read = discoveries.read(
        steps.ReadItems(Section.WORK, found, NOW), old, replies.Found(record.read(Section.WORK, [7])), NOW
    )

    assert (late_list, late_read) == (Replan(), Replan())
    assert journey.stands == {}
    assert journey.store.items.facts(PERSON).sections == {}


class TestAWithdrawnItemWhosePostIsInDoubt:
    """An item was withdrawn while nobody knows whether its POST was carried out."""

    @pytest.fixture
    def doubt(self, journey: Journey, clock: Clock) -> Journey:
        """A POST in doubt, ripe, and its item withdrawn."""
        journey.doubt("1")
        journey.store.items.want(withdrawn("1"), None)
        clock.advance(10.0)
        return journey

    def test_found_it_is_published_so_that_it_can_be_removed(self, doubt: Journey) -> None:
        """One list that shows it is enough."""
        listed(doubt, a_record((7, a_work("10.1/1"))))

        assert (doubt.stands[7].item, doubt.stands[7].origin) == (a_key("1"), Origin.CREATED)
        assert doubt.verdicts() == ["found"]

    def test_two_lists_a_settle_time_apart_end_the_doubt(self, doubt: Journey, clock: Clock) -> None:
        """One list may be read from a replica that lags; two in a row are believed."""
        listed(doubt, a_record())
        after_one = doubt.verdicts()
        clock.advance(9.9)
        listed(doubt, a_record())
        too_soon = doubt.verdicts()
        clock.advance(10.0)
        listed(doubt, a_record())

        assert [after_one, too_soon, doubt.verdicts()] == [["open"], ["open"], ["not_found"]]

    def test_a_list_from_before_it_was_ripe_does_not_count(self, journey: Journey, clock: Clock) -> None:
        """A late commit could have come after that list."""
        journey.doubt("1")
        journey.store.items.want(withdrawn("1"), None)
        listed(journey, a_record())
        clock.advance(10.0)
        listed(journey, a_record())

        assert journey.verdicts() == ["open"]

    def test_what_is_wanted_is_not_resolved_by_lists(self, journey: Journey, clock: Clock) -> None:
        """As long as it is wanted, the POST is repeated: ORCID's master answers better than a list."""
        journey.doubt("1")
        for _ in range(3):
            clock.advance(20.0)
            listed(journey, a_record())

        assert journey.verdicts() == ["open"]

    def test_what_another_source_shows_under_the_identifier_is_not_ours(self, doubt: Journey) -> None:
        """It stays in doubt."""
        listed(doubt, a_record((7, a_work("10.1/1")), client="APP-ANOTHER"))

        assert doubt.stands == {}
        assert doubt.verdicts() == ["open"]

    def test_a_put_code_that_serves_another_item_is_not_taken_from_it(self, doubt: Journey, clock: Clock) -> None:
        """What stands keeps serving the other; the doubt ends when a second list shows nothing else."""
        other = published(7, "2", orcid=JOSIAH)
        doubt.store.items.publish(other)
        for verdicts in (["open"], ["not_found"]):
            clock.advance(60.0)
            listed(doubt, a_record((7, a_work("10.1/1"))))
            assert doubt.verdicts() == verdicts

        assert doubt.stands == {7: other}


def test_what_a_repeated_post_may_have_put_there_stays_ours_although_the_list_fails_first(journey: Journey) -> None:
    """The doubt outlives a list that was not answered: found at last, it is created, not adopted."""
    doubt = journey.doubt("1")
    aftermath = journey.send(steps.Repeat(doubt), replies.Duplicate(7))
    assert isinstance(aftermath, Follow)
    (again,) = journey.open_intents

    assert (again.attempt, again.ripe_at) == (2, NOW)
    (step,) = (call for call in aftermath.calls if isinstance(call, steps.ListSection))
    read(journey, a_record((7, a_work("10.1/1"))), *step.expected)
    assert journey.stands[7].origin is Origin.CREATED
    assert journey.open_intents == ()
