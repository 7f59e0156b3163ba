"""Identifiers that move between our items, proved on a model of ORCID's rule (API_FACTS.md 4; ARCHITECTURE.md 6).

Plans are carried out, step by step, on a record that refuses whatever would give two items one `self` identifier.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mappers.forms import Version
from mappers.identifiers import OWN_TYPE
from mappers.sections import Section
from state.facts import Published, Wanted
from tests.worker.builders import NOW, facts, published, wanted, withdrawn
from tests.worker.documents import a_document
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.turning.slice import without_dependants

IDENTIFIERS = "abcdefgh"
KINDS = [
    pytest.param(Section.WORK, Version.V3_0, id="works, v3.0"),
    pytest.param(Section.WORK, Version.V2_1, id="works, v2.1"),
    pytest.param(Section.FUNDING, Version.V3_0, id="fundings, v3.0"),
    pytest.param(Section.FUNDING, Version.V2_1, id="fundings, v2.1"),
    pytest.param(Section.EMPLOYMENT, Version.V3_0, id="employments, v3.0"),
    pytest.param(Section.PEER_REVIEW, Version.V3_0, id="peer reviews, v3.0"),
    pytest.param(Section.RESEARCH_RESOURCE, Version.V3_0, id="research resources, v3.0"),
]
"""Sections that ORCID deduplicates by identifiers, in the versions that have them."""


class DuplicateError(AssertionError):
    """ORCID would answer 9021."""


@dataclass
class Model:
    """A record, what we know of it, and what was done to it. `fails` says which steps ORCID does not take, by place."""

    items: tuple[Wanted, ...]
    policy: Policy
    published: dict[int, Published]
    fails: frozenset[int] = frozenset()
    done: list[steps.CallStep] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(101))

    def settle(self) -> None:
        """Plans and sends until nothing is left to be done."""
        for _ in range(4 + 2 * len(self.fails)):
            if not self.round():
                return
        raise AssertionError("it comes to no end")

    def round(self) -> int:
        """Carries out one plan; returns how many steps it had."""
        pending = deque(plan(facts(*self.items, *self.published.values()), self.policy, NOW).calls)
        planned = len(pending)
        while pending:
            step = pending.popleft()
            self.done.append(step)
            if len(self.done) in self.fails and isinstance(step, steps.Update | steps.MoveAside | steps.Remove):
                pending = deque(without_dependants(pending, step.published.put_code))
            else:
                self.carry_out(step)
        return planned

    def carry_out(self, step: steps.CallStep) -> None:
        """What ORCID makes of a step, and what we note then."""
        match step:
            case steps.Add():
                self._write(next(self.numbers), step.item, step.own_id)
            case steps.AddWorks():
                for add in step.adds:
                    self.carry_out(add)
            case steps.Update():
                self._write(step.published.put_code, step.item, step.own_id)
            case steps.MoveAside():
                put_code = step.published.put_code
                own = frozenset({f"{OWN_TYPE}:{step.own_id}"})
                self._check(put_code, own)
                self.published[put_code] = replace(self.published[put_code], digest="", self_ids=own)
            case steps.Remove():
                del self.published[step.published.put_code]
            case _:
                raise AssertionError(f"there is no need to {step}")

    def _write(self, put_code: int, item: Wanted, own_id: str | None) -> None:
        identities = item.self_ids | ({f"{OWN_TYPE}:{own_id}"} if own_id else frozenset())
        self._check(put_code, identities)
        self.published[put_code] = replace(
            published(put_code),
            section=item.key.section,
            item=item.key,
            digest=item.digest or "",
            own_id=own_id,
            self_ids=identities,
        )

    def _check(self, put_code: int, identities: Iterable[str]) -> None:
        for other in self.published.values():
            if other.put_code != put_code and not other.self_ids.isdisjoint(identities):
                raise DuplicateError(f"9021: {put_code} would be one with {other.put_code}")

    def puts(self) -> Counter[int]:
        """How often each put-code was written, moves aside not counted."""
        return Counter(step.published.put_code for step in self.done if isinstance(step, steps.Update))

    def number(self, kind: type[steps.CallStep]) -> int:
        """How many steps of a kind were sent."""
        return sum(isinstance(step, kind) for step in self.done)


def a_model(section: Section, version: Version, before: dict[str, str], after: dict[str, str], **rest: Any) -> Model:
    """Items by subject with their identifiers, as they stand and as they are wanted; who is not wanted is withdrawn."""
    policy = Policy(version=version)
    items: list[Wanted] = [
        wanted(subject, a_document(section, identifiers, title=f"wanted {subject}"))
        for subject, identifiers in after.items()
    ]
    items += [withdrawn(subject, section) for subject in before.keys() - after.keys()]
    stand = {}
    for put_code, (subject, identifiers) in enumerate(sorted(before.items()), start=7):
        document = a_document(section, identifiers, title=f"stands {subject}")
        own_id = policy.own_id(wanted(subject, document).key) if section.is_affiliation or not identifiers else None
        stand[put_code] = published(put_code, subject, document, own_id=own_id)
    return Model(tuple(items), policy, stand, **rest)


def check_settled(model: Model) -> None:
    """Every wanted item stands, once, with its identifiers, and nothing else does."""
    stands = Counter((one.item, one.digest) for one in model.published.values())

    assert stands == Counter((item.key, item.digest) for item in model.items if item.digest is not None)


def dealt(names: str) -> st.SearchStrategy[dict[str, str]]:
    """Some of the identifiers, dealt out to some of the items: none has two owners."""
    holders = st.lists(st.sampled_from(f"{names}-"), min_size=len(IDENTIFIERS), max_size=len(IDENTIFIERS))
    there = st.sets(st.sampled_from(names))
    return st.builds(
        lambda owners, subjects: {
            subject: "".join(one for one, owner in zip(IDENTIFIERS, owners, strict=True) if owner == subject)
            for subject in sorted(subjects)
        },
        holders,
        there,
    )


@pytest.mark.parametrize(("section", "version"), KINDS)
@given(before=dealt("12345"), after=dealt("12345"))
@example(before={"1": "a", "2": "b"}, after={"1": "b", "2": "a"})
@example(before={"1": "ab", "2": "cd", "3": "ef"}, after={"1": "ce", "2": "af", "3": "bd"})
@example(before={"1": "e", "2": "gh", "3": "f"}, after={"1": "g", "2": "ef", "3": "h"})
@settings(max_examples=60, deadline=None)
def test_items_end_where_they_are_wanted_and_never_meet(
    section: Section, version: Version, before: dict[str, str], after: dict[str, str]
) -> None:
    """However identifiers are dealt out anew: no 9021, one PUT each and a move aside, no DELETE and POST for a move."""
    model = a_model(section, version, before, after)
    model.settle()

    check_settled(model)
    assert max(model.puts().values(), default=0) <= 1
    aside = Counter(step.published.put_code for step in model.done if isinstance(step, steps.MoveAside))
    assert max(aside.values(), default=0) <= 1
    assert len(aside) < max(len(after), 1)
    assert model.number(steps.Remove) <= len(before.keys() - after.keys())
    posted = sum(
        len(step.adds) if isinstance(step, steps.AddWorks) else 1
        for step in model.done
        if isinstance(step, steps.Add | steps.AddWorks)
    )
    assert posted <= len(after.keys() - before.keys())


@pytest.mark.parametrize(("section", "version"), KINDS)
@given(before=dealt("12345"), after=dealt("12345"), fails=st.frozensets(st.integers(1, 8), max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_step_that_is_not_taken_costs_its_dependants_a_round(
    section: Section, version: Version, before: dict[str, str], after: dict[str, str], fails: frozenset[int]
) -> None:
    """What came after it is left out and planned anew, so that nothing meets what did not make way."""
    model = a_model(section, version, before, after, fails=fails)
    model.settle()

    check_settled(model)


@pytest.mark.parametrize(("section", "version"), KINDS)
@given(order=st.permutations(range(7)))
@example(order=[0, 1, 2, 3, 4, 5, 6])
@example(order=[1, 2, 3, 4, 5, 6, 0])
@settings(max_examples=25, deadline=None)
def test_a_rotation_costs_one_put_each_and_one_more(section: Section, version: Version, order: list[int]) -> None:
    """For each cycle, of whatever length, one item is moved aside; for what stays where it is, nothing but its PUT."""
    before = {f"{number}": IDENTIFIERS[number] for number in range(7)}
    after = {f"{number}": IDENTIFIERS[place] for number, place in enumerate(order)}
    model = a_model(section, version, before, after)
    model.settle()

    check_settled(model)
    assert (model.number(steps.Update), model.number(steps.MoveAside)) == (7, cycles(order))
    assert len(model.done) == 7 + cycles(order)


def cycles(order: list[int]) -> int:
    """The cycles of a permutation in which anything moves."""
    left, found = {number for number, place in enumerate(order) if number != place}, 0
    while left:
        found += 1
        number = min(left)
        while number in left:
            left.remove(number)
            number = order[number]
    return found
