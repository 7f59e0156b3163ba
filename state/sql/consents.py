"""Consents: walks through the consent pages, each from its link to its end, in SQL; what ORCID gave is sealed."""

import json
from collections.abc import Sequence
from typing import Any

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from state.permission_facts import Consent, ConsentStage, Grant, GrantState
from state.sql.engine import Engine, Row, reading
from state.vault import Vault


class SqlConsents:
    """Walks through the consent pages. What ORCID gave in them is sealed at rest."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    @reading
    def _consent(self, row: Row) -> Consent:
        sealed = row["grant_sealed"]
        return Consent(
            id=row["id"],
            person=row["person"],
            browser=row["browser"],
            until=row["until"],
            stage=ConsentStage(row["stage"]),
            code=row["code"],
            grant=None if sealed is None else _unpacked(self._vault.open(sealed), row["person"]),
            outcome=row["outcome"],
            redirect_uri=row["redirect_uri"],
        )

    def _columns(self, consent: Consent) -> dict[str, Any]:
        return {
            "id": consent.id,
            "person": consent.person,
            "browser": consent.browser,
            "until": consent.until,
            "stage": consent.stage.value,
            "code": consent.code,
            "grant_sealed": None if consent.grant is None else self._vault.seal(_packed(consent.grant)),
            "outcome": consent.outcome,
            "redirect_uri": consent.redirect_uri,
        }

    def put(self, consent: Consent) -> None:
        """By id."""
        self._engine.run(
            "INSERT INTO consents (id, person, browser, until, stage, code, grant_sealed, outcome, redirect_uri)"
            " VALUES (:id, :person, :browser, :until, :stage, :code, :grant_sealed, :outcome, :redirect_uri)"
            " ON CONFLICT (id) DO UPDATE SET person = excluded.person, browser = excluded.browser,"
            " until = excluded.until, stage = excluded.stage, code = excluded.code,"
            " grant_sealed = excluded.grant_sealed, outcome = excluded.outcome, redirect_uri = excluded.redirect_uri",
            self._columns(consent),
        )

    def consent(self, consent_id: str) -> Consent | None:
        """By id."""
        rows = self._engine.run("SELECT * FROM consents WHERE id = :id", {"id": consent_id})
        return self._consent(rows[0]) if rows else None

    def advance(self, consent: Consent, expected: ConsentStage) -> bool:
        """In one statement: only one of several that come at once may."""
        rows = self._engine.run(
            "UPDATE consents SET person = :person, browser = :browser, until = :until, stage = :stage, code = :code,"
            " grant_sealed = :grant_sealed, outcome = :outcome, redirect_uri = :redirect_uri"
            " WHERE id = :id AND stage = :expected AND NOT EXISTS"
            " (SELECT 1 FROM consents c WHERE c.code = :code AND c.code <> '' AND c.id <> :id) RETURNING id",
            {**self._columns(consent), "expected": expected.value},
        )
        return bool(rows)

    def with_code(self, code: str) -> Consent | None:
        """By the code's digest."""
        rows = self._engine.run("SELECT * FROM consents WHERE code = :code AND code <> ''", {"code": code})
        return self._consent(rows[0]) if rows else None

    def at(self, stage: ConsentStage) -> Sequence[Consent]:
        """The first to expire first."""
        sql = "SELECT * FROM consents WHERE stage = :stage ORDER BY until, id"
        return [self._consent(row) for row in self._engine.run(sql, {"stage": stage.value})]

    def of_person(self, person: str) -> Sequence[Consent]:
        """The last to expire first."""
        sql = "SELECT * FROM consents WHERE person = :person ORDER BY until DESC, id"
        return [self._consent(row) for row in self._engine.run(sql, {"person": person})]

    def expired(self, now: float, limit: int) -> Sequence[Consent]:
        """The first to expire first."""
        sql = "SELECT * FROM consents WHERE until < :now ORDER BY until, id LIMIT :limit"
        return [self._consent(row) for row in self._engine.run(sql, {"now": now, "limit": limit})]

    def drop(self, consent_id: str) -> None:
        """By id."""
        self._engine.write("DELETE FROM consents WHERE id = :id", {"id": consent_id})


def _packed(grant: Grant) -> bytes:
    """A grant as it is sealed: all but whose it is, which is the walk's."""
    access, refresh = grant.access_token, grant.refresh_token
    packed = {
        "orcid": grant.orcid,
        "name": grant.name,
        "scopes": sorted(grant.scopes),
        "access_token": None if access is None else access.reveal(),
        "refresh_token": None if refresh is None else refresh.reveal(),
        "expires_at": grant.expires_at,
        "granted_at": grant.granted_at,
        "state": grant.state.value,
        "reason": grant.reason,
        "refreshed_at": grant.refreshed_at,
    }
    return json.dumps(packed).encode()


@reading
def _unpacked(packed: bytes, person: str) -> Grant:
    known = json.loads(packed)
    access, refresh = known["access_token"], known["refresh_token"]
    return Grant(
        person=person,
        orcid=OrcidId(known["orcid"]),
        name=known["name"],
        scopes=frozenset(known["scopes"]),
        access_token=None if access is None else Secret(access),
        refresh_token=None if refresh is None else Secret(refresh),
        expires_at=known["expires_at"],
        granted_at=known["granted_at"],
        state=GrantState(known["state"]),
        reason=known["reason"],
        refreshed_at=known["refreshed_at"],
    )
