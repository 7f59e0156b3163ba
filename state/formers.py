"""Former records: those that a person moved away from, with what of ours may be left there. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from mappers.identifiers import OrcidId
from mappers.sections import Section
from state.facts import Intent, Published, SectionKnowledge, Standing
from state.permission_facts import Former, Grant, GrantState, KeptToken, Move, Suspension

STANDING = frozenset({Standing.LIVE, Standing.MISSING})
"""What may still stand on the record."""

_CURRENT = (GrantState.ACTIVE, GrantState.BROKEN, GrantState.ENDING)


def current_grant(grants: Iterable[Grant]) -> Grant | None:
    """Of one person's grants the active one, else a broken one, else an ending one; the newest of each."""
    current = (grant for grant in grants if grant.state in _CURRENT)
    return min(current, key=lambda one: (_CURRENT.index(one.state), -one.granted_at, one.orcid), default=None)


def ended_grant(grants: Iterable[Grant]) -> Grant | None:
    """Of a person without a current grant the newest that was revoked, if any."""
    known = list(grants)
    ended = (grant for grant in known if grant.state is GrantState.REVOKED)
    return None if current_grant(known) else max(ended, key=lambda one: (one.granted_at, one.orcid), default=None)


def former_records(
    grants: Sequence[Grant],
    moves: Iterable[Move],
    tokens: Iterable[KeptToken],
    left: Iterable[Published | Intent],
    *,
    suspension: Callable[[OrcidId], Suspension | None],
    sections: Callable[[OrcidId], Mapping[Section, SectionKnowledge]],
) -> tuple[Former, ...]:
    """One person's former records, by iD.

    Those where tokens are to be revoked; and, as long as the person has a current grant elsewhere, those where
    something of ours stands or may stand, that a move is noted from, or whose grant is ending.
    """
    of_id = {grant.orcid: grant for grant in grants}
    moved = {move.orcid: move for move in moves}
    current = current_grant(grants)
    found = {token.orcid for token in tokens}
    if current is not None:
        found |= {one.orcid for one in left if isinstance(one, Intent) or one.standing in STANDING}
        found |= moved.keys() | {grant.orcid for grant in grants if grant.state is GrantState.ENDING}
        found.discard(current.orcid)
    return tuple(
        Former(orcid, of_id.get(orcid), suspension(orcid), moved.get(orcid), _listed_at(sections(orcid)))
        for orcid in sorted(found)
    )


def _listed_at(sections: Mapping[Section, SectionKnowledge]) -> dict[Section, float]:
    return {section: known.listed_at for section, known in sections.items() if known.listed_at is not None}
