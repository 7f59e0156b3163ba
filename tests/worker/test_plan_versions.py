"""What a version of the API changes in plans (ARCHITECTURE.md 5 and 7; API_FACTS.md 4)."""

from typing import Any

import pytest

from mappers.documents import Address, PersonExternalId
from mappers.forms import Version
from mappers.sections import Section
from state.facts import Method, PersonFacts, SectionKnowledge
from tests.worker.builders import (
    NOW,
    facts,
    grant,
    intent,
    listed,
    published,
    reasons_of,
    states_of,
    steps_of,
    wanted,
    withdrawn,
)
from tests.worker.documents import a_document
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy

V3, V2 = Policy(), Policy(version=Version.V2_1)
LACKS = "v2.1 has no work type preprint"
JOB = a_document(Section.EMPLOYMENT)
SEAT = a_document(Section.MEMBERSHIP)
BRAZIL, CHILE = Address(country="BR"), Address(country="CL")


@pytest.mark.parametrize(
    ("of", "expected", "state", "reason"),
    [
        pytest.param(facts(wanted(v2_1_lacks=LACKS)), [], "waiting", LACKS, id="to be added, and v2.1 lacks something"),
        pytest.param(
            facts(wanted(v2_1_lacks=LACKS), published(document=a_document(Section.WORK))),
            [],
            "waiting",
            LACKS,
            id="to be changed, and v2.1 lacks something",
        ),
        pytest.param(facts(wanted(v2_1_lacks=LACKS), published()), [], "in_sync", "", id="stands as it is wanted"),
        pytest.param(
            facts(wanted("1", SEAT)), [], "waiting", "v2.1 has no section membership", id="section that v2.1 lacks: add"
        ),
        pytest.param(
            facts(withdrawn("1", Section.MEMBERSHIP), published(7, "1", SEAT)),
            [],
            "waiting",
            "v2.1 has no section membership",
            id="section that v2.1 lacks: remove",
        ),
        pytest.param(
            facts(wanted("1", SEAT), published(7, "1", SEAT)), [], "in_sync", "", id="section that v2.1 lacks: in sync"
        ),
        pytest.param(
            facts(wanted(v2_1_drops="url, external-ids"), published()),
            [],
            "in_sync",
            "API v2.1 leaves out: url, external-ids",
            id="what v2.1 leaves out is told",
        ),
    ],
)
def test_what_v2_1_cannot_carry(of: PersonFacts, expected: list[str], state: str, reason: str) -> None:
    """An item waits where a call would be needed; on v3.0 nothing of it is said."""
    made = plan(of, V2, NOW)

    assert (steps_of(made), states_of(made), reasons_of(made)) == (expected, {"1": state}, {"1": reason})
    assert "v2.1" not in reasons_of(plan(of, V3, NOW))["1"]


def own_ids(of: PersonFacts, policy: Policy) -> list[bool]:
    """Whether the calls carry our own id."""
    return [call.own_id is not None for call in plan(of, policy, NOW).calls if isinstance(call, steps.Add)]


@pytest.mark.parametrize(
    ("section", "identifiers", "v3", "v2"),
    [
        pytest.param(Section.EMPLOYMENT, "", True, False, id="affiliation: on v3.0 only"),
        pytest.param(Section.EDUCATION, "a", True, False, id="affiliation with an identifier: on v3.0 all the same"),
        pytest.param(Section.WORK, "", True, True, id="work without identifiers: on both"),
        pytest.param(Section.WORK, "a", False, False, id="work with an identifier: on none"),
        pytest.param(Section.FUNDING, "", True, True, id="funding without identifiers"),
        pytest.param(Section.PEER_REVIEW, "", True, True, id="peer review without identifiers"),
        pytest.param(Section.RESEARCH_RESOURCE, "", True, None, id="research resource without identifiers"),
        pytest.param(Section.KEYWORDS, "", False, False, id="keyword: known by its content"),
    ],
)
def test_where_our_own_id_goes(section: Section, identifiers: str, *, v3: bool, v2: bool | None) -> None:
    """With every affiliation that can carry it, wherever nothing else is `self`, never in a person section."""
    of = facts(wanted("1", a_document(section, identifiers)), sections=listed(NOW - 99.0, section))

    assert own_ids(of, V3) == [v3]
    assert own_ids(of, V2) == ([] if v2 is None else [v2])


@pytest.mark.parametrize("version", list(Version))
def test_a_switch_of_version_is_no_difference(version: Version) -> None:
    """What stands was written in the other version, and stays."""
    policy = Policy(version=version)
    own = published(7, "1", JOB, own_id=V3.own_id(wanted("1", JOB).key))
    items: list[Any] = [wanted("1", JOB), own, wanted("2"), published(8, "2")]

    assert steps_of(plan(facts(*items), policy, NOW)) == []


NOT_DEDUPLICATED = [
    pytest.param(JOB, V2, id="affiliation on v2.1"),
    pytest.param(BRAZIL, V3, id="address on v3.0"),
    pytest.param(BRAZIL, V2, id="address on v2.1"),
]


@pytest.mark.parametrize(("document", "policy"), NOT_DEDUPLICATED)
class TestWhereOrcidDoesNotDeduplicate:
    """Whatever is sent twice stands twice, so that what stands there is found out first."""

    def test_a_section_that_we_do_not_know_is_listed_first(self, document: Any, policy: Policy) -> None:
        """Before the first Add, by this store."""
        made = plan(facts(wanted("1", document)), policy, NOW)

        assert (steps_of(made), states_of(made)) == ([f"list {document.section}"], {"1": "pending"})

    @pytest.mark.parametrize(
        "known",
        [SectionKnowledge(listed_at=NOW - 9e6), SectionKnowledge(filled_at=NOW - 9e6)],
        ids=["listed", "filled"],
    )
    def test_a_section_that_we_know_is_added_to(self, document: Any, policy: Policy, known: SectionKnowledge) -> None:
        """Listed once, or filled by us."""
        of = facts(wanted("1", document), sections={document.section: known})

        assert steps_of(plan(of, policy, NOW)) == ["add 1"]

    def test_what_stands_is_updated_without_a_list(self, document: Any, policy: Policy) -> None:
        """We know its put-code."""
        of = facts(wanted("1", document), published(7, "1", document, digest="another"))

        assert steps_of(plan(of, policy, NOW)) == ["update 7 with 1"]

    @pytest.mark.parametrize(
        ("ripe_in", "listed_in", "expected", "wake_in"),
        [
            pytest.param(30.0, None, [], 30.0, id="it may still be carried out: wait"),
            pytest.param(0.0, None, ["list"], None, id="ripe: list"),
            pytest.param(-20.0, -30.0, ["list"], None, id="listed before it was ripe: list"),
            pytest.param(-20.0, -4.0, [], 6.0, id="listed once since: wait for the settle time"),
            pytest.param(-20.0, -10.0, ["list"], None, id="listed once, a settle time ago: list again"),
        ],
    )
    def test_a_post_in_doubt_is_never_repeated_blindly(
        self,
        document: Any,
        policy: Policy,
        ripe_in: float,
        listed_in: float | None,
        expected: list[str],
        wake_in: float | None,
    ) -> None:
        """Two lists, a settle time apart, tell; the second one ends the doubt."""
        knowledge = {} if listed_in is None else listed(NOW + listed_in, document.section)
        doubt = intent(Method.POST, "1", document, ripe_in=ripe_in)
        made = plan(facts(wanted("1", document), doubt, sections=knowledge), policy, NOW)

        assert steps_of(made) == [f"{one} {document.section}" for one in expected]
        assert (states_of(made), made.wake_at) == ({"1": "in_doubt"}, None if wake_in is None else NOW + wake_in)


def test_an_affiliation_on_v3_is_added_without_a_list() -> None:
    """ORCID tells by our own id whether it has it."""
    assert steps_of(plan(facts(wanted("1", JOB)), V3, NOW)) == ["add 1"]


def test_a_new_country_is_an_update() -> None:
    """A person has one address, whose part is empty."""
    of = facts(wanted("1", BRAZIL), published(7, "1", CHILE))

    assert steps_of(plan(of, V3, NOW)) == ["update 7 with 1"]


def test_removing_goes_by_the_scopes_to_remove() -> None:
    """What lets us add an identifier of the person does not let us take it off."""
    document = PersonExternalId(type="Employee number", value="17", url="https://example.org/17")
    of = facts(
        withdrawn("1", document.section),
        published(7, "1", document),
        wanted("2", document.model_copy(update={"value": "18"})),
        grant=grant("/orcid-bio/external-identifiers/create"),
    )
    made = plan(of, V3, NOW)

    assert steps_of(made) == ["add 2"]
    scopes = " or ".join(sorted(document.section.remove_scopes))
    assert reasons_of(made)["1"] == f"the permission lacks a scope for external-identifiers: {scopes}"
