"""Lists that tell all of an item: adopted without reading each; and how POSTs end that nothing deduplicates."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mappers.documents import Document, ResearcherUrl, digest, dump
from mappers.forms import Form, Version
from mappers.sections import Section
from mappers.wire.bodies import message_name
from mappers.wire.writing import write
from state.facts import ItemState, Origin, Wanted
from state.store import Store
from tests.worker.builders import JOSIAH, NOW, PERSON, a_key, a_work, an_employment, published, withdrawn
from tests.worker.conftest import Clock
from tests.worker.documents import a_document
from tests.worker.journeys import Journey
from tests.worker.rounds import OURS
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, Replan
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.recording.discoveries import NOT_SHOWN, Discoveries

ON_V2_1 = Policy(version=Version.V2_1)
JOB = an_employment()
WHOLE = [section for section in Section if section.lists_whole_items]
RESET = replies.InDoubt("reset", late=False)


def shown(put_code: int, document: Document, form: Form, own_id: str | None = None, client: str = OURS) -> Any:
    """An item as a list shows it."""
    body: dict[str, Any] = json.loads(write(document, form, own_id=own_id, put_code=put_code))
    return body | {"source": {"source-client-id": {"path": client}}}


def a_list(section: Section, form: Form, *items: Any) -> replies.Found:
    """GET of a list, in the shape of its section and version (API_FACTS.md 1.5)."""
    if section.is_of_person:
        return replies.Found({message_name(section): list(items)})
    if form.version is Version.V2_1:
        return replies.Found({f"{section}-summary": list(items)})
    return replies.Found({"affiliation-group": [{"summaries": [{f"{section}-summary": item}]} for item in items]})


def listed(journey: Journey, section: Section, *items: Any, expected: tuple[steps.Expected, ...] = ()) -> Aftermath:
    """The section is listed, and shows these items."""
    discoveries = Discoveries(journey.store, Policy(version=journey.form.version), OURS)
    found = a_list(section, journey.form, *items)
    step = steps.ListSection(section, "", expected)
    return discoveries.listed(step, journey.sender, found, journey.store.now())


def want(journey: Journey, document: Document, subject: str = "1") -> Wanted:
    """Puts an item into the store as wanted."""
    return journey.want(subject, document)


@pytest.mark.parametrize(
    ("section", "version"),
    [
        pytest.param(section, version, id=f"{section}, {version}")
        for section in WHOLE
        for version in Version
        if section.is_in(version)
    ],
)
def test_what_a_list_tells_in_whole_is_adopted_at_once(store: Store, section: Section, version: Version) -> None:
    """By one GET, and it is in sync when it says what is wanted."""
    journey = Journey(store, Form(version))
    document = a_document(section)
    item = want(journey, document)
    own_id = Policy().own_id(item.key) if section.is_affiliation and version is Version.V3_0 else None

    assert listed(journey, section, shown(7, document, journey.form, own_id)) == Replan()
    stands = journey.stands[7]
    assert (stands.item, stands.digest, stands.origin) == (item.key, item.digest, Origin.ADOPTED)
    assert stands.own_id == own_id
    knowledge = store.items.facts(PERSON).sections[section]
    assert (knowledge.listed_at, knowledge.filled_at) == (NOW, NOW)


def test_what_says_something_else_under_the_same_identity_is_adopted_as_it_stands(journey: Journey) -> None:
    """An update follows: one name for the same address."""
    stands, wished = (ResearcherUrl(url="https://example.org/~moa", name=name) for name in ("Moa", "Moa's page"))
    want(journey, wished)
    listed(journey, Section.RESEARCHER_URLS, shown(7, stands, journey.form))

    assert journey.stands[7].digest == digest(stands)


@pytest.mark.parametrize("client", ["APP-ANOTHER", ""])
def test_what_is_not_ours_is_not_adopted(journey: Journey, client: str) -> None:
    """Another source's keyword is another keyword."""
    keyword = a_document(Section.KEYWORDS)
    want(journey, keyword)
    listed(journey, Section.KEYWORDS, shown(7, keyword, journey.form, client=client))

    assert journey.stands == {}


def test_an_employment_without_our_id_is_known_by_what_it_says(journey: Journey) -> None:
    """One that was written on v2.1, before the switch and before the store was lost."""
    item = want(journey, JOB)
    listed(journey, Section.EMPLOYMENT, shown(7, JOB, journey.form), shown(8, an_employment("Dean"), journey.form))

    assert {code: (one.item, one.digest, one.own_id) for code, one in journey.stands.items()} == {
        7: (item.key, item.digest, None)
    }


def test_what_v2_1_took_of_an_employment_is_known_too(journey: Journey) -> None:
    """It is adopted as it stands, so that an update adds what v2.1 had no place for."""
    whole = JOB.model_copy(update={"url": "https://example.org/jobs/1"})
    want(journey, whole)
    listed(journey, Section.EMPLOYMENT, shown(7, JOB, journey.form))

    assert journey.stands[7].digest == digest(JOB)


def test_an_employment_under_another_items_id_is_not_taken(journey: Journey) -> None:
    """Two jobs may be told in the same words: our own id says which is which."""
    first, second = want(journey, JOB, "1"), want(journey, JOB, "2")
    own_ids = [Policy().own_id(one.key) for one in (second, first)]
    listed(
        journey, Section.EMPLOYMENT, *(shown(7 + place, JOB, journey.form, own) for place, own in enumerate(own_ids))
    )

    assert {code: one.item for code, one in journey.stands.items()} == {7: second.key, 8: first.key}


class TestOnTheOlderVersion:
    """API v2.1 neither takes nor shows all of a document."""

    @pytest.fixture
    def journey(self, store: Store) -> Journey:
        """A person whose record is written in v2.1."""
        return Journey(store, Form(Version.V2_1))

    def test_what_it_shows_of_what_is_wanted_is_as_good_as_all_of_it(self, journey: Journey) -> None:
        """Adopted with the digest of what is wanted: so a switch of version is no difference."""
        whole = JOB.model_copy(update={"url": "https://example.org/jobs/1"})
        item = want(journey, whole)
        listed(journey, Section.EMPLOYMENT, shown(7, whole, journey.form))

        assert journey.stands[7].digest == item.digest
        assert journey.store.items.published_document(JOSIAH, Section.EMPLOYMENT, 7) == dump(whole)

    def test_a_work_is_read_and_compared_alike(self, journey: Journey) -> None:
        """A list sums works up, so each is read; what v2.1 can't show makes no difference."""
        whole = a_work("10.1/1").model_copy(update={"contributors": ()})
        item = want(journey, whole)
        body = {"bulk": [{"work": shown(7, whole, journey.form)}]}
        step = steps.ReadItems(Section.WORK, (steps.FoundItem(7, item.key, Origin.ADOPTED),), NOW)
        Discoveries(journey.store, ON_V2_1, OURS).read(step, journey.sender, replies.Found(body), NOW)

        assert journey.stands[7].digest == item.digest
        assert journey.stands[7].self_ids == {"doi:10.1/1"}

    def test_each_item_is_adopted_once(self, journey: Journey) -> None:
        """Two equal jobs are two: what stands once serves one of them."""
        want(journey, JOB, "1")
        want(journey, JOB, "2")
        listed(journey, Section.EMPLOYMENT, shown(7, JOB, journey.form))

        assert [one.item.record.subject for one in journey.stands.values()] == ["1"]


class TestAPostInDoubtThatNothingDeduplicates:
    """On v2.1 ORCID takes the same employment twice: lists tell what became of the first."""

    @pytest.fixture(
        params=[pytest.param(JOB, id="employment"), pytest.param(a_document(Section.ADDRESS), id="address")]
    )
    def doubt(self, request: pytest.FixtureRequest, store: Store) -> Journey:
        """A POST whose reply was lost."""
        journey = Journey(store, Form(Version.V2_1))
        journey.send(steps.Add(want(journey, request.param), None, ""), RESET)
        return journey

    def plan(self, doubt: Journey) -> steps.Plan:
        """What would be done now."""
        return plan(doubt.store.items.facts(PERSON), ON_V2_1, doubt.store.now())

    def section(self, doubt: Journey) -> Section:
        """Where it was sent to."""
        (item,) = doubt.store.items.facts(PERSON).wanted
        return item.key.section

    def show(self, doubt: Journey, *put_codes: int) -> Aftermath:
        """The section is listed, and shows what was sent under these put-codes."""
        section = self.section(doubt)
        kept = doubt.store.items.document(a_key("1", section))
        assert kept is not None
        document = JOB if section is Section.EMPLOYMENT else a_document(section)
        return listed(doubt, section, *(shown(code, document, doubt.form) for code in put_codes))

    def test_found_it_stands_and_is_ours(self, doubt: Journey, clock: Clock) -> None:
        """No second POST."""
        clock.advance(10.0)
        self.show(doubt, 7)

        (stands,) = doubt.stands.values()
        assert (stands.put_code, stands.origin) == (7, Origin.CREATED)
        assert doubt.open_intents == ()
        assert self.plan(doubt).calls == ()
        assert {one.state for one in self.plan(doubt).standings} == {ItemState.IN_SYNC}

    def test_it_is_added_again_only_when_two_lists_did_not_show_it(self, doubt: Journey, clock: Clock) -> None:
        """One list may come from a replica that lags: the other comes a settle time later."""
        told = [[type(one) for one in self.plan(doubt).calls]]
        for wait in (10.0, 9.9, 0.1):
            clock.advance(wait)
            told.append([type(one) for one in self.plan(doubt).calls])
            if told[-1]:
                self.show(doubt)
        told.append([type(one) for one in self.plan(doubt).calls])

        assert told == [[], [steps.ListSection], [], [steps.ListSection], [steps.Add]]

    def test_before_it_is_ripe_a_list_decides_nothing(self, doubt: Journey) -> None:
        """It is not adopted either: it is ours by our own POST, once it can't come twice."""
        self.show(doubt, 7)

        assert doubt.stands == {}
        assert len(doubt.open_intents) == 1

    def test_what_serves_another_item_is_not_what_was_sent(self, doubt: Journey, clock: Clock) -> None:
        """An equal one that we knew before tells nothing."""
        section = self.section(doubt)
        document = JOB if section is Section.EMPLOYMENT else a_document(section)
        doubt.store.items.publish(published(7, "2", document))
        clock.advance(10.0)
        self.show(doubt, 7)

        assert [one.item.record.subject for one in doubt.stands.values()] == ["2"]
        assert len(doubt.open_intents) == 1

    def test_another_one_beside_it_is(self, doubt: Journey, clock: Clock) -> None:
        """Of two equal ones, the one that we did not know."""
        section = self.section(doubt)
        document = JOB if section is Section.EMPLOYMENT else a_document(section)
        doubt.store.items.publish(published(7, "2", document))
        clock.advance(10.0)
        self.show(doubt, 7, 8)

        assert {code: one.item.record.subject for code, one in doubt.stands.items()} == {7: "2", 8: "1"}

    def test_withdrawn_meanwhile_it_is_found_to_be_removed(self, doubt: Journey, clock: Clock) -> None:
        """It stands, so that it can be taken off."""
        doubt.store.items.want(withdrawn("1", self.section(doubt)), None)
        clock.advance(10.0)
        section = self.section(doubt)
        document = JOB if section is Section.EMPLOYMENT else a_document(section)
        listed(doubt, section, shown(7, document, doubt.form))

        assert list(doubt.stands) == [7]


def test_a_post_of_v2_1_in_doubt_is_not_repeated_on_v3_either(store: Store, clock: Clock) -> None:
    """It carried no identity: on v3.0 too ORCID would take the second one."""
    journey = Journey(store, Form(Version.V2_1))
    journey.send(steps.Add(want(journey, JOB), None, ""), RESET)
    clock.advance(10.0)
    made = plan(store.items.facts(PERSON), Policy(), store.now())

    assert [type(one) for one in made.calls] == [steps.ListSection]
    after = replace(journey, form=Form())
    listed(after, Section.EMPLOYMENT, shown(7, JOB, Form()))
    assert {code: one.digest for code, one in after.stands.items()} == {7: digest(JOB)}


def test_a_person_item_that_orcid_has_and_does_not_show_is_refused(journey: Journey) -> None:
    """9030, and no such item of ours in the list."""
    item = want(journey, a_document(Section.KEYWORDS))
    expected = (steps.Expected(item.key, item.digest or "", None, Origin.ADOPTED),)
    listed(journey, Section.KEYWORDS, expected=expected)

    assert journey.item("1", Section.KEYWORDS).refused_reason == f"409/9030: {NOT_SHOWN}"


def test_a_duplicate_that_a_lagging_list_does_not_show_is_read_alone(journey: Journey) -> None:
    """9021 names the put-code of an affiliation; the list comes from a replica."""
    item = want(journey, JOB)
    aftermath = listed(
        journey, Section.EMPLOYMENT, expected=(steps.Expected(item.key, item.digest or "", 7, Origin.CREATED),)
    )

    assert isinstance(aftermath, Follow)
    assert [type(one) for one in aftermath.calls] == [steps.ReadItems]
