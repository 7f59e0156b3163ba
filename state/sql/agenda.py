"""The agenda, in SQL."""

from collections.abc import Iterable, Sequence

from state.facts import Due
from state.sql.engine import Engine

# In the statements below the smaller of two times, where NULL is never.
_EARLIER = "CASE WHEN {a} IS NULL THEN {b} WHEN {b} IS NULL THEN {a} WHEN {a} < {b} THEN {a} ELSE {b} END"


_SINCE = "coalesce(agenda.quiet_since, excluded.quiet_since)"
_UNTIL = "CASE WHEN {since} + :longest < :now + :quiet THEN {since} + :longest ELSE :now + :quiet END"
_NEW, _AGAIN = _UNTIL.format(since=":now"), _UNTIL.format(since=_SINCE)
_PUT = "INSERT INTO agenda (person, due_at, quiet_since, quiet_until, retry_at, revision, failures)"
_CHANGED = (
    f"{_PUT} VALUES (:person, {_NEW}, :now, {_NEW}, NULL, 1, 0) ON CONFLICT (person) DO UPDATE SET"
    f" due_at = CASE WHEN agenda.retry_at < {_AGAIN} THEN agenda.retry_at ELSE {_AGAIN} END,"
    f" quiet_since = {_SINCE}, quiet_until = {_AGAIN}, revision = agenda.revision + 1"
)

_EACH = ", ".join(
    f"{table}_people (person) AS (SELECT min(person) FROM {table} UNION ALL SELECT (SELECT min(person) FROM {table}"
    f" WHERE person > {table}_people.person) FROM {table}_people WHERE person IS NOT NULL)"
    for table in ("wanted_items", "published_items")
)
"""From one person to the next by the index: what there is of each, and it may be much, is passed over."""
_EVERYBODY_CHANGED = (
    f"{_PUT} WITH RECURSIVE {_EACH} SELECT person, CAST(:now AS DOUBLE PRECISION), CAST(:now AS DOUBLE PRECISION),"
    " CAST(:now AS DOUBLE PRECISION), NULL, 1, 0 FROM (SELECT person FROM wanted_items_people"
    " UNION SELECT person FROM published_items_people UNION SELECT person FROM grants) AS everybody"
    " WHERE person IS NOT NULL ON CONFLICT (person) DO UPDATE SET"
    " due_at = CASE WHEN agenda.retry_at < {until} THEN agenda.retry_at ELSE {until} END,"
    f" quiet_since = {_SINCE}, quiet_until = {{until}}, revision = agenda.revision + 1"
).format(until=f"CASE WHEN {_SINCE} < :now THEN {_SINCE} ELSE :now END")


class SqlAgenda:
    """Who is due to be looked at, and when."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def changed(self, person: str, quiet: float, quiet_max: float) -> None:
        """Due when quiet, at most `quiet_max` after the first change."""
        self._engine.write(
            _CHANGED, {"person": person, "now": self._engine.now(), "quiet": quiet, "longest": quiet_max}
        )

    def everybody_changed(self) -> None:
        """In one statement."""
        self._engine.write(_EVERYBODY_CHANGED, {"now": self._engine.now()})

    def retry(self, person: str, at: float | None, revision: int, failures: int) -> None:
        """A change that came meanwhile stays."""
        earlier = _EARLIER.format(a="quiet_until", b="CAST(:at AS DOUBLE PRECISION)")
        self._engine.write(
            "UPDATE agenda SET retry_at = :at, failures = :failures,"
            f" due_at = CASE WHEN revision = :revision THEN :at ELSE {earlier} END,"
            " quiet_since = CASE WHEN revision = :revision THEN NULL ELSE quiet_since END,"
            " quiet_until = CASE WHEN revision = :revision THEN NULL ELSE quiet_until END"
            " WHERE person = :person",
            {"person": person, "at": at, "revision": revision, "failures": failures},
        )

    def due(
        self,
        now: float,
        limit: int,
        skip: Iterable[str] = (),
        *,
        failing: bool | None = None,
        newest: bool = False,
    ) -> Sequence[Due]:
        """The longest due first."""
        skipped = set(skip)
        order = "DESC" if newest else "ASC"
        which = {None: "", True: " AND failures > 0", False: " AND failures = 0"}[failing]
        rows = self._engine.run(
            f"SELECT person, due_at, revision, failures FROM agenda WHERE due_at <= :now{which}"
            f" ORDER BY due_at {order}, person {order} LIMIT :limit",
            {"now": now, "limit": limit + len(skipped)},
        )
        found = [Due(row["person"], row["due_at"], row["revision"], row["failures"]) for row in rows]
        return [due for due in found if due.person not in skipped][:limit]

    def of(self, person: str) -> Due | None:
        """By person."""
        rows = self._engine.run(
            "SELECT person, due_at, revision, failures FROM agenda WHERE person = :person AND due_at IS NOT NULL",
            {"person": person},
        )
        return Due(person, rows[0]["due_at"], rows[0]["revision"], rows[0]["failures"]) if rows else None

    def revision(self, person: str) -> int:
        """Grows with every change."""
        rows = self._engine.run("SELECT revision FROM agenda WHERE person = :person", {"person": person})
        return int(rows[0]["revision"]) if rows else 0

    def next_at(self) -> float | None:
        """The earliest."""
        rows = self._engine.run("SELECT min(due_at) AS at FROM agenda WHERE due_at IS NOT NULL")
        at = rows[0]["at"]
        return None if at is None else float(at)

    def all_due(self) -> int:
        """On the agenda."""
        return int(self._engine.run("SELECT count(*) AS n FROM agenda WHERE due_at IS NOT NULL")[0]["n"])

    def overdue(self, now: float) -> int:
        """By now."""
        return int(self._engine.run("SELECT count(*) AS n FROM agenda WHERE due_at <= :now", {"now": now})[0]["n"])
