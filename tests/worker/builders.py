"""Facts made up for tests: each function fills in what the test does not care about."""

from collections.abc import Iterable, Mapping
from typing import Any

from mappers.documents import Affiliation, Document, ExternalId, Organization, Work, digest, dump, self_ids
from mappers.identifiers import OWN_TYPE, OrcidId
from mappers.secret import Secret
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import Intent, Method, PersonFacts, Published, SectionKnowledge, Wanted
from state.permission_facts import Forgetting, Former, Grant, GrantState, KeptToken, Move, MoveState, Suspension
from worker.planning import steps
from worker.planning.policy import Policy

NOW = 1_764_000_000.0
YEAR = 365 * 86_400.0
PERSON = "E1024"
JOSIAH = OrcidId("0000-0002-1825-0097")
LAURE = OrcidId("0000-0001-5109-3700")
ALL_SCOPES = frozenset({"/activities/update", "/person/update", "/read-limited"})
POLICY = Policy(settle_seconds=10.0)


def a_work(doi: str = "10.1/a", title: str = "Moa", *, ids: Iterable[str] = ()) -> Work:
    """A work with one DOI of its own (none when it is empty), and further ones."""
    known = [ExternalId(type="doi", value=value) for value in (doi, *ids) if value]
    return Work(title=title, type="journal-article", external_ids=tuple(known))


def an_employment(role: str = "Lecturer") -> Affiliation:
    """An employment, which has no identifier but ours."""
    organization = Organization(
        name="Example University",
        city="Boston",
        country="US",
        identifier="https://ror.org/05gvnxz63",
        identifier_source="ROR",
    )
    return Affiliation(organization=organization, role_title=role)


def a_record(subject: str = "1", source: str = "/repository") -> SourceKey:
    """A source record."""
    return SourceKey(source, "publication", subject)


def a_key(
    subject: str = "1", section: Section = Section.WORK, source: str = "/repository", person: str = PERSON
) -> ItemKey:
    """The key of the only item of a source record."""
    return ItemKey(person, section, a_record(subject, source))


def wanted(subject: str = "1", document: Document | None = None, *, source: str = "/repository", **rest: Any) -> Wanted:
    """A wanted item: by default a work with a DOI of its own."""
    made = document or a_work(f"10.1/{subject}")
    known: dict[str, Any] = {"digest": digest(made), "self_ids": self_ids(made)}
    return Wanted(a_key(subject, made.section, source), **{**known, **rest})


def withdrawn(subject: str = "1", section: Section = Section.WORK, **rest: Any) -> Wanted:
    """An item that its source wants no more."""
    return Wanted(a_key(subject, section), None, frozenset(), **rest)


def refused(subject: str = "1", refusal: str = "type: poem is unknown", **rest: Any) -> Wanted:
    """An item that our own rules refuse."""
    return Wanted(a_key(subject), None, frozenset(), refusal=refusal, **rest)


def published(
    put_code: int = 7,
    subject: str = "1",
    document: Document | None = None,
    *,
    orcid: OrcidId = JOSIAH,
    own_id: str | None = None,
    **rest: Any,
) -> Published:
    """What stands under a put-code: by default the document that `wanted` of the same subject wants."""
    made = document or a_work(f"10.1/{subject}")
    own = frozenset({f"{OWN_TYPE}:{own_id}"} if own_id else ())
    known: dict[str, Any] = {"digest": digest(made), "self_ids": self_ids(made) | own}
    key = a_key(subject, made.section)
    return Published(PERSON, orcid, made.section, put_code, key, own_id=own_id, **{**known, **rest})


def intent(
    method: Method = Method.POST,
    subject: str = "1",
    document: Document | None = None,
    *,
    put_code: int | None = None,
    ripe_in: float = 0.0,
    **rest: Any,
) -> Intent:
    """A write that got no clear answer, ripe in so many seconds."""
    made = document or a_work(f"10.1/{subject}")
    known: dict[str, Any] = {
        "id": 1,
        "call": 1,
        "person": PERSON,
        "orcid": JOSIAH,
        "item": a_key(subject, made.section),
        "digest": digest(made),
        "own_id": None,
        "self_ids": self_ids(made),
        "document": dump(made) if method is Method.POST else None,
        "opened_at": NOW - 60.0,
        "ripe_at": NOW + ripe_in,
        "epoch": 1,
    }
    return Intent(method=method, put_code=put_code, **{**known, **rest})


def grant(*scopes: str, **rest: Any) -> Grant:
    """An active grant, of every scope unless some are given."""
    known: dict[str, Any] = {
        "person": PERSON,
        "orcid": JOSIAH,
        "name": "Josiah Carberry",
        "access_token": Secret("4bed1e13-7792-4129-9f07-aaf7b88ba88f"),
        "refresh_token": None,
        "expires_at": NOW + 20 * YEAR,
        "granted_at": NOW - YEAR,
    }
    return Grant(scopes=frozenset(scopes) or ALL_SCOPES, **{**known, **rest})


GRANTED = grant()


def former(*scopes: str, orcid: OrcidId = LAURE, move: MoveState | None = None, **rest: Any) -> Former:
    """A record that the person moved away from, with its old grant (of every scope unless some are given)."""
    known: dict[str, Any] = {
        "grant": grant(*scopes, orcid=orcid, state=GrantState.REPLACED, access_token=Secret("old token")),
        "suspension": None,
        "move": None if move is None else Move(PERSON, orcid, move, "noted before"),
    }
    return Former(orcid, **{**known, **rest})


def a_token(name: str = "token", *, orcid: OrcidId = JOSIAH) -> KeptToken:
    """A token that shall be revoked; its mark is its name."""
    return KeptToken(name, PERSON, orcid, NOW - YEAR, Secret(f"{name} itself"), to_revoke=True)


def facts(
    *items: Wanted | Published | Intent | Former | KeptToken,
    grant: Grant | None = GRANTED,
    suspension: Suspension | None = None,
    sections: Mapping[Section, SectionKnowledge] | None = None,
    forgetting: Forgetting | None = None,
) -> PersonFacts:
    """All that planning reads of one person."""
    return PersonFacts(
        person=PERSON,
        grant=grant,
        suspension=suspension,
        wanted=tuple(one for one in items if isinstance(one, Wanted)),
        published=tuple(one for one in items if isinstance(one, Published)),
        intents=tuple(one for one in items if isinstance(one, Intent)),
        sections=sections or {},
        former=tuple(one for one in items if isinstance(one, Former)),
        tokens=tuple(one for one in items if isinstance(one, KeptToken)),
        forgetting=forgetting,
    )


def listed(at: float, section: Section = Section.WORK) -> dict[Section, SectionKnowledge]:
    """That a section was listed then."""
    return {section: SectionKnowledge(listed_at=at)}


def told(one: steps.CallStep | steps.NoteStep) -> str:
    """A step in words: source records by their subject, what stands by its put-code."""
    match one:
        case steps.Add():
            return f"add {one.item.key.record.subject}"
        case steps.AddWorks():
            return " ".join(("add together", *(each.item.key.record.subject for each in one.adds)))
        case steps.Update():
            return f"update {one.published.put_code} with {one.item.key.record.subject}"
        case steps.MoveAside():
            return f"move {one.published.put_code} aside"
        case steps.EnsureGroup():
            return f"ensure {one.group.id}"
        case steps.Remove():
            return f"remove {one.published.put_code}"
        case steps.Repeat():
            return " ".join(("repeat", *(each.item.record.subject for each in one.intents)))
        case steps.ListSection():
            return f"list {one.section}"
        case steps.ReadItems():
            return " ".join(("read", *(str(each.put_code) for each in one.found)))
        case steps.Reassign():
            return f"give {one.published.put_code} to {one.item.record.subject}"
        case steps.Forget():
            return f"forget {one.key.record.subject}"
        case steps.Refresh():
            return "refresh"
        case steps.RevokeToken():
            return f"revoke {one.token.mark}"
        case steps.DropMove():
            return f"drop the move from {one.orcid}"
        case steps.GiveUp():
            return " ".join(("give up", *(each.item.record.subject for each in one.intents)))
        case steps.EndGrant():
            return f"end the grant on {one.grant.orcid}"


def steps_of(plan: steps.Plan) -> list[str]:
    """Calls in their order, then notes, in words."""
    return [told(one) for one in (*plan.calls, *plan.notes)]


def states_of(plan: steps.Plan) -> dict[str, str]:
    """The state of each wanted item, by the subject of its source record."""
    return {one.key.record.subject: one.state.value for one in plan.standings}


def reasons_of(plan: steps.Plan) -> dict[str, str]:
    """Why each wanted item is in its state."""
    return {one.key.record.subject: one.reason for one in plan.standings}
