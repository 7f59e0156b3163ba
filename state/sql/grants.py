"""Grants and suspensions, in SQL; tokens sealed."""

from collections.abc import Iterator, Mapping, Sequence

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from state.permission_facts import Found, Grant, GrantState, PersonPermission, Sought, Suspension, SuspensionKind
from state.sql.engine import Engine, Question, Row, reading
from state.sql.pages import next_persons, pages
from state.vault import Vault

LOOKED = 1000
"""People whom one search looks at: some ten milliseconds, or a quarter of a second where all comes from a slow disk."""

_TABLES = ("wanted_items", "published_items", "grants", "people")
_AHEAD = "{0}.person > :after AND {0}.person <= (SELECT last FROM edge)"
_PART = "lower(person) LIKE :part ESCAPE '!'"
_STATES = {state.value: f"state = '{state.value}'" for state in GrantState} | {
    "active": "state = 'active' AND expires_at > :now",
    "expired": "state = 'active' AND expires_at <= :now",
}


def _search(sought: Sought) -> str:
    """SQL that looks at the next LOOKED people behind `:after`, by the index that leaves the fewest.

    Gives `looked`, how many there were, and `last` of them, with each of those who may be sought and each of their
    grants, the one that counts first; one row without a person where there are none. Wherever a table comes up again
    it is bound by `last`, so that no plan reads more of it.
    """
    among, those = next_persons(*_TABLES), f"SELECT person FROM everyone WHERE {_PART}"
    if sought.person:
        where = "WHERE person = :person AND person > :after LIMIT 1"
        among = " UNION ".join(f"SELECT * FROM (SELECT person FROM {table} {where}) AS of_{table}" for table in _TABLES)
    elif sought.orcid is not None:
        among = "SELECT DISTINCT person FROM grants WHERE orcid = :orcid AND person > :after"
        among += " ORDER BY person LIMIT :page_rows"
    elif sought.permission in _STATES:
        among, condition = next_persons("grants"), _STATES[sought.permission]
        those = f"SELECT DISTINCT person FROM grants WHERE {_AHEAD.format('grants')} AND {_PART} AND {condition}"
    elif sought.permission == "denied":
        among = next_persons("people")
        those = f"SELECT person FROM people WHERE {_AHEAD.format('people')} AND {_PART} AND denied_at > 0"
    elif sought.permission == "none":
        those += f" EXCEPT SELECT person FROM grants WHERE {_AHEAD.format('grants')}"
    return (
        f"WITH everyone AS ({among}), edge AS (SELECT max(person) AS last, count(*) AS looked FROM everyone)"
        " SELECT last, looked, those.person AS person, orcid, grants.name AS name, state, reason, granted_at,"
        f" expires_at, denied_at FROM edge LEFT JOIN ({those}) AS those ON 1 = 1"
        f" LEFT JOIN grants ON grants.person = those.person AND {_AHEAD.format('grants')}"
        f" LEFT JOIN people ON people.person = those.person AND {_AHEAD.format('people')} ORDER BY those.person,"
        " CASE state WHEN 'active' THEN 0 ELSE 1 END, granted_at DESC, orcid"
    )


@reading
def suspension_row(row: Row) -> Suspension:
    """A row of `suspensions`."""
    return Suspension(OrcidId(row["orcid"]), SuspensionKind(row["kind"]), row["detail"], row["look_again_at"])


@reading
def _permission(row: Row) -> PersonPermission:
    return PersonPermission(
        person=row["person"],
        orcid=None if row["orcid"] is None else OrcidId(row["orcid"]),
        name=row["name"] or "",
        state=None if row["state"] is None else GrantState(row["state"]),
        reason=row["reason"] or "",
        granted_at=row["granted_at"] or 0.0,
        expires_at=row["expires_at"] or 0.0,
        denied_at=row["denied_at"] or 0.0,
    )


class SqlGrants:
    """What people allowed us, and records that take no writes."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self.asked: Question[Sequence[Grant]] = Question(
            "SELECT * FROM grants WHERE person = :person ORDER BY granted_at DESC, orcid",
            lambda rows: [self._grant(row) for row in rows],
        )

    def _token(self, sealed: str | None) -> Secret | None:
        return None if sealed is None else Secret(self._vault.open(sealed).decode())

    @reading
    def _grant(self, row: Row) -> Grant:
        return Grant(
            person=row["person"],
            orcid=OrcidId(row["orcid"]),
            name=row["name"],
            scopes=frozenset(row["scopes"].split()),
            access_token=self._token(row["access_token"] or None),
            refresh_token=self._token(row["refresh_token"]),
            expires_at=row["expires_at"],
            granted_at=row["granted_at"],
            state=GrantState(row["state"]),
            reason=row["reason"],
            refreshed_at=row["refreshed_at"],
        )

    def put(self, grant: Grant) -> None:
        """At most one of a person stays active."""
        with self._engine.together():
            if grant.state is GrantState.ACTIVE:
                self._engine.write(
                    "UPDATE grants SET state = 'replaced', reason = :reason"
                    " WHERE person = :person AND orcid <> :orcid AND state = 'active'",
                    {"person": grant.person, "orcid": grant.orcid, "reason": f"replaced by a grant on {grant.orcid}"},
                )
            access, refresh = grant.access_token, grant.refresh_token
            self._engine.write(
                "INSERT INTO grants (person, orcid, name, scopes, access_token, refresh_token, expires_at, granted_at,"
                " state, reason, refreshed_at) VALUES (:person, :orcid, :name, :scopes, :access_token, :refresh_token,"
                " :expires_at, :granted_at, :state, :reason, :refreshed_at)"
                " ON CONFLICT (person, orcid) DO UPDATE SET name = excluded.name, scopes = excluded.scopes,"
                " access_token = excluded.access_token, refresh_token = excluded.refresh_token,"
                " expires_at = excluded.expires_at, granted_at = excluded.granted_at, state = excluded.state,"
                " reason = excluded.reason, refreshed_at = excluded.refreshed_at",
                {
                    "person": grant.person,
                    "orcid": grant.orcid,
                    "name": grant.name,
                    "scopes": " ".join(sorted(grant.scopes)),
                    "access_token": "" if access is None else self._vault.seal(access.reveal().encode()),
                    "refresh_token": None if refresh is None else self._vault.seal(refresh.reveal().encode()),
                    "expires_at": grant.expires_at,
                    "granted_at": grant.granted_at,
                    "state": grant.state.value,
                    "reason": grant.reason,
                    "refreshed_at": grant.refreshed_at,
                },
            )

    def active(self, person: str) -> Grant | None:
        """The person's active grant; the newest if several were marked so."""
        sql = "SELECT * FROM grants WHERE person = :person AND state = 'active' ORDER BY granted_at DESC, orcid LIMIT 1"
        rows = self._engine.run(sql, {"person": person})
        return self._grant(rows[0]) if rows else None

    def current(self, person: str) -> Grant | None:
        """Active before broken before ending, as the words are ordered."""
        rows = self._engine.run(
            "SELECT * FROM grants WHERE person = :person AND state IN ('active', 'broken', 'ending')"
            " ORDER BY state, granted_at DESC, orcid LIMIT 1",
            {"person": person},
        )
        return self._grant(rows[0]) if rows else None

    def of_person(self, person: str) -> Sequence[Grant]:
        """Newest first."""
        return self.asked.of(self._engine, person)

    def of_orcid(self, orcid: OrcidId) -> Sequence[Grant]:
        """Newest first."""
        sql = "SELECT * FROM grants WHERE orcid = :orcid ORDER BY granted_at DESC, person"
        return [self._grant(row) for row in self._engine.run(sql, {"orcid": orcid})]

    def all(self) -> Iterator[Grant]:
        """By person, in pages."""
        return map(self._grant, pages(self._engine, "SELECT * FROM grants", ("person", "granted_at", "orcid")))

    @reading
    def counts(self) -> Mapping[GrantState, int]:
        """Every state, zero included."""
        rows = self._engine.run("SELECT state, count(*) AS n FROM grants GROUP BY state")
        found = {GrantState(row["state"]): int(row["n"]) for row in rows}
        return {state: found.get(state, 0) for state in GrantState}

    def permissions(self) -> Iterator[PersonPermission]:
        """In order, in pages."""
        reached: str | None = ""
        while reached is not None:
            found = self.search(Sought(), 0.0, reached, LOOKED)
            yield from found.people
            reached = found.reached

    def search(self, sought: Sought, now: float, after: str, limit: int) -> Found:
        """Whom the database finds, `sought` is asked of again: it has the last word."""
        part = sought.small_part.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        asked = {"person": sought.person, "part": f"%{part}%", "orcid": sought.orcid}
        rows = self._engine.run(_search(sought), {**asked, "now": now, "after": after, "page_rows": LOOKED})
        found: list[PersonPermission] = []
        before = None
        for row in rows:
            if row["person"] != before:
                before = row["person"]
                one = _permission(row)
                if sought.finds(one, now):
                    found.append(one)
                if len(found) == limit:
                    return Found(found, before)
        return Found(found, rows[0]["last"] if rows[0]["looked"] == LOOKED else None)

    def mark(self, person: str, orcid: OrcidId, state: GrantState, reason: str) -> None:
        """Sets state and reason."""
        self._engine.write(
            "UPDATE grants SET state = :state, reason = :reason WHERE person = :person AND orcid = :orcid",
            {"person": person, "orcid": orcid, "state": state.value, "reason": reason},
        )

    def suspend(self, suspension: Suspension) -> None:
        """The newest counts."""
        self._engine.write(
            "INSERT INTO suspensions (orcid, kind, detail, look_again_at)"
            " VALUES (:orcid, :kind, :detail, :look_again_at) ON CONFLICT (orcid) DO UPDATE SET"
            " kind = excluded.kind, detail = excluded.detail, look_again_at = excluded.look_again_at",
            {
                "orcid": suspension.orcid,
                "kind": suspension.kind.value,
                "detail": suspension.detail,
                "look_again_at": suspension.look_again_at,
            },
        )

    def suspension(self, orcid: OrcidId) -> Suspension | None:
        """Why a record takes no writes, if so."""
        rows = self._engine.run("SELECT * FROM suspensions WHERE orcid = :orcid", {"orcid": orcid})
        return suspension_row(rows[0]) if rows else None

    def lift_for(self, person: str) -> None:
        """Of all the person's iDs."""
        self._engine.write(
            "DELETE FROM suspensions WHERE orcid IN (SELECT orcid FROM grants WHERE person = :person)",
            {"person": person},
        )

    def lift(self, orcid: OrcidId) -> None:
        """Takes it away."""
        self._engine.write("DELETE FROM suspensions WHERE orcid = :orcid", {"orcid": orcid})
