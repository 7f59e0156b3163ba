"""Sections: what this store knows of them by itself, in SQL."""

from collections.abc import Collection, Mapping

from mappers.identifiers import OrcidId
from mappers.sections import Section
from state.facts import SectionKnowledge
from state.sql.engine import Engine, Row, reading


@reading
def section_row(row: Row) -> SectionKnowledge:
    """A row of `sections`."""
    return SectionKnowledge(row["listed_at"], row["filled_at"], row["full_until"], row["strangers"])


class SqlSections:
    """When sections of records were listed and filled, and until when they are full."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, orcid: OrcidId) -> Mapping[Section, SectionKnowledge]:
        """Those of an iD of which something is known."""
        rows = self._engine.run("SELECT * FROM sections WHERE orcid = :orcid", {"orcid": orcid})
        return {Section(row["section"]): section_row(row) for row in rows}

    def know(self, orcid: OrcidId, section: Section, told: Mapping[str, float | str | None]) -> None:
        """The newest listing, the first filling, the last word on being full; None says nothing."""
        self._engine.write(
            "INSERT INTO sections (orcid, section, listed_at, filled_at, full_until, strangers)"
            " VALUES (:orcid, :section, :listed_at, :filled_at, coalesce(:full_until, 0), coalesce(:strangers, ''))"
            " ON CONFLICT (orcid, section) DO UPDATE SET"
            " listed_at = coalesce(excluded.listed_at, sections.listed_at),"
            " filled_at = coalesce(sections.filled_at, excluded.filled_at),"
            " full_until = coalesce(:full_until, sections.full_until),"
            " strangers = coalesce(:strangers, sections.strangers)",
            {"orcid": orcid, "section": section.value, **told},
        )

    def relisting(self, since: float, sections: Collection[Section], now: float) -> tuple[int, int]:
        """Of the sections in which connected people want something: those not listed since then, and those that were.

        Of people with an active grant that serves by `now`, on records that are not suspended.
        """
        named = {f"s{place}": section.value for place, section in enumerate(sorted(sections))}
        places = ", ".join(f":{name}" for name in named) or "''"
        rows = self._engine.run(
            "SELECT count(*) AS wanted, count(CASE WHEN s.listed_at >= :since THEN 1 END) AS listed"
            " FROM (SELECT DISTINCT g.orcid, w.section FROM grants AS g JOIN wanted_items AS w ON w.person = g.person"
            " WHERE g.state = 'active' AND g.access_token <> '' AND g.expires_at > :now AND w.digest IS NOT NULL"
            f" AND w.section IN ({places})) AS r"
            " LEFT JOIN sections AS s ON s.orcid = r.orcid AND s.section = r.section"
            " WHERE NOT EXISTS (SELECT 1 FROM suspensions AS x WHERE x.orcid = r.orcid)",
            {"since": since, "now": now, **named},
        )
        wanted, listed = int(rows[0]["wanted"]), int(rows[0]["listed"])
        return wanted - listed, listed

    def forget(self, before: float) -> None:
        """What was not listed since then counts as never listed nor filled."""
        self._engine.write(
            "UPDATE sections SET listed_at = NULL, filled_at = NULL WHERE listed_at IS NULL OR listed_at < :before",
            {"before": before},
        )
