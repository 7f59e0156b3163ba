"""One document from several source records, field by field (ARCHITECTURE.md 6)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mappers.dates import FuzzyDate
from mappers.documents import Document, ExternalId, Work, digest
from mappers.forms import Version
from state.facts import PersonFacts, Published, Wanted
from tests.worker.builders import NOW, a_work, facts, published, reasons_of, states_of, steps_of, wanted, withdrawn
from worker.planning import steps
from worker.planning.contents import needed
from worker.planning.plan import plan
from worker.planning.policy import Policy

MAY, JUNE = FuzzyDate(2025, 5), FuzzyDate(2025, 6)
OURS = a_work("10.1/a", "Moa").model_copy(update={"language_code": "en"})
THEIRS = a_work("10.1/a", "Kiwi").model_copy(update={"publication_date": MAY, "journal_title": "Auk"})
WHOLE = OURS.model_copy(update={"publication_date": MAY, "journal_title": "Auk"})
DATES = Policy(
    precedence={"/repository": 2, "/library": 1},
    wins={"/library": ("publication_date", "journal_title", "language_code")},
)


def together(
    ours: Document, theirs: Document, *stand: Published, third: Document | None = None, **rest: Any
) -> PersonFacts:
    """Items that are one to ORCID: the repository's (1), the library's (2), which comes second, and a third's (3)."""
    items: list[Wanted | Published] = [
        wanted("1", ours, **rest),
        wanted("2", theirs, source="/library"),
        *([wanted("3", third, source="/press")] if third else []),
        *stand,
    ]
    documents: list[Document] = [ours, theirs, *([third] if third else [])]
    return replace(facts(*items), contents={digest(one): one for one in documents})


def sent(made: steps.Plan) -> list[tuple[str | None, Document | None]]:
    """What is sent: the digest, and the composed document."""
    return [(call.item.digest, call.composed) for call in made.calls if isinstance(call, steps.Add | steps.Update)]


def test_fields_come_from_the_source_that_wins_them() -> None:
    """Where it says something there; all others are the winner's. The digest is that of the whole."""
    made = plan(together(OURS, THEIRS), DATES, NOW)

    assert steps_of(made) == ["add 1"]
    assert sent(made) == [(digest(WHOLE), WHOLE)]
    assert states_of(made) == {"1": "pending", "2": "merged"}


def test_a_merged_item_says_which_fields_are_its_own() -> None:
    """In ORCID's words."""
    assert reasons_of(plan(together(OURS, THEIRS), DATES, NOW))["2"] == (
        "ORCID counts it as one with /repository publication 1; taken from this one: journal-title, publication-date"
    )


@pytest.mark.parametrize(
    ("stands", "expected"),
    [
        pytest.param(WHOLE, [], id="the whole: in sync"),
        pytest.param(OURS, ["update 7 with 1"], id="the winner's alone: updated"),
        pytest.param(THEIRS, ["update 7 with 1"], id="the other's alone: updated"),
    ],
)
def test_what_stands_is_compared_with_the_whole(stands: Document, expected: list[str]) -> None:
    """Neither of the two records says it all."""
    assert steps_of(plan(together(OURS, THEIRS, published(7, "1", stands)), DATES, NOW)) == expected


def test_a_change_of_a_field_that_is_not_taken_is_no_call() -> None:
    """Nothing of what stands would change."""
    other = THEIRS.model_copy(update={"title": "Tui"})

    assert steps_of(plan(together(OURS, other, published(7, "1", WHOLE)), DATES, NOW)) == []


def test_when_the_winner_goes_the_other_stands_as_it_is() -> None:
    """Under the same put-code."""
    of = facts(withdrawn("1"), wanted("2", THEIRS, source="/library"), published(7, "1", WHOLE))
    made = plan(of, DATES, NOW)

    assert steps_of(made) == ["update 7 with 2", "give 7 to 2", "forget 1"]
    assert sent(made) == [(digest(THEIRS), None)]


def test_when_the_other_goes_its_fields_go() -> None:
    """What nobody says any more does not stand."""
    made = plan(facts(wanted("1", OURS), withdrawn("2"), published(7, "1", WHOLE)), DATES, NOW)

    assert sent(made) == [(digest(OURS), None)]


@pytest.mark.parametrize(
    ("wins", "winner"),
    [
        pytest.param({"/library": ("publication_date",), "/press": ("publication_date",)}, MAY, id="the greater one's"),
        pytest.param({"/press": ("publication_date",)}, JUNE, id="the only one's"),
        pytest.param(
            {"/repository": ("publication_date",), "/press": ("publication_date",)},
            JUNE,
            id="the greatest says nothing there: the next one's",
        ),
        pytest.param({"/press": ("publication_dates", "section", "__class__")}, None, id="no such field: nobody's"),
    ],
)
def test_of_several_sources_that_win_a_field_the_greater_precedes(
    wins: Mapping[str, tuple[str, ...]], winner: FuzzyDate | None
) -> None:
    """By the mapping file's precedence, as for the slot as a whole."""
    third = THEIRS.model_copy(update={"publication_date": JUNE})
    made = plan(together(OURS, THEIRS, third=third), replace(DATES, wins=wins), NOW)
    document = made.calls[0].composed if isinstance(made.calls[0], steps.Add) else None

    assert (document.publication_date if isinstance(document, Work) else None) == winner


def test_identifiers_may_be_another_sources_too() -> None:
    """The item carries those then, and what it carries is what it takes."""
    theirs = a_work("10.1/a", "Kiwi", ids=["10.1/b"])
    policy = replace(DATES, wins={"/library": ("external_ids",)})
    made = plan(together(OURS, theirs), policy, NOW)

    assert [call.item.self_ids for call in made.calls if isinstance(call, steps.Add)] == [{"doi:10.1/a", "doi:10.1/b"}]


def test_what_v2_1_leaves_out_is_told_of_the_whole() -> None:
    """A field that v2.1 lacks may come from any of them."""
    versions = (
        *THEIRS.external_ids,
        ExternalId.model_validate({"type": "doi", "value": "10.1/0", "relationship": "version-of"}),
    )
    theirs = THEIRS.model_copy(update={"external_ids": versions})
    policy = replace(DATES, wins={"/library": ("external_ids",)}, version=Version.V2_1)
    whole = OURS.model_copy(update={"external_ids": versions})
    made = plan(together(OURS, theirs, published(7, "1", whole)), policy, NOW)

    assert reasons_of(made)["1"] == "API v2.1 leaves out: external-ids"


class TestWhenOnlyTheCodesMappingNumberChanged:
    """A difference that comes only from the code's mapping number is never by itself a reason to call."""

    FORMED = OURS.model_copy(update={"title": "The Moa"})

    def of(self, theirs: Document) -> PersonFacts:
        """Item 1 changed in form; the whole of before stands."""
        made = together(self.FORMED, theirs, published(7, "1", WHOLE), same_as=digest(OURS))
        return replace(made, contents={**made.contents, digest(WHOLE): WHOLE})

    def test_what_stands_is_as_good(self) -> None:
        """No call."""
        assert steps_of(plan(self.of(THEIRS), DATES, NOW)) == []

    def test_what_another_item_says_anew_is_written(self) -> None:
        """The other one's date is another one now."""
        assert steps_of(plan(self.of(THEIRS.model_copy(update={"publication_date": JUNE})), DATES, NOW)) == [
            "update 7 with 1"
        ]


def named(of: PersonFacts, policy: Policy) -> tuple[str, str]:
    """Whose documents planning has to see: of wanted items, and of what stands."""
    found = needed(of, policy)
    return (
        "".join(sorted(item.key.record.subject for item in found.wanted)),
        "".join(sorted(str(one.put_code) for one in found.published)),
    )


@pytest.mark.parametrize(
    ("of", "policy", "expected"),
    [
        pytest.param(together(OURS, THEIRS, published(7, "1", OURS)), DATES, ("12", ""), id="of composed slots"),
        pytest.param(
            together(OURS, THEIRS, published(7, "1", OURS), same_as="old"),
            DATES,
            ("12", "7"),
            id="and what stands, where only the form changed",
        ),
        pytest.param(together(OURS, THEIRS), Policy(), ("", ""), id="no source wins anything: none"),
        pytest.param(together(OURS, a_work("10.1/b")), DATES, ("", ""), id="two slots: none"),
        pytest.param(replace(together(OURS, THEIRS), grant=None), DATES, ("", ""), id="no permission: none"),
        pytest.param(facts(wanted("1"), published()), DATES, ("", ""), id="in sync: none"),
    ],
)
def test_only_the_documents_that_matter_are_asked_for(
    of: PersonFacts, policy: Policy, expected: tuple[str, str]
) -> None:
    """Of most people none is."""
    assert named(of, policy) == expected
