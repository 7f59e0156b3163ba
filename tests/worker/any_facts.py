"""Facts of every shape that a store could hold, for tests of what always holds."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from mappers.documents import Document, digest
from mappers.forms import Version
from mappers.identifiers import OrcidId
from mappers.secret import Secret
from mappers.sections import Section
from state.facts import Method, Origin, PersonFacts, SectionKnowledge, Standing
from state.permission_facts import (
    Forgetting,
    Former,
    GrantState,
    Move,
    MoveState,
    Suspension,
    SuspensionKind,
)
from tests.worker.builders import (
    JOSIAH,
    LAURE,
    NOW,
    PERSON,
    a_token,
    a_work,
    an_employment,
    facts,
    grant,
    intent,
    published,
    refused,
    wanted,
    withdrawn,
)
from worker.planning.policy import Exclusion, Policy

SUBJECTS = ("1", "2", "3", "4")
WORKS = st.sampled_from(["", "10.1/a", "10.1/b", "10.1/c"]).flatmap(
    lambda doi: st.builds(a_work, st.just(doi), st.sampled_from(["Moa", "Kiwi"]), ids=st.sets(st.just("10.1/z")))
)
EMPLOYMENTS = st.builds(an_employment, st.sampled_from(["Lecturer", "Professor"]))
DOCUMENTS: st.SearchStrategy[Document] = st.one_of(WORKS, EMPLOYMENTS)
POLICIES = st.builds(
    Policy,
    precedence=st.dictionaries(st.sampled_from(["/repository", "/library"]), st.integers(0, 2)),
    list_since=st.sampled_from([None, NOW - 50.0]),
    version=st.sampled_from(list(Version)),
    switched_off=st.frozensets(st.just(Section.EMPLOYMENT)),
)
EXCLUSIONS = st.builds(
    Exclusion, sources=st.frozensets(st.sampled_from(["/repository", "/library"])), withdraw=st.booleans()
)
ANY_POLICIES = st.builds(replace, POLICIES, exclusions=st.lists(EXCLUSIONS, max_size=1).map(tuple))
ORCIDS = st.sampled_from([JOSIAH, JOSIAH, LAURE])
GRANTS = st.one_of(
    st.none(),
    st.builds(
        grant,
        st.sampled_from(["/activities/update", "/orcid-works/create", "/affiliations/update", "/read-limited"]),
        orcid=ORCIDS,
        state=st.sampled_from([GrantState.ACTIVE, GrantState.ACTIVE, GrantState.BROKEN, GrantState.ENDING]),
        expires_at=st.sampled_from([NOW + 100.0, NOW + 100.0, NOW]),
        access_token=st.sampled_from([Secret("the token"), Secret("the token"), None]),
        refresh_token=st.sampled_from([None, Secret("for a new one")]),
    ),
)
FORMER_GRANTS = st.one_of(
    st.none(),
    st.builds(
        grant,
        st.sampled_from(["/activities/update", "/orcid-works/update", "/read-limited"]),
        state=st.sampled_from([GrantState.REPLACED, GrantState.BROKEN, GrantState.ENDING, GrantState.REVOKED]),
        expires_at=st.sampled_from([NOW + 100.0, NOW]),
        access_token=st.sampled_from([Secret("the old token"), None]),
    ),
)
FORGETTING = st.sampled_from(
    [
        None,
        None,
        None,
        Forgetting(PERSON, remove_items=True, since=NOW),
        Forgetting(PERSON, remove_items=False, since=NOW),
    ]
)


@st.composite
def a_wanted(draw: st.DrawFn, subject: str) -> Any:
    """One wanted item of any kind."""
    document = draw(DOCUMENTS)
    match draw(st.sampled_from(["wanted", "wanted", "withdrawn", "refused", "refused by ORCID"])):
        case "withdrawn":
            return withdrawn(subject, document.section)
        case "refused":
            return refused(subject)
        case "refused by ORCID":
            return wanted(subject, document, refused_digest=digest(document), refused_reason="9022")
        case _:
            return wanted(subject, document, source=draw(st.sampled_from(["/repository", "/library"])))


@st.composite
def a_former(draw: st.DrawFn, orcid: OrcidId) -> Former:
    """A record that the person moved away from."""
    granted = draw(FORMER_GRANTS)
    state = draw(st.one_of(st.none(), st.sampled_from(list(MoveState))))
    kind = draw(st.sampled_from([SuspensionKind.LOCKED, SuspensionKind.DEPRECATED]))
    suspension = Suspension(orcid, kind, "", NOW + draw(st.sampled_from([-1.0, 1.0])))
    return Former(
        orcid,
        None if granted is None else replace(granted, orcid=orcid),
        draw(st.sampled_from([None, None, suspension])),
        None if state is None else Move(PERSON, orcid, state, "noted before"),
        draw(st.dictionaries(st.just(Section.WORK), st.sampled_from([NOW - 60.0, NOW - 5.0]))),
    )


@st.composite
def any_facts(draw: st.DrawFn, grants: st.SearchStrategy[Any] = GRANTS, *, any_end: bool = False) -> PersonFacts:
    """Facts of every shape that a store could hold; of who is being forgotten, too, at `any_end`."""
    items: list[Any] = [draw(a_wanted(subject)) for subject in draw(st.sets(st.sampled_from(SUBJECTS)))]
    items.extend(
        published(
            put_code,
            draw(st.sampled_from(SUBJECTS)),
            draw(DOCUMENTS),
            orcid=draw(ORCIDS),
            standing=draw(st.sampled_from(list(Standing))),
            origin=draw(st.sampled_from(list(Origin))),
        )
        for put_code in range(7, 7 + draw(st.integers(0, 4)))
    )
    for number in range(1, 1 + draw(st.integers(0, 3))):
        method = draw(st.sampled_from(list(Method)))
        items.append(
            intent(
                method,
                draw(st.sampled_from(SUBJECTS)),
                draw(DOCUMENTS),
                id=number,
                orcid=draw(ORCIDS),
                put_code=None if method is Method.POST else draw(st.integers(7, 10)),
                ripe_in=draw(st.sampled_from([-20.0, 0.0, 20.0])),
            )
        )
    suspension = Suspension(JOSIAH, SuspensionKind.LOCKED, "", NOW + draw(st.sampled_from([-1.0, 1.0])))
    sections = draw(
        st.dictionaries(
            st.sampled_from([Section.WORK, Section.EMPLOYMENT]),
            st.builds(SectionKnowledge, st.sampled_from([None, NOW - 60.0, NOW - 5.0])),
        )
    )
    granted = draw(grants)
    elsewhere = [orcid for orcid in (JOSIAH, LAURE) if granted is None or orcid != granted.orcid]
    items.extend(draw(a_former(orcid)) for orcid in elsewhere)
    items.extend(a_token(f"token {number}", orcid=draw(ORCIDS)) for number in range(draw(st.integers(0, 2))))
    suspended = draw(st.sampled_from([None, suspension]))
    forgetting = draw(FORGETTING) if any_end else None
    return facts(*items, grant=granted, suspension=suspended, sections=sections, forgetting=forgetting)
