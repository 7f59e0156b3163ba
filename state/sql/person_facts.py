"""All that is known of one person, of one moment, in SQL: what every plan is made from."""

from collections.abc import Mapping, Sequence

from mappers.identifiers import OrcidId
from mappers.sections import Section
from state.facts import PersonFacts, SectionKnowledge
from state.formers import current_grant, ended_grant, former_records
from state.permission_facts import Suspension
from state.sql import blocks, brakes, departures, groups, intents, moves, removals
from state.sql.engine import Answers, Engine, Question, Row
from state.sql.grants import SqlGrants, suspension_row
from state.sql.item_rows import LIGHT, STANDING, published_row, wanted_row
from state.sql.sections import section_row
from state.sql.tokens import SqlTokens
from state.vault import Vault

_ORCIDS = " UNION ".join(
    f"SELECT orcid FROM {table} WHERE person = :person"
    for table in ("grants", "published_items", "tokens", "moves", "intents")
)
_ORCIDS += " AND is_open = 1"
"""All iDs that facts about a person may speak of; calls that are over are not among them, and they are many."""
_WANTED = Question(
    f"SELECT {LIGHT} FROM wanted_items WHERE person = :person ORDER BY section, source, entity, subject, part",
    lambda rows: tuple(wanted_row(row) for row in rows),
)
_PUBLISHED = Question(
    f"SELECT {STANDING} FROM published_items WHERE person = :person ORDER BY orcid, section, put_code",
    lambda rows: tuple(published_row(row) for row in rows),
)


def _by_orcid(rows: Sequence[Row]) -> Mapping[OrcidId, Suspension]:
    return {OrcidId(row["orcid"]): suspension_row(row) for row in rows}


def _by_section(rows: Sequence[Row]) -> Mapping[OrcidId, Mapping[Section, SectionKnowledge]]:
    found: dict[OrcidId, dict[Section, SectionKnowledge]] = {}
    for row in rows:
        found.setdefault(OrcidId(row["orcid"]), {})[Section(row["section"])] = section_row(row)
    return found


_SUSPENSIONS = Question(f"SELECT * FROM suspensions WHERE orcid IN ({_ORCIDS})", _by_orcid)
_SECTIONS = Question(f"SELECT * FROM sections WHERE orcid IN ({_ORCIDS})", _by_section)


class SqlPersonFacts:
    """All that is known of a person."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._grants = SqlGrants(engine, vault).asked
        self._tokens = SqlTokens(engine, vault).asked_to_revoke
        self._questions: tuple[Question[object], ...] = (
            *(_WANTED, _PUBLISHED, _SUSPENSIONS, _SECTIONS, self._grants, self._tokens),
            *(intents.OPEN_OF, groups.OF_PERSON, departures.OF_PERSON, moves.OF_PERSON, removals.OF_PERSON),
            *(blocks.FORGETTING, brakes.BRAKES, brakes.SUPPRESSIONS),
        )

    def of(self, person: str) -> PersonFacts:
        """Of one moment."""
        with self._engine.snapshot():
            told = Answers(self._engine, person, self._questions)
        grants, tokens, published = told.to(self._grants), told.to(self._tokens), told.to(_PUBLISHED)
        suspensions, sections = told.to(_SUSPENSIONS), told.to(_SECTIONS)
        open_intents, grant = told.to(intents.OPEN_OF), current_grant(grants)
        return PersonFacts(
            person=person,
            grant=grant,
            suspension=suspensions.get(grant.orcid) if grant else None,
            wanted=told.to(_WANTED),
            published=published,
            intents=tuple(open_intents),
            sections=sections.get(grant.orcid, {}) if grant else {},
            groups=told.to(groups.OF_PERSON),
            departures=tuple(told.to(departures.OF_PERSON)),
            former=former_records(
                grants,
                told.to(moves.OF_PERSON),
                tokens,
                [*published, *open_intents],
                suspension=suspensions.get,
                sections=lambda orcid: sections.get(orcid, {}),
            ),
            tokens=tuple(tokens),
            forgetting=told.to(blocks.FORGETTING),
            ended=ended_grant(grants),
            removals={one.place: one for one in told.to(removals.OF_PERSON)},
            brakes=tuple(told.to(brakes.BRAKES)),
            suppressed={one.record: one.withdraw for one in told.to(brakes.SUPPRESSIONS)},
        )
