"""Intents and their outcomes, in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mappers.identifiers import OrcidId
from mappers.wanted import SourceKey
from state.facts import Intent, IntentStory, Method, Outcome
from state.sql.engine import Engine, Question, Row, item_columns, item_key, pack, reading, record_columns, unpack

NEWEST = 1000

_SAME = "id = :id AND orcid = :orcid AND epoch = :epoch AND is_open = 1"
"""An open intent, told from one of another call that has its number since a failover lost it."""


@reading
def _intent(row: Row) -> Intent:
    return Intent(
        id=row["id"],
        call=row["call"],
        person=row["person"],
        orcid=OrcidId(row["orcid"]),
        item=item_key(row),
        method=Method(row["method"]),
        put_code=row["put_code"],
        digest=row["digest"],
        own_id=row["own_id"],
        self_ids=unpack(row["self_ids"]),
        document=row["document"],
        opened_at=row["opened_at"],
        ripe_at=row["ripe_at"],
        epoch=row["epoch"],
        attempt=row["attempt"],
    )


@reading
def _outcome(row: Row) -> Outcome | None:
    if row["is_open"]:
        return None
    return Outcome(
        verdict=row["verdict"],
        at=row["closed_at"],
        status=row["status"],
        error_code=row["error_code"],
        put_code=row["result_put_code"],
        detail=row["detail"],
    )


def _opening(intent: Intent) -> tuple[str, Mapping[str, Any]]:
    sql = (
        "INSERT INTO intents (call, person, orcid, section, source, entity, subject, part, method, put_code,"
        " digest, own_id, self_ids, document, opened_at, ripe_at, epoch, attempt, is_open)"
        " VALUES (:call, :person, :orcid, :section, :source, :entity, :subject, :part, :method, :put_code,"
        " :digest, :own_id, :self_ids, :document, :opened_at, :ripe_at, :epoch, :attempt, 1) RETURNING id"
    )
    return sql, {
        **item_columns(intent.item),
        "call": intent.call,
        "person": intent.person,
        "orcid": intent.orcid,
        "method": intent.method.value,
        "put_code": intent.put_code,
        "digest": intent.digest,
        "own_id": intent.own_id,
        "self_ids": pack(intent.self_ids),
        "document": intent.document,
        "opened_at": intent.opened_at,
        "ripe_at": intent.ripe_at,
        "epoch": intent.epoch,
        "attempt": intent.attempt,
    }


def _told_apart(intent: Intent) -> Mapping[str, Any]:
    return {"id": intent.id, "orcid": intent.orcid, "epoch": intent.epoch}


OPEN_OF = Question(
    "SELECT * FROM intents WHERE person = :person AND is_open = 1 ORDER BY id",
    lambda rows: [_intent(row) for row in rows],
)


class SqlIntents:
    """Writes about to be made, and what became of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, intents: Sequence[Intent]) -> Sequence[Intent]:
        """All of one call, which is numbered as its first intent: two calls opened at once never share a number."""
        with self._engine.together():
            if not intents:
                return []
            ((first,),) = self._engine.run_all([_opening(intents[0])])
            call = first["id"]
            more = self._engine.run_all([_opening(replace(intent, call=call)) for intent in intents[1:]])
            self._engine.write("UPDATE intents SET call = :call WHERE id = :call", {"call": call})
        ids = [call, *(row["id"] for (row,) in more)]
        return [replace(intent, id=id_, call=call) for intent, id_ in zip(intents, ids, strict=True)]

    def intent(self, intent: int) -> Intent | None:
        """Still open."""
        rows = self._engine.run("SELECT * FROM intents WHERE id = :id AND is_open = 1", {"id": intent})
        return _intent(rows[0]) if rows else None

    def open_of(self, person: str) -> Sequence[Intent]:
        """The person's open intents, oldest first."""
        return OPEN_OF.of(self._engine, person)

    def wait(self, intent: Intent, ripe_at: float, detail: str) -> None:
        """In doubt until then."""
        self._engine.write(
            f"UPDATE intents SET ripe_at = :ripe_at, detail = :detail WHERE {_SAME}",
            {**_told_apart(intent), "ripe_at": ripe_at, "detail": detail},
        )

    def close(self, intent: Intent, outcome: Outcome) -> bool:
        """The document goes: it is kept only while it may have to be sent again."""
        rows = self._engine.run(
            "UPDATE intents SET is_open = 0, document = NULL, verdict = :verdict, closed_at = :at, status = :status,"
            " error_code = :error_code, result_put_code = :put_code, detail = :detail"
            f" WHERE {_SAME} RETURNING id",
            {
                **_told_apart(intent),
                "verdict": outcome.verdict,
                "at": outcome.at,
                "status": outcome.status,
                "error_code": outcome.error_code,
                "put_code": outcome.put_code,
                "detail": outcome.detail,
            },
        )
        return bool(rows)

    def story(self, key: SourceKey) -> Sequence[IntentStory]:
        """Oldest first."""
        rows = self._engine.run(
            "SELECT * FROM intents WHERE source = :source AND entity = :entity AND subject = :subject ORDER BY id",
            record_columns(key),
        )
        return [IntentStory(replace(_intent(row), document=None), _outcome(row)) for row in rows]

    def others_succeed(self, person: str, since: float) -> bool:
        """Among the newest thousand."""
        rows = self._engine.run(
            "SELECT count(*) AS n FROM (SELECT person, verdict, closed_at FROM intents WHERE is_open = 0"
            f" ORDER BY id DESC LIMIT {NEWEST}) AS newest"
            " WHERE person <> :person AND closed_at >= :since AND verdict IN ('created', 'accepted', 'deleted')",
            {"person": person, "since": since},
        )
        return bool(rows[0]["n"])

    def people_since(self, at: float) -> int:
        """Closed ones, too."""
        sql = "SELECT count(DISTINCT person) AS n FROM intents WHERE opened_at >= :at"
        return int(self._engine.run(sql, {"at": at})[0]["n"])

    def open_count(self) -> int:
        """Open ones."""
        return int(self._engine.run("SELECT count(*) AS n FROM intents WHERE is_open = 1")[0]["n"])
