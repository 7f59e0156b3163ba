"""Provisional verdicts, in SQL."""

from collections.abc import Sequence
from dataclasses import asdict

from mappers.identifiers import OrcidId
from state.sql.engine import Engine, Row, reading
from state.verdict_facts import ProvisionalVerdict, VerdictKind

_IN_ORDER = "ORDER BY at, orcid, kind, what"


@reading
def _verdict(row: Row) -> ProvisionalVerdict:
    return ProvisionalVerdict(
        person=row["person"],
        orcid=OrcidId(row["orcid"]),
        kind=VerdictKind(row["kind"]),
        what=row["what"],
        at=row["at"],
        confirmed_at=row["confirmed_at"],
    )


class SqlVerdicts:
    """What ORCID said lately about people's records."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, verdict: ProvisionalVerdict) -> None:
        """By iD, kind and what."""
        self._engine.write(
            "INSERT INTO verdicts (person, orcid, kind, what, at, confirmed_at)"
            " VALUES (:person, :orcid, :kind, :what, :at, :confirmed_at)"
            " ON CONFLICT (orcid, kind, what) DO UPDATE SET person = excluded.person, at = excluded.at,"
            " confirmed_at = excluded.confirmed_at",
            {**asdict(verdict), "kind": verdict.kind.value},
        )

    def of_kind(self, kind: VerdictKind) -> Sequence[ProvisionalVerdict]:
        """The oldest first."""
        rows = self._engine.run(f"SELECT * FROM verdicts WHERE kind = :kind {_IN_ORDER}", {"kind": kind.value})
        return [_verdict(row) for row in rows]

    def of_person(self, person: str) -> Sequence[ProvisionalVerdict]:
        """The oldest first."""
        rows = self._engine.run(f"SELECT * FROM verdicts WHERE person = :person {_IN_ORDER}", {"person": person})
        return [_verdict(row) for row in rows]

    def people_since(self, kind: VerdictKind, at: float) -> int:
        """Without confirmed ones."""
        sql = (
            "SELECT count(DISTINCT person) AS n FROM verdicts WHERE kind = :kind AND confirmed_at IS NULL AND at >= :at"
        )
        return int(self._engine.run(sql, {"kind": kind.value, "at": at})[0]["n"])

    def confirmed_at(self, kind: VerdictKind) -> float | None:
        """The latest time."""
        rows = self._engine.run("SELECT max(confirmed_at) AS at FROM verdicts WHERE kind = :kind", {"kind": kind.value})
        found: float | None = rows[0]["at"]
        return found

    def confirm(self, kind: VerdictKind, at: float) -> None:
        """All that are not confirmed yet."""
        self._engine.write(
            "UPDATE verdicts SET confirmed_at = :at WHERE kind = :kind AND confirmed_at IS NULL",
            {"kind": kind.value, "at": at},
        )

    def drop(self, verdict: ProvisionalVerdict) -> None:
        """By iD, kind and what."""
        self._engine.write(
            "DELETE FROM verdicts WHERE orcid = :orcid AND kind = :kind AND what = :what",
            {"orcid": verdict.orcid, "kind": verdict.kind.value, "what": verdict.what},
        )

    def forget(self, before: float) -> None:
        """By when they came, or were confirmed."""
        self._engine.write(
            "DELETE FROM verdicts WHERE at < :before AND (confirmed_at IS NULL OR confirmed_at < :before)",
            {"before": before},
        )
