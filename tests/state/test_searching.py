"""People are looked for by id, iD and permission, some at a time, over every store."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from mappers.identifiers import OrcidId
from state.permission_facts import (
    PERMISSIONS,
    Grant,
    GrantState,
    KnownPerson,
    PersonPermission,
    Sought,
    permission_word,
)
from state.sql import grants
from state.store import Store
from tests.state.helpers import JOSIAH, LAURE, a_grant, a_key, a_published, a_wanted

NOW = 50.0
TIMES = (49.0, 50.0, 51.0)


@pytest.mark.parametrize(
    ("state", "expires_at", "denied_at", "word"),
    [
        pytest.param(GrantState.ACTIVE, 51.0, 0.0, "active", id="active"),
        pytest.param(GrantState.ACTIVE, 51.0, 49.0, "active", id="a-no-ends-no-permission"),
        pytest.param(GrantState.ACTIVE, 50.0, 49.0, "expired", id="expires-now"),
        pytest.param(GrantState.BROKEN, 51.0, 10.0, "broken", id="no-newer-no"),
        pytest.param(GrantState.BROKEN, 51.0, 10.5, "denied", id="a-newer-no"),
        pytest.param(GrantState.REVOKED, 51.0, 9.0, "revoked", id="an-older-no"),
        pytest.param(None, 0.0, 0.0, "none", id="nothing"),
        pytest.param(None, 0.0, 9.0, "denied", id="a-no-alone"),
    ],
)
def test_what_a_permission_is_called(state: GrantState | None, expires_at: float, denied_at: float, word: str) -> None:
    """By its state and the times; what was granted was granted at 10."""
    granted_at = 10.0 if state else 0.0
    assert permission_word(PersonPermission("p1", None, "", state, "", granted_at, expires_at, denied_at), NOW) == word


def everybody(store: Store, sought: Sought, limit: int = 1000) -> Iterator[PersonPermission]:
    """All that one look after the other finds."""
    reached: str | None = ""
    while reached is not None:
        found = store.grants.search(sought, NOW, reached, limit)
        assert len(found.people) <= limit
        assert found.reached is None or found.reached > reached
        yield from found.people
        reached = found.reached


def persons(store: Store, sought: Sought, limit: int = 1000) -> list[str]:
    """Their ids."""
    return [one.person for one in everybody(store, sought, limit)]


Kind = tuple[tuple[Grant, ...], float | None]


def kinds() -> list[Kind]:
    """One for each state or two, each time at which they end, and a no before, with and after; some without any."""
    found: list[tuple[Grant, ...]] = [()]
    for state, expires_at in product(GrantState, TIMES):
        found.append((a_grant(granted_at=10.0, state=state, expires_at=expires_at),))
    for one, other in product(GrantState, repeat=2):
        newer = a_grant(orcid=JOSIAH, granted_at=10.0, state=one, expires_at=51.0)
        found += [(newer, a_grant(orcid=LAURE, granted_at=at, state=other, expires_at=49.0)) for at in (9.0, 10.0)]
    return list(product(found, (None, 0.0, 9.5, 10.0, 10.5)))


@pytest.fixture
def of_all_kinds(store: Store) -> dict[str, PersonPermission]:
    """A person for each, and what they allow, reckoned from what was written."""
    told = {}
    with store.transaction():
        for number, (of_person, denied_at) in enumerate(kinds()):
            person = f"p{number:03}"
            if denied_at is not None:
                store.people.put(KnownPerson(person, denied_at=denied_at))
            elif not of_person:
                store.items.want(a_wanted(a_key(person)), None)
            written = [replace(grant, person=person) for grant in of_person]
            for grant in written:
                store.grants.put(replace(grant, state=GrantState.BROKEN))
            for grant in written:
                store.grants.mark(person, grant.orcid, grant.state, "")
            written.sort(key=lambda one: (one.state is not GrantState.ACTIVE, -one.granted_at, one.orcid))
            told[person] = _told(person, written[0] if written else None, denied_at or 0.0)
    return told


def _told(person: str, grant: Grant | None, denied_at: float) -> PersonPermission:
    if grant is None:
        return PersonPermission(person, None, "", None, "", 0.0, 0.0, denied_at)
    times = grant.granted_at, grant.expires_at, denied_at
    return PersonPermission(person, grant.orcid, grant.name, grant.state, "", *times)


@pytest.mark.parametrize("looked", [pytest.param(1000, id="in-one-look"), pytest.param(7, id="in-many")])
@pytest.mark.parametrize("limit", [pytest.param(1000, id="at-once"), pytest.param(3, id="little-by-little")])
def test_who_is_found_by_a_permission_is_of_that_permission(
    store: Store,
    of_all_kinds: dict[str, PersonPermission],
    monkeypatch: pytest.MonkeyPatch,
    looked: int,
    limit: int,
) -> None:
    """As `permission_word` says it, with their orders and times: nobody else, nobody left out, none twice."""
    monkeypatch.setattr(grants, "LOOKED", looked)
    words = {person: permission_word(one, NOW) for person, one in of_all_kinds.items()}
    assert set(words.values()) == set(PERMISSIONS)

    for word in PERMISSIONS:
        assert persons(store, Sought(permission=word), limit) == [one for one in words if words[one] == word]
    assert list(everybody(store, Sought(), limit)) == list(of_all_kinds.values())
    assert persons(store, Sought(permission="unheard of"), limit) == []


def test_everybody_is_told_as_they_are_found(store: Store, of_all_kinds: dict[str, PersonPermission]) -> None:
    """At once, and one by one."""
    assert list(store.grants.permissions()) == list(of_all_kinds.values())
    assert [next(everybody(store, Sought(person=one))) for one in of_all_kinds] == list(of_all_kinds.values())


PEOPLE = ("100%", "A!b", "a_b", "ab", "E-1", "e-2", "Ö-1", "ö-1", "x\\y", "李-1")


@pytest.mark.parametrize(
    ("part", "found"),
    [
        pytest.param("", PEOPLE, id="everybody"),
        pytest.param("e-", ("E-1", "e-2"), id="small"),
        pytest.param("E-", ("E-1", "e-2"), id="capital"),
        pytest.param("ö-", ("ö-1",), id="beyond-ascii-small"),
        pytest.param("Ö-", ("Ö-1",), id="beyond-ascii-capital"),
        pytest.param("李", ("李-1",), id="another-script"),
        pytest.param("%", ("100%",), id="percent"),
        pytest.param("_", ("a_b",), id="underscore"),
        pytest.param("!", ("A!b",), id="exclamation-mark"),
        pytest.param("\\", ("x\\y",), id="backslash"),
        pytest.param("-1", ("E-1", "Ö-1", "ö-1", "李-1"), id="end"),
        pytest.param("e-11", (), id="more-than-there-is"),
    ],
)
@pytest.mark.parametrize("permission", ["", "active", "denied", "none"])
def test_a_part_of_an_id_is_a_part_of_it(store: Store, part: str, found: tuple[str, ...], permission: str) -> None:
    """Whatever the case of ASCII letters, whoever else there is; no sign means another."""
    with store.transaction():
        for person in PEOPLE:
            store.people.put(KnownPerson(person, denied_at=2.0 if permission == "denied" else 0.0))
            if permission == "active":
                store.grants.put(a_grant(person, expires_at=99.0))

    assert persons(store, Sought(part=part, permission=permission)) == sorted(found)


def test_an_orcid_id_finds_whose_permission_it_is(store: Store) -> None:
    """Of those who moved, by the record that they are on."""
    for person, orcid, at in (("p1", JOSIAH, 1.0), ("p1", LAURE, 2.0), ("p2", LAURE, 1.0), ("p3", LAURE, 1.0)):
        store.grants.put(a_grant(person, orcid, at))

    assert persons(store, Sought(orcid=JOSIAH)) == []
    assert persons(store, Sought(orcid=LAURE), limit=2) == ["p1", "p2", "p3"]
    assert persons(store, Sought(orcid=LAURE, part="3")) == ["p3"]
    assert persons(store, Sought(orcid=LAURE, permission="broken")) == []
    assert persons(store, Sought(orcid=OrcidId("0000-0000-0000-0001"))) == []


def test_a_whole_id_finds_who_has_it(store: Store) -> None:
    """Of whom anything is kept, and no one else."""
    store.items.want(a_wanted(a_key("wanted")), None)
    store.items.publish(a_published(item=a_key("published")))
    store.grants.put(a_grant("granted"))
    store.people.put(KnownPerson("known"))

    for person in ("wanted", "published", "granted", "known"):
        assert persons(store, Sought(person=person)) == [person]
        assert persons(store, Sought(person=person, part=person[:3], permission="denied")) == []
        assert store.grants.search(Sought(person=person), NOW, person, 1).people == []
    assert persons(store, Sought(person="know")) == []


def test_one_search_looks_at_some_people_only(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are of whom nobody is sought; memory, where all are at hand, looks at all."""
    monkeypatch.setattr(grants, "LOOKED", 10)
    with store.transaction():
        for number in range(25):
            store.grants.put(a_grant(f"p{number:02}", OrcidId(f"0000-{number:04}"), expires_at=99.0))
            store.people.put(KnownPerson(f"p{number:02}"))
    looks = {
        store.grants.search(sought, NOW, "p01", 5).reached
        for sought in (
            Sought(part="x"),
            *(Sought(permission=word) for word in PERMISSIONS if word != "active"),
            Sought(part="x", permission="active"),
        )
    }

    assert looks in ({"p11"}, {None})
    assert store.grants.search(Sought(), NOW, "p01", 5).reached == "p06"
    assert store.grants.search(Sought(part="x"), NOW, "p20", 5).reached is None
