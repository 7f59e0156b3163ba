"""Grants and suspensions, in SQL; tokens sealed."""

from collections.abc import Iterator, Mapping, Sequence

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from state.permission_facts import Grant, GrantState, PersonPermission, Suspension, SuspensionKind
from state.sql.engine import Engine, Question, Row, reading
from state.sql.pages import next_persons, pages, persons_by_page
from state.vault import Vault

_PERMISSIONS = (
    f"WITH everyone AS ({next_persons('wanted_items', 'published_items', 'grants', 'people')}),"
    " ranked AS (SELECT person, orcid, name, state, reason, granted_at, expires_at, row_number() OVER"
    " (PARTITION BY person ORDER BY CASE state WHEN 'active' THEN 0 ELSE 1 END, granted_at DESC, orcid) AS place"
    " FROM grants WHERE person IN (SELECT person FROM everyone))"
    " SELECT everyone.person, orcid, ranked.name, state, reason, granted_at, expires_at, denied_at FROM everyone"
    " LEFT JOIN ranked ON ranked.person = everyone.person AND place = 1"
    " LEFT JOIN people ON people.person = everyone.person ORDER BY everyone.person"
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
        return map(_permission, persons_by_page(self._engine, _PERMISSIONS))

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
