"""Wants: how the mapping of a source record changes what is wanted (ARCHITECTURE.md 5)."""

from dataclasses import replace

from structlog.testing import capture_logs

from mappers.documents import Document, ExternalId, Relationship, digest, dump, load
from mappers.groups import GroupIdRecord
from mappers.sections import Section
from mappers.wanted import ItemKey, Refusal, SourceKey, WantedItem
from state.facts import Group, GroupState, ItemState, Wanted
from state.store import Store
from tests.worker.builders import a_key, a_record, a_work
from tests.worker.documents import a_document
from worker.intake.wants import want

RECORD = a_record("1")
MOA, KIWI = a_work("10.1/1", "Moa"), a_work("10.1/1", "Kiwi")


def of(person: str = "E1", document: Document | None = MOA) -> WantedItem:
    """A person's item of the source record; refused when there is no document."""
    refusal = None if document else Refusal("type", "poem", "is not a work type that ORCID knows")
    return WantedItem(a_key("1", person=person), document, refusal)


def items(store: Store, record: SourceKey = RECORD) -> dict[str, Wanted]:
    """What the source record wants, by person."""
    return {one.key.person: one for one in store.items.of_record(record)}


def document(store: Store, key: ItemKey) -> Document | None:
    """The document of a wanted item."""
    found = store.items.document(key)
    return load(found[1]) if found else None


def test_what_is_new_is_wanted(store: Store) -> None:
    """Every person on it is concerned, and the document is kept."""
    assert want(store, RECORD, [of("E1"), of("E2")]) == {"E1", "E2"}
    assert {person: one.digest for person, one in items(store).items()} == {"E1": digest(MOA), "E2": digest(MOA)}
    assert items(store)["E1"].self_ids == {"doi:10.1/1"}
    assert document(store, of("E1").key) == MOA


def test_what_stays_the_same_concerns_nobody(store: Store) -> None:
    """The same event again changes no revision and no state."""
    want(store, RECORD, [of()])
    store.items.set_state(of().key, ItemState.IN_SYNC, "")
    before = items(store)

    assert want(store, RECORD, [of()]) == frozenset()
    assert items(store) == before


def test_a_change_is_a_new_revision_and_pending(store: Store) -> None:
    """What was in sync is not any more."""
    want(store, RECORD, [of()])
    store.items.set_state(of().key, ItemState.IN_SYNC, "")

    assert want(store, RECORD, [of(document=KIWI)]) == {"E1"}
    assert (items(store)["E1"].revision, items(store)["E1"].state) == (2, ItemState.PENDING)
    assert document(store, of().key) == KIWI


def test_a_change_keeps_what_orcid_refused(store: Store) -> None:
    """A document that comes back after another one is still refused."""
    want(store, RECORD, [of()])
    store.items.refuse(of().key, digest(MOA), "400 9022")
    want(store, RECORD, [of(document=KIWI)])

    assert (items(store)["E1"].refused_digest, items(store)["E1"].refused_reason) == (digest(MOA), "400 9022")


def test_a_dropped_author_is_withdrawn(store: Store) -> None:
    """The new snapshot replaces the old fan-out: who is not among them any more is withdrawn."""
    want(store, RECORD, [of("E1"), of("E2")])

    assert want(store, RECORD, [of("E2"), of("E3")]) == {"E1", "E3"}
    assert [person for person, one in items(store).items() if one.withdrawn] == ["E1"]
    assert document(store, of("E1").key) is None


def test_a_removal_withdraws_everything_once(store: Store) -> None:
    """What is withdrawn already concerns nobody again."""
    want(store, RECORD, [of("E1"), of("E2")])

    assert want(store, RECORD, []) == {"E1", "E2"}
    assert want(store, RECORD, []) == frozenset()


def test_what_was_withdrawn_can_be_wanted_again(store: Store) -> None:
    """Its revision goes on."""
    want(store, RECORD, [of()])
    want(store, RECORD, [])

    assert want(store, RECORD, [of()]) == {"E1"}
    assert (items(store)["E1"].revision, items(store)["E1"].withdrawn) == (3, False)


def test_other_source_records_are_left_alone(store: Store) -> None:
    """A source record withdraws only its own."""
    want(store, RECORD, [of()])
    want(store, a_record("2"), [])

    assert not items(store)["E1"].withdrawn


def test_a_refused_item_says_why(store: Store) -> None:
    """Neither wanted nor withdrawn: refused, and the person is looked at."""
    want(store, RECORD, [of()])

    assert want(store, RECORD, [of(document=None)]) == {"E1"}
    assert items(store)["E1"].refusal == "type: poem is not a work type that ORCID knows"
    assert (items(store)["E1"].digest, items(store)["E1"].withdrawn) == (None, False)
    assert want(store, RECORD, [of(document=None)]) == frozenset()


class TestWhenOnlyTheCodesMappingNumberChanged:
    """A difference that comes only from the code's mapping number is never by itself a reason to call."""

    def test_the_form_that_stands_is_as_good(self, store: Store) -> None:
        """The difference is noted, and concerns nobody."""
        want(store, RECORD, [of()])

        assert want(store, RECORD, [of(document=KIWI)], form_only=True) == frozenset()
        assert (items(store)["E1"].digest, items(store)["E1"].same_as) == (digest(KIWI), digest(MOA))

    def test_a_second_change_of_form_keeps_the_first_form(self, store: Store) -> None:
        """What stands on the record is still what was sent before both."""
        want(store, RECORD, [of()])
        want(store, RECORD, [of(document=KIWI)], form_only=True)
        want(store, RECORD, [of(document=a_work("10.1/1", "Tui"))], form_only=True)

        assert items(store)["E1"].same_as == digest(MOA)

    def test_it_travels_with_the_next_event(self, store: Store) -> None:
        """An event that says nothing new takes the new form along."""
        want(store, RECORD, [of()])
        want(store, RECORD, [of(document=KIWI)], form_only=True)

        assert want(store, RECORD, [of(document=KIWI)]) == {"E1"}
        assert items(store)["E1"].same_as == ""

    def test_nothing_is_withdrawn(self, store: Store) -> None:
        """What the new code maps no more stands until its next event."""
        want(store, RECORD, [of("E1"), of("E2")])

        assert want(store, RECORD, [of("E2")], form_only=True) == frozenset()
        assert not items(store)["E1"].withdrawn
        assert want(store, RECORD, [of("E2")]) == {"E1"}

    def test_nothing_is_added(self, store: Store) -> None:
        """What the new code maps in addition waits for its next event."""
        assert want(store, RECORD, [of()], form_only=True) == frozenset()

    def test_an_unchanged_item_stays_as_it_is(self, store: Store) -> None:
        """Mapping again to the same document changes nothing."""
        want(store, RECORD, [of()])
        before = items(store)
        want(store, RECORD, [of()], form_only=True)

        assert items(store) == before == {"E1": replace(before["E1"], same_as="")}


class TestWhatV21CannotCarry:
    """It is known of every item, so that a plan for API v2.1 needs no documents."""

    def test_what_it_lacks_and_leaves_out_is_noted(self, store: Store) -> None:
        """A value that is required, or parts that are not."""
        preprint = MOA.model_copy(update={"type": "preprint"})
        version = ExternalId(type="doi", value="10.1/0", relationship=Relationship.VERSION_OF)
        wider = MOA.model_copy(update={"external_ids": (*MOA.external_ids, version)})
        want(store, RECORD, [of("E1", preprint), of("E2", wider), of("E3")])

        assert {person: (one.v2_1_lacks, one.v2_1_drops) for person, one in items(store).items()} == {
            "E1": ("v2.1 has no work type preprint", ""),
            "E2": ("", "external-ids"),
            "E3": ("", ""),
        }

    def test_it_goes_with_the_document(self, store: Store) -> None:
        """Another document, other limits; none when it is withdrawn."""
        want(store, RECORD, [of(document=MOA.model_copy(update={"type": "preprint"}))])
        want(store, RECORD, [of()])

        assert items(store)["E1"].v2_1_lacks == ""

    def test_what_is_found_out_anew_concerns_nobody(self, store: Store) -> None:
        """The document is the same: nobody is looked at, and how far the item has come stays."""
        want(store, RECORD, [of()])
        store.items.set_state(of().key, ItemState.IN_SYNC, "")
        known = items(store)["E1"]
        store.items.want(replace(known, v2_1_drops="url"), dump(MOA))

        assert want(store, RECORD, [of()]) == frozenset()
        assert items(store)["E1"] == known


class TestGroups:
    """A peer review's group is wanted with it."""

    KELP = GroupIdRecord("orcid-generated:Kelp", "Kelp", "journal")

    def review(self, person: str = "E1", group: GroupIdRecord = KELP) -> WantedItem:
        """A peer review that names its group."""
        document = a_document(Section.PEER_REVIEW, "a").model_copy(update={"review_group_id": group.id})
        return WantedItem(a_key("1", Section.PEER_REVIEW, person=person), document, group=group)

    def test_a_group_is_kept_by_its_key(self, store: Store) -> None:
        """And the item names the key."""
        assert want(store, RECORD, [self.review()]) == {"E1"}
        assert items(store)["E1"].group == self.KELP.key
        assert store.groups.group(self.KELP.key) == Group(self.KELP)

    def test_a_refused_group_that_is_named_again_concerns_all_who_need_it(self, store: Store) -> None:
        """Though no item says anything new."""
        want(store, RECORD, [self.review("E1")])
        want(store, a_record("2"), [replace(self.review("E2"), key=a_key("2", Section.PEER_REVIEW, person="E2"))])
        store.groups.settle(self.KELP.key, GroupState.REFUSED, "no such type")

        assert want(store, RECORD, [self.review("E1")]) == {"E1", "E2"}
        assert store.groups.group(self.KELP.key) == Group(self.KELP)

    def test_a_known_group_that_is_named_again_concerns_nobody(self, store: Store) -> None:
        """There is nothing to be tried again."""
        want(store, RECORD, [self.review()])
        store.groups.settle(self.KELP.key, GroupState.KNOWN)

        assert want(store, RECORD, [self.review()]) == frozenset()

    def test_mapping_again_tries_no_refused_group_again(self, store: Store) -> None:
        """Only an event does."""
        want(store, RECORD, [self.review()])
        store.groups.settle(self.KELP.key, GroupState.REFUSED, "no such type")

        assert want(store, RECORD, [self.review()], form_only=True) == frozenset()
        assert store.groups.group(self.KELP.key) == Group(self.KELP, GroupState.REFUSED, "no such type")


def test_a_refusal_is_told_once_with_section_record_field_and_rule(store: Store) -> None:
    """One line for each item, and none when the same is said again."""
    with capture_logs() as lines:
        want(store, RECORD, [of(document=None)])
        want(store, RECORD, [of(document=None)])

    (line,) = lines
    told = {name: line[name] for name in ("event", "section", "source", "entity", "subject", "person", "why")}
    assert told == {
        "event": "item_refused",
        "section": "work",
        "source": RECORD.source,
        "entity": RECORD.entity,
        "subject": RECORD.subject,
        "person": "E1",
        "why": "type: poem is not a work type that ORCID knows",
    }
