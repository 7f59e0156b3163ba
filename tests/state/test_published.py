"""Published items, sections, and the facts that planning reads, over every store."""

import pytest

from mappers.sections import Section
from state.facts import Origin, PersonFacts, Published, SectionKnowledge, Standing
from state.permission_facts import Former, GrantState, Suspension, SuspensionKind
from state.store import Store
from tests.state.helpers import (
    CONTRACT,
    JOSIAH,
    LAURE,
    a_grant,
    a_key,
    a_published,
    a_wanted,
    an_intent,
    an_outcome,
)


@pytest.mark.parametrize(
    "published",
    [
        pytest.param(a_published(), id="plain"),
        pytest.param(a_published(own_id=None, self_ids=frozenset[str](), digest=""), id="unknown-digest"),
        pytest.param(a_published(left_out="external-ids, url"), id="with-what-was-left-out"),
        pytest.param(a_published(origin=Origin.ADOPTED, standing=Standing.MISSING), id="adopted-and-missing"),
        pytest.param(a_published(origin=Origin.READDED, standing=Standing.REMOVED), id="readded-and-removed"),
        pytest.param(a_published(2**53 + 1, a_key("p2", Section.EMPLOYMENT, CONTRACT, "x")), id="large-put-code"),
    ],
)
def test_a_published_item_comes_back_as_it_was(store: Store, published: Published) -> None:
    """Every attribute of it."""
    store.items.publish(published)

    assert store.items.published_as(published.orcid, published.section, published.put_code) == published
    assert list(store.items.published()) == [published]
    assert store.items.facts(published.person).published == (published,)


def test_a_put_code_is_known_by_id_and_section(store: Store) -> None:
    """ORCID numbers each section by itself, and what stands on another iD is another item."""
    contract = a_key(section=Section.EMPLOYMENT, record=CONTRACT)
    same_number = [a_published(7), a_published(7, contract), a_published(7, orcid=LAURE)]
    for published in same_number:
        store.items.publish(published)

    assert store.items.published_as(JOSIAH, Section.WORK, 7) == same_number[0]
    assert store.items.published_as(JOSIAH, Section.EMPLOYMENT, 7) == same_number[1]
    assert store.items.published_as(LAURE, Section.WORK, 7) == same_number[2]
    assert store.items.published_as(LAURE, Section.EMPLOYMENT, 7) is None


def test_publishing_under_a_known_put_code_writes_it_anew(store: Store) -> None:
    """The slot's new winner stands under the same put-code."""
    store.items.publish(a_published(7, a_key("p1")))
    store.items.publish(a_published(7, a_key("p2"), digest="d2", standing=Standing.REMOVED))

    assert list(store.items.published()) == [a_published(7, a_key("p2"), digest="d2", standing=Standing.REMOVED)]
    assert store.items.facts("p1").published == ()


def test_the_accepted_document_stays_as_long_as_its_digest(store: Store) -> None:
    """Another standing is no other document, nor is an unknown digest; another one without a document leaves none."""

    def document() -> str | None:
        return store.items.published_document(JOSIAH, Section.WORK, 7)

    assert document() is None
    store.items.publish(a_published(7, digest="d1"), '{"n": 1}')
    assert document() == '{"n": 1}'
    store.items.publish(a_published(7, digest="d1", standing=Standing.MISSING))
    assert document() == '{"n": 1}'
    store.items.publish(a_published(7, digest="d2"), '{"n": 2}')
    assert document() == '{"n": 2}'
    store.items.publish(a_published(7, digest=""))
    store.items.publish(a_published(7, digest="", standing=Standing.MISSING))
    assert document() == '{"n": 2}'
    store.items.publish(a_published(7, digest="d2"))
    assert document() is None
    store.items.publish(a_published(7, digest=""))
    assert document() is None
    assert store.items.published_document(LAURE, Section.WORK, 7) is None


def test_an_unpublished_item_is_forgotten(store: Store) -> None:
    """Only that one; to forget it again is no error."""
    store.items.publish(a_published(7))
    store.items.publish(a_published(8))

    store.items.unpublish(JOSIAH, Section.WORK, 7)
    store.items.unpublish(JOSIAH, Section.WORK, 7)

    assert list(store.items.published()) == [a_published(8)]


def test_all_published_items_are_listed_by_id(store: Store) -> None:
    """By iD, section and put-code; what changes while they are read does no harm."""
    employment = a_key(section=Section.EMPLOYMENT, record=CONTRACT)
    in_order = [
        a_published(1, orcid=LAURE),
        a_published(9, employment),
        a_published(2),
        a_published(10),
    ]
    for published in reversed(in_order):
        store.items.publish(published)

    listed = []
    for published in store.items.published():
        store.items.unpublish(published.orcid, published.section, published.put_code)
        listed.append(published)

    assert listed == in_order
    assert list(store.items.published()) == []


def test_a_section_is_known_by_its_newest_listing_and_first_filling(store: Store) -> None:
    """One does not touch the other."""
    store.grants.put(a_grant())
    store.items.know_section(JOSIAH, Section.WORK, filled_at=10.0)
    store.items.know_section(JOSIAH, Section.WORK, listed_at=11.0)
    store.items.know_section(JOSIAH, Section.WORK, filled_at=12.0, listed_at=13.0)
    store.items.know_section(JOSIAH, Section.EMPLOYMENT, listed_at=14.0)
    store.items.know_section(LAURE, Section.EMPLOYMENT, filled_at=15.0)

    assert store.items.facts("p1").sections == {
        Section.WORK: SectionKnowledge(listed_at=13.0, filled_at=10.0),
        Section.EMPLOYMENT: SectionKnowledge(listed_at=14.0, filled_at=None),
    }


def test_strangers_are_those_of_the_last_list(store: Store) -> None:
    """Until another list says otherwise."""
    store.grants.put(a_grant())
    store.items.know_section(JOSIAH, Section.ADDRESS, listed_at=11.0, strangers="when a was wanted")
    store.items.know_section(JOSIAH, Section.ADDRESS, filled_at=12.0)
    assert store.items.facts("p1").sections[Section.ADDRESS].strangers == "when a was wanted"

    store.items.know_section(JOSIAH, Section.ADDRESS, listed_at=13.0, strangers="")

    assert store.items.facts("p1").sections == {Section.ADDRESS: SectionKnowledge(listed_at=13.0, filled_at=12.0)}


def test_a_section_is_full_until_something_else_is_said(store: Store) -> None:
    """Listing or filling it says nothing of that."""
    store.grants.put(a_grant())
    store.items.know_section(JOSIAH, Section.WORK, full_until=20.0)
    store.items.know_section(JOSIAH, Section.WORK, listed_at=11.0)
    assert store.items.facts("p1").sections == {Section.WORK: SectionKnowledge(listed_at=11.0, full_until=20.0)}

    store.items.know_section(JOSIAH, Section.WORK, full_until=0.0)
    assert store.items.facts("p1").sections == {Section.WORK: SectionKnowledge(listed_at=11.0)}


def test_the_tombstones_of_a_person_are_on_every_id(store: Store) -> None:
    """Of this person, in order; not what stands, is missing or is foreign."""
    for standing in Standing:
        store.items.publish(a_published(7 + list(Standing).index(standing), standing=standing))
    there = a_published(1, orcid=LAURE, standing=Standing.REMOVED)
    store.items.publish(there)
    store.items.publish(a_published(2, a_key("p2"), standing=Standing.REMOVED))

    removed = a_published(7 + list(Standing).index(Standing.REMOVED), standing=Standing.REMOVED)
    assert list(store.items.tombstones("p1")) == [there, removed]
    assert list(store.items.tombstones("p9")) == []


def test_the_facts_of_nobody_are_empty(store: Store) -> None:
    """Planning for an unknown person plans nothing."""
    assert store.items.facts("p1") == PersonFacts("p1", None, None, (), (), (), {})


def test_facts_hold_all_of_one_person_and_nothing_of_others(store: Store) -> None:
    """On every iD for items; of the granted iD for what is known of the record itself."""
    suspension = Suspension(JOSIAH, SuspensionKind.UNCLAIMED, "", 9.0)
    employment = a_key(section=Section.EMPLOYMENT, record=CONTRACT)
    replaced = a_grant(orcid=LAURE, granted_at=0.5, state=GrantState.REPLACED)
    store.grants.put(replaced)
    store.grants.put(a_grant())
    store.grants.put(a_grant("p2", orcid=LAURE))
    store.grants.suspend(suspension)
    for wanted in (a_wanted(), a_wanted(employment), a_wanted(a_key("p2"))):
        store.items.want(wanted, "{}")
    for published in (a_published(8), a_published(7), a_published(9, orcid=LAURE), a_published(1, a_key("p2"))):
        store.items.publish(published)
    store.items.know_section(JOSIAH, Section.WORK, listed_at=1.0)
    store.items.know_section(LAURE, Section.WORK, listed_at=2.0)
    first, closed, _ = store.intents.open([an_intent(), an_intent(employment), an_intent(a_key("p2"))])
    (second,) = store.intents.open([an_intent(orcid=LAURE)])
    store.intents.close(closed, an_outcome())

    assert store.items.facts("p1") == PersonFacts(
        person="p1",
        grant=a_grant(),
        suspension=suspension,
        wanted=(a_wanted(employment), a_wanted()),
        published=(a_published(9, orcid=LAURE), a_published(7), a_published(8)),
        intents=(first, second),
        sections={Section.WORK: SectionKnowledge(listed_at=1.0)},
        former=(Former(LAURE, replaced, None, None, {Section.WORK: 2.0}),),
    )


def test_the_facts_of_somebody_whose_grant_broke_are_of_its_record(store: Store) -> None:
    """The broken grant is the current one: what it may still do is planned with it."""
    suspension = Suspension(JOSIAH, SuspensionKind.LOCKED, "", 9.0)
    broken = a_grant(state=GrantState.BROKEN)
    store.grants.put(broken)
    store.grants.suspend(suspension)
    store.items.know_section(JOSIAH, Section.WORK, listed_at=1.0)

    sections = {Section.WORK: SectionKnowledge(listed_at=1.0)}
    assert store.items.facts("p1") == PersonFacts("p1", broken, suspension, (), (), (), sections)


def test_without_a_current_grant_no_record_is_looked_at(store: Store) -> None:
    """Items are known all the same: they may have to be removed. So is the permission that ended."""
    ended = a_grant(state=GrantState.REVOKED)
    store.grants.put(ended)
    store.grants.suspend(Suspension(JOSIAH, SuspensionKind.LOCKED, "", 9.0))
    store.items.know_section(JOSIAH, Section.WORK, listed_at=1.0)
    store.items.publish(a_published())

    assert store.items.facts("p1") == PersonFacts("p1", None, None, (), (a_published(),), (), {}, ended=ended)
