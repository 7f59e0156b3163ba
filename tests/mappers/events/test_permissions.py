"""Permissions: grants read from events and files, and no token told to anyone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.events.faults import BadEvent, Rule
from mappers.events.messages import Message
from mappers.events.permissions import PermissionGranted, PermissionRevoked, parse_grant
from mappers.identifiers import OrcidId
from mappers.parsing import parse
from mappers.secret import Secret
from tests.mappers.builders import NOW, PLACE, bad_event, event, line

TOKEN = "4bed1e13-7792-4129-9f07-aaf7b88ba88f"


def grant_data(**changes: Any) -> dict[str, Any]:
    """ORCID's token response plus the person."""
    data = {
        "person_id": "E1024",
        "access_token": TOKEN,
        "token_type": "bearer",
        "refresh_token": TOKEN[::-1],
        "expires_in": 3600,
        "scope": "/activities/update  /person/update",
        "name": "Sofia Garcia",
        "orcid": "0000-0001-2345-6789",
        "granted_at": "2026-01-01T00:00:00+01:00",
    }
    return {name: value for name, value in (data | changes).items() if value is not ...}


def granted(**changes: Any) -> dict[str, Any]:
    """A grant as an event."""
    return event(grant_data(**changes), type="permission.granted", subject=..., sequence=...)


def test_a_grant_is_read() -> None:
    """ORCID's own token response, plus the person, becomes a grant."""
    found = parse(line(granted()), NOW)

    assert found == PermissionGranted(
        person="E1024",
        orcid=OrcidId("0000-0001-2345-6789"),
        name="Sofia Garcia",
        scopes=frozenset({"/activities/update", "/person/update"}),
        access_token=Secret(TOKEN),
        refresh_token=Secret(TOKEN[::-1]),
        expires_at=1767222000.0 + 3600,
        granted_at=1767222000.0,
        place=PLACE,
    )


def test_a_grant_shows_no_token() -> None:
    """The repr of a grant is safe to log."""
    assert TOKEN not in repr(parse(line(granted()), NOW))


@pytest.mark.parametrize(
    ("changes", "live", "at"),
    [
        pytest.param({}, False, 1772355600.0, id="time-of-the-event"),
        pytest.param({"time": ...}, True, NOW, id="arrival-when-live"),
    ],
)
def test_when_a_grant_was_given(changes: dict[str, Any], live: bool, at: float) -> None:  # noqa: FBT001
    """Without granted_at it was given at the time of the event, or as it arrived from its own topic."""
    content = granted(granted_at=...) | changes
    message = Message(PLACE, json.dumps({k: v for k, v in content.items() if v is not ...}).encode(), live=live)

    found = parse(message, NOW)

    assert isinstance(found, PermissionGranted)
    assert found.granted_at == pytest.approx(at)


def test_an_old_log_can_not_revive_a_grant_of_unknown_age() -> None:
    """A replayed grant that nothing dates is a dead letter."""
    content = granted(granted_at=...)
    del content["time"]

    assert bad_event(content).rule is Rule.NO_ORDER


@pytest.mark.parametrize(
    ("changes", "rule", "field"),
    [
        pytest.param({"person_id": ...}, Rule.MISSING_FIELD, "data.person_id", id="no-person"),
        pytest.param({"access_token": ...}, Rule.MISSING_FIELD, "data.access_token", id="no-token"),
        pytest.param({"access_token": [TOKEN]}, Rule.WRONG_TYPE, "data.access_token", id="token-in-a-list"),
        pytest.param({"access_token": TOKEN + "\r\nX: y"}, Rule.WRONG_FORM, "data.access_token", id="header-injection"),
        pytest.param({"access_token": TOKEN * 200}, Rule.TOO_LONG, "data.access_token", id="endless-token"),
        pytest.param({"refresh_token": ""}, Rule.WRONG_FORM, "data.refresh_token", id="empty-refresh-token"),
        pytest.param({"orcid": "0000-0001-2345-6780"}, Rule.WRONG_FORM, "data.orcid", id="wrong-checksum"),
        pytest.param({"expires_in": -1}, Rule.WRONG_FORM, "data.expires_in", id="negative-expiry"),
        pytest.param({"expires_in": TOKEN}, Rule.WRONG_TYPE, "data.expires_in", id="expiry-text"),
        pytest.param({"scope": None}, Rule.MISSING_FIELD, "data.scope", id="no-scope"),
        pytest.param({"name": [TOKEN]}, Rule.WRONG_TYPE, "data.name", id="name-list"),
        pytest.param({"granted_at": "now"}, Rule.WRONG_FORM, "data.granted_at", id="granted-at-words"),
        pytest.param({"granted_at": "2099-01-01T00:00:00Z"}, Rule.TIME_AHEAD, "data.granted_at", id="granted-ahead"),
    ],
)
def test_a_wrong_grant_is_named_without_its_tokens(changes: dict[str, Any], rule: Rule, field: str) -> None:
    """The field is named; no part of a token is shown."""
    found = bad_event(granted(**changes))

    assert (found.rule, found.field) == (rule, field)
    assert TOKEN[:8] not in repr(found)


@given(field=st.sampled_from(sorted(grant_data())), kind=st.sampled_from([str, list, dict]))
def test_a_token_in_the_wrong_field_stays_hidden(field: str, kind: type) -> None:
    """A mixed-up export shows no token, whatever field it stands in."""
    value: Any = TOKEN if kind is str else [TOKEN] if kind is list else {"value": TOKEN}

    found = parse(line(granted(**{field: value})), NOW)

    assert not isinstance(found, BadEvent) or TOKEN[:8] not in repr(found)


def test_a_grant_of_the_wrong_shape_hides_all() -> None:
    """Data that is a text, not an object, is not shown: it may be the whole response."""
    found = bad_event(event(json.dumps(grant_data()), type="permission.granted"))

    assert (found.rule, found.field, found.value) == (Rule.WRONG_TYPE, "data", "")


def test_a_revocation_is_read() -> None:
    """A revocation ends what was granted before it."""
    found = parse(line(event({"person": {"id": "E1024"}}, type="permission.revoked")), NOW)

    assert found == PermissionRevoked("E1024", 1772355600.0, PLACE)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        pytest.param({"data": {}}, Rule.MISSING_FIELD, id="no-person"),
        pytest.param({"time": ...}, Rule.NO_ORDER, id="no-time-in-a-file"),
        pytest.param({"time": "2099-01-01T00:00:00Z"}, Rule.TIME_AHEAD, id="ahead"),
        pytest.param({"source": ...}, Rule.MISSING_FIELD, id="no-source"),
    ],
)
def test_a_wrong_revocation_is_a_dead_letter(changes: dict[str, Any], rule: Rule) -> None:
    """What can't be dated or names nobody ends nothing."""
    assert bad_event(event(**{"type": "permission.revoked", "data": {"person": {"id": "E1"}}} | changes)).rule is rule


def test_an_empty_value_grants_nothing() -> None:
    """A tombstone of a permission event is a dead letter."""
    headers = (("ce_type", b"permission.granted"), ("ce_source", b"/p"), ("ce_id", b"1"))

    assert bad_event(Message(PLACE, None, headers, live=True)).field == "data"


def test_an_imported_line_is_a_grant_of_now() -> None:
    """A line of `permission import` that isn't dated counts from the import."""
    found = parse_grant(json.dumps(grant_data(granted_at=...)).encode(), PLACE, NOW)

    assert isinstance(found, PermissionGranted)
    assert (found.granted_at, found.expires_at) == (NOW, NOW + 3600)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        pytest.param(b"{", "", id="not-json"),
        pytest.param(json.dumps(grant_data(scope=7)).encode(), "scope", id="scope-number"),
        pytest.param(json.dumps(grant_data(orcid="me")).encode(), "orcid", id="no-orcid"),
        pytest.param(b"[]", "", id="list"),
    ],
)
def test_a_wrong_imported_line_is_told_without_tokens(content: bytes, field: str) -> None:
    """Fields of an imported line have no prefix."""
    found = parse_grant(content, PLACE, NOW)

    assert isinstance(found, BadEvent)
    assert found.field == field
    assert TOKEN not in repr(found)
