"""Everybody with what they allow, and permission requests, over every store."""

from dataclasses import replace

from state.permission_facts import Ask, GrantState, KnownPerson, PersonPermission
from state.store import Store
from tests.state.helpers import JOSIAH, LAURE, a_grant

NOBODY = PersonPermission("p0", None, "", None, "", 0.0, 0.0, 0.0)


def test_everybody_is_listed_with_their_permission(store: Store) -> None:
    """The active grant before a newer one that is not; who has none, but is known, is listed as well."""
    store.grants.put(a_grant("p2", orcid=JOSIAH, granted_at=1.0, name="Sofia"))
    store.grants.put(a_grant("p2", orcid=LAURE, granted_at=2.0, state=GrantState.REVOKED))
    store.grants.put(a_grant("p1", orcid=JOSIAH, granted_at=1.0, state=GrantState.REVOKED, reason="said so"))
    store.grants.put(a_grant("p1", orcid=LAURE, granted_at=2.0, state=GrantState.BROKEN, reason="401"))
    store.people.put(KnownPerson("p0", denied_at=7.0))
    grant = a_grant("p2")

    assert list(store.grants.permissions()) == [
        replace(NOBODY, denied_at=7.0),
        PersonPermission("p1", LAURE, grant.name, GrantState.BROKEN, "401", 2.0, grant.expires_at, 0.0),
        PersonPermission("p2", JOSIAH, "Sofia", GrantState.ACTIVE, "", 1.0, grant.expires_at, 0.0),
    ]


def test_a_request_that_was_never_sent_is_forgotten(store: Store) -> None:
    """By iD and put-code; others stay, and dropping what is not there is no error."""
    sent, unsent = Ask("p1", JOSIAH, 7, 1.0), Ask("p1", JOSIAH, 0, 2.0)
    store.asks.put(sent)
    store.asks.put(unsent)

    store.asks.drop(JOSIAH, 0)
    store.asks.drop(LAURE, 7)

    assert store.asks.of_person("p1") == [sent]
