"""What holds for every plan, whatever the facts."""

from collections import Counter
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mappers.documents import Document, digest, dump, load, self_ids
from mappers.identifiers import OrcidId
from state.facts import Method, PersonFacts, Standing
from state.memory.store import MemoryStore
from tests.worker.any_facts import ANY_POLICIES, DOCUMENTS, POLICIES, SUBJECTS, any_facts
from tests.worker.builders import (
    NOW,
    PERSON,
    a_key,
    a_work,
    an_employment,
    facts,
    grant,
    intent,
    published,
    refused,
    steps_of,
    wanted,
    withdrawn,
)
from tests.worker.rounds import Record, Rounds
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy


def put_codes(made: steps.Plan) -> list[tuple[OrcidId, int]]:
    """The iD and put-code of every write that has one."""
    return [
        (call.published.orcid, call.published.put_code)
        for call in made.calls
        if isinstance(call, steps.Update | steps.Remove)
    ]


@given(any_facts(st.just(grant())), POLICIES)
@example(facts(withdrawn("1"), withdrawn("2"), refused("3")), Policy())
@example(
    facts(
        wanted("1", a_work("10.1/a")),
        wanted("2", a_work("10.1/a")),
        intent(subject="1", id=1),
        intent(subject="2", id=2),
    ),
    Policy(),
)
@example(
    facts(wanted("1"), published(7), intent(Method.PUT, put_code=7, id=1), intent(Method.DELETE, put_code=7, id=2)),
    Policy(),
)
def test_a_plan_does_not_depend_on_the_order_of_facts(of: PersonFacts, policy: Policy) -> None:
    """The same facts the other way round are the same plan."""
    turned = replace(of, wanted=of.wanted[::-1], published=of.published[::-1], intents=of.intents[::-1])

    assert plan(turned, policy, NOW) == plan(of, policy, NOW)


@given(any_facts(), ANY_POLICIES)
def test_no_put_code_is_written_twice(of: PersonFacts, policy: Policy) -> None:
    """One plan writes once under each put-code."""
    codes = Counter((one, section) for one, section in put_codes(plan(of, policy, NOW)))

    assert not [code for code, times in codes.items() if times > 1]


@given(any_facts(), ANY_POLICIES)
def test_a_put_code_is_never_sent_to_another_id(of: PersonFacts, policy: Policy) -> None:
    """Every write with a put-code, and every repeated POST, is for the granted iD."""
    made = plan(of, policy, NOW)
    repeated = [one.orcid for call in made.calls if isinstance(call, steps.Repeat) for one in call.intents]
    orcids = {*repeated, *(orcid for orcid, _ in put_codes(made))}

    assert orcids <= ({of.grant.orcid} if of.grant else set())


@given(any_facts(), ANY_POLICIES)
def test_every_wanted_item_has_one_standing_or_is_forgotten(of: PersonFacts, policy: Policy) -> None:
    """No item gets lost in planning."""
    made = plan(of, policy, NOW)
    forgotten = [note.key for note in made.notes if isinstance(note, steps.Forget)]
    met = Counter([*(one.key for one in made.standings), *forgotten])

    assert met == Counter(item.key for item in of.wanted)


@given(any_facts(), ANY_POLICIES)
def test_no_item_is_added_twice(of: PersonFacts, policy: Policy) -> None:
    """An item is in one POST at the most."""
    made = plan(of, policy, NOW)
    posted = [
        key
        for call in made.calls
        for key in (
            [call.item.key]
            if isinstance(call, steps.Add)
            else [add.item.key for add in call.adds]
            if isinstance(call, steps.AddWorks)
            else []
        )
    ]

    assert len(posted) == len(set(posted))


@given(any_facts(), ANY_POLICIES)
def test_what_the_researcher_removed_or_another_source_owns_is_never_touched(of: PersonFacts, policy: Policy) -> None:
    """Tombstones and foreign items are in no call."""
    touched = [
        call.published.standing for call in plan(of, policy, NOW).calls if isinstance(call, steps.Update | steps.Remove)
    ]

    assert not {Standing.REMOVED, Standing.FOREIGN} & set(touched)


@given(any_facts(st.none()), POLICIES)
def test_without_a_grant_there_are_no_calls(of: PersonFacts, policy: Policy) -> None:
    """Nobody's record is touched without permission."""
    assert plan(of, policy, NOW).calls == ()


@given(st.dictionaries(st.sampled_from(SUBJECTS), DOCUMENTS), POLICIES)
def test_what_stands_as_wanted_needs_no_call(documents: dict[str, Document], policy: Policy) -> None:
    """When every wanted item is published with its digest there are no calls; in recovery nothing but lists."""
    distinct: dict[str, Document] = {}
    for subject, document in documents.items():
        if not any(self_ids(document) & self_ids(other) for other in distinct.values()):
            distinct[subject] = document
    items: list[Any] = []
    for put_code, (subject, document) in enumerate(distinct.items(), start=7):
        items += [wanted(subject, document), published(put_code, subject, document)]

    calls = plan(facts(*items), policy, NOW).calls
    assert all(isinstance(one, steps.ListSection) for one in calls)
    assert policy.list_since is not None or not calls


@given(
    st.lists(
        st.dictionaries(st.sampled_from(SUBJECTS), st.one_of(st.none(), DOCUMENTS)),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.integers(0, 3), max_size=2),
)
@pytest.mark.timeout(120)
def test_rounds_come_to_an_end(histories: list[dict[str, Document | None]], removed: list[int]) -> None:
    """Whatever is wanted one after the other, three rounds of ideal replies reach a plan without calls."""
    store = MemoryStore(lambda: NOW)
    store.grants.put(grant())
    rounds = Rounds(store, Record())
    revisions = count(1)
    for step, changes in enumerate(histories):
        for subject, document in changes.items():
            for section in (a_work().section, an_employment().section):
                key = a_key(subject, section)
                if document is not None and document.section is section:
                    store.items.want(wanted(subject, document, revision=next(revisions)), dump(document))
                elif any(one.key == key for one in store.items.of_record(key.record)):
                    store.items.want(withdrawn(subject, section, revision=next(revisions)), None)
        calls = [rounds.round() for _ in range(3)]
        assert steps_of(replace(rounds.plan(), notes=())) == [], (step, calls)
        for index in removed:
            codes = sorted(rounds.record.items)
            if index < len(codes):
                rounds.record.items.pop(codes[index])
    stands = {
        digest(load(found[1]))
        for one in store.items.facts(PERSON).wanted
        if one.state == "in_sync" and (found := store.items.document(one.key))
    }
    assert stands <= {one.digest for one in store.items.published()}
    store.close()
