"""Malformed replies: what ORCID, a proxy before it or an impostor may answer, through everything that reads replies."""

import json
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from mappers.documents import Document
from mappers.mapping import map_record
from mappers.parsing import parse
from mappers.sections import Section
from mappers.wire.json_reply import Unreadable
from mappers.wire.reading import read_group, read_json, read_listing
from state.facts import Method
from tests.fuzz.events import FILES, NOW, RIGHT
from tests.fuzz.mutations import mutated, spoiled, written
from tests.mappers.builders import line
from tests.worker.rounds import Record
from worker.calling import replies
from worker.calling.replies import read_reply
from worker.calling.token_replies import TokenRefused, TokenUnavailable, read_revoke_reply, read_token_reply
from worker.permission.notification_replies import read_posted, read_seen
from worker.ports import Answer, HttpCall, OAuthCall, OrcidTransport, Reply

CODES = (
    *(9001, 9004, 9005, 9006, 9007, 9008, 9010, 9011, 9012, 9013, 9014, 9016, 9017, 9018, 9019, 9020, 9021, 9022, 9023),
    *(9024, 9025, 9026, 9030, 9034, 9035, 9036, 9037, 9038, 9040, 9044, 9045, 9046, 9047, 9048, 9049, 9050, 9051, 9053),
    *(9054, 9055, 9057, 9058, 9060, 9061, 9062, 9999, 0, -1, 10**30),
)
STATUSES = (
    *(
        100,
        199,
        200,
        201,
        202,
        204,
        206,
        299,
        301,
        302,
        304,
        307,
        400,
        401,
        403,
        404,
        405,
        406,
        408,
        409,
        410,
        411,
        413,
    ),
    *(415, 418, 422, 429, 431, 451, 500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 525, 599, 600, 999),
)
LOCATIONS = (
    "https://api.orcid.org/v3.0/0000-0002-1825-0097/work/12345",
    *("/12345", "12345", "/0", "/-1", "/99999999999999999999999", "/12345/", "/٣", "", "\x00", "http://[", "/1e3"),
    "https://orcid.org/0000-0001-5109-3700",
)
WAITS = ("1", "0", "-1", "1e400", "3600000000", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 99 Foo 99999", "٣", "", "\x00")
TOKEN_TEXT = "b1c2d3e4-0000-4000-8000-000000000001"
TOKEN = {
    "access_token": TOKEN_TEXT,
    "token_type": "bearer",
    "refresh_token": "b1c2d3e4-0000-4000-8000-000000000002",
    "expires_in": 631138518,
    "scope": "/activities/update /person/update",
    "name": "Sofia Garcia",
    "orcid": "0000-0002-1825-0097",
}
METHODS = (None, Method.POST, Method.PUT, Method.DELETE)


def _error(code: int) -> dict[str, Any]:
    said = f"409 Conflict: You have already added this activity (matched by external identifiers), put-code {code}."
    return {"response-code": 409, "developer-message": said, "user-message": "x", "error-code": code, "more-info": ""}


def _documents() -> list[Document]:
    found = {}
    for event in RIGHT[:-1]:
        taken = parse(line(event), NOW)
        data = getattr(taken, "data", None)
        for item in map_record(taken.record, data, FILES[1]) if data is not None and hasattr(taken, "record") else ():
            if item.document is not None:
                found[item.key.section] = item.document
    return list(found.values())


def _bodies() -> list[tuple[Section | None, Any]]:
    """Right bodies: of errors, lists, items, bulks, tokens, and a notification; with the section they are of."""
    record, documents = Record(), _documents()
    for number, document in enumerate(documents, start=1):
        record.keep(document, "abcdefghijklmnopqrstuvwxyz", number)
    found: list[tuple[Section | None, Any]] = [(None, _error(code)) for code in CODES]
    for number, document in enumerate(documents, start=1):
        section = document.section
        found += [(section, record.listing(section)), (section, record.read(section, [number]))] * 3
    works = [record.read(one.section, [n])["bulk"][0] for n, one in enumerate(documents, 1) if one.section == "work"]
    found += [(None, {"bulk": [*works, {"error": _error(9021)}, {"error": _error(9001)}]})] * 6
    found += [
        (None, TOKEN),
        (None, {"error": "invalid_token", "error_description": f"denied {TOKEN_TEXT}"}),
    ] * 3
    found += [(None, {"error": "invalid_grant", "error_description": "Reused authorization code: abc"})] * 2
    found += [(None, {"put-code": 7, "created-date": {"value": 1_764_000_000_000}, "read-date": None})] * 3
    found += [(None, {"group-id": "issn:1234-5678", "name": "x", "type": "journal", "put-code": 3})] * 2
    return found


BODIES = _bodies()
IN_XML = (
    b'<?xml version="1.0"?><error xmlns="http://www.orcid.org/ns/error"><response-code>409</response-code>'
    b"<developer-message>put-code 5</developer-message><error-code>9021</error-code></error>"
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b"<error><error-code>&b;</error-code></error>"
)
READS_FILES = (
    b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><error><developer-message>&f;</developer-message></error>'
)
HTML = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"
RAW = (
    *(b"", HTML, IN_XML, LAUGHS, READS_FILES, b"\x1f\x8b\x08\x00garbled", b"9" * 10_000),
    *(b"[" * 100_000, b'{"a":' * 50_000, b"<a>" * 20_000),
)


@dataclass(frozen=True)
class Malformed:
    """An answer, and of which section its body was."""

    answer: Answer
    section: Section


def malformed(rng: Random) -> Malformed:
    """An answer that ORCID does not give (or seldom)."""
    section, right = rng.choice(BODIES)
    wrong = mutated(right, rng, rng.choice((0, 1, 1, 2, 4)))
    body = rng.choice(RAW) if rng.random() < 0.1 else written(wrong, rng)
    if rng.random() < 0.25:
        body = spoiled(body, rng)
    headers = {"Content-Type": rng.choice(("application/json", "text/html", "", "application/xml;\x00"))}
    if rng.random() < 0.5:
        headers[rng.choice(("Location", "location", "LOCATION"))] = rng.choice(LOCATIONS)
    if rng.random() < 0.3:
        headers["Retry-After"] = rng.choice(WAITS)
    status = rng.choice((200, 201, 409, rng.choice(STATUSES)))
    return Malformed(Answer(status, headers, body), section or rng.choice(list(Section)))


def trial(rng: Random) -> str:
    """One malformed answer to everybody who reads one; returns the verdict on it as a POST. Raises what nobody may."""
    made = malformed(rng)
    verdicts = [read_reply(method, made.answer, NOW) for method in METHODS]
    verdicts.append(read_reply(Method.POST, made.answer, NOW, bulk=rng.randrange(1, 5)))
    for verdict in verdicts:
        assert isinstance(verdict, replies.Verdict), verdict
        _check(getattr(verdict, "why", "") or getattr(verdict, "detail", "") or "")
        put_code = getattr(verdict, "put_code", None)
        assert put_code is None or 0 < put_code < 2**63, verdict
    for read in (read_token_reply, read_revoke_reply):
        told = read(made.answer, NOW)
        _check(told.why if isinstance(told, TokenRefused | TokenUnavailable) else "")
    for seen in (read_posted(made.answer, NOW), read_seen(made.answer, NOW)):
        _check(getattr(seen, "why", "") or "")
    _read_body(made)
    return type(verdicts[1]).__name__


def _check(line: str) -> None:
    assert line.isprintable(), line
    assert len(line) < 1_000, line
    assert TOKEN_TEXT not in line, line


def _read_body(made: Malformed) -> None:
    try:
        body = json.loads(made.answer.body)
    except (ValueError, RecursionError):
        return
    for read in (read_listing, read_json):
        try:
            found = read(made.section, body)
        except Unreadable as error:
            _check(str(error))
            continue
        for one in found if isinstance(found, tuple) else (found,):
            assert one.put_code is None or 0 <= one.put_code < 2**63, one
    try:
        read_group(body)
    except Unreadable as error:
        _check(str(error))


class HostileOrcid:
    """Carries calls out, and answers a share of them with something malformed."""

    def __init__(self, inner: OrcidTransport, rng: Random, share: float = 0.4) -> None:
        self._inner = inner
        self._rng = rng
        self._share = share
        self.malformed = 0

    def send(self, call: HttpCall | OAuthCall) -> Reply:
        """ORCID's reply, its body with something wrong in it, or another reply altogether."""
        reply = self._inner.send(call)
        if self._rng.random() > self._share:
            return reply
        self.malformed += 1
        if isinstance(reply, Answer) and self._rng.random() < 0.7:
            return replace(reply, body=self._garbled(reply.body))
        return malformed(self._rng).answer

    def _garbled(self, body: bytes) -> bytes:
        try:
            return written(mutated(json.loads(body), self._rng, self._rng.choice((1, 1, 3))), self._rng)
        except ValueError:
            return spoiled(body, self._rng)

    def close(self) -> None:
        """Nothing is open."""
        self._inner.close()
