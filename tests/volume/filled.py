"""A state with years behind it: so many rows in every large table that a database chooses how to find one."""

from collections.abc import Callable, Iterable
from typing import Any

from state.sql.store import SqlStore
from tests.turning.worlds import NOW

PEOPLE = 5000
ITEMS = 2
"""Of each person; each came with an event and went out with a call."""
DAY = 86_400.0
DAYS = 600

LARGE = (
    "agenda",
    "aliases",
    "asks",
    "blocks",
    "consents",
    "dead_letters",
    "departures",
    "events",
    "grants",
    "intents",
    "leases",
    "moves",
    "people",
    "published_items",
    "removals",
    "sections",
    "source_records",
    "suppressions",
    "suspensions",
    "tokens",
    "verdicts",
    "wanted_items",
)
"""Tables that grow with the number of people, or with time. What is left of them stays small, or is only looked at."""

Row = tuple[Any, ...]


def fill(store: SqlStore[Any]) -> None:
    """As a source has filled it that tells of publications, and people who moved, were asked, merged and forgotten."""
    upkeep = store.engine.upkeep
    with store.transaction():
        for table, columns, row in (*_of_items(), *_of_people(store.vault.seal(b"token"))):
            number = PEOPLE * ITEMS if table in _BY_ITEM else PEOPLE
            upkeep.put_in(table, columns.split(), _rows(row, range(number)))
        for table in ("events", "intents", "removals"):
            upkeep.count_from(table, PEOPLE * ITEMS)


_BY_ITEM = ("source_records", "events", "wanted_items", "published_items", "intents")


def person(n: int) -> str:
    """The n-th of them."""
    return f"H{n:06d}"


def orcid(n: int) -> str:
    """Their iD."""
    return f"0000-0001-{n // 10_000:04d}-{n % 10_000:04d}"


def _rows(row: Callable[[int], Row], numbers: Iterable[int]) -> list[Row]:
    return [row(n) for n in numbers]


def _record(n: int) -> Row:
    return ("/repository", "publication", f"S{n:09d}")


def _at(n: int) -> float:
    return NOW - DAYS * DAY * (1 - n / (PEOPLE * ITEMS)) - DAY


def _of_items() -> tuple[tuple[str, str, Callable[[int], Row]], ...]:
    key = "source entity subject"
    return (
        (
            "source_records",
            f"{key} scheme version removed data digest revision",
            lambda n: (*_record(n), "sequence", "01", 0, f'{{"person": "{person(n // ITEMS)}"}}', f"d{n}", "r"),
        ),
        (
            "events",
            f"{key} event_id result type place at detail trace",
            lambda n: (*_record(n), f"e{n}", "applied", "publication.changed", f"log@{n}", _at(n), "", ""),
        ),
        (
            "wanted_items",
            (
                f"person section {key} part digest document self_ids revision refusal same_as refused_digest"
                " refused_reason state reason"
            ),
            lambda n: (
                *(person(n // ITEMS), "work", *_record(n), "", f"d{n}", "{}", "", 1, "", "", "", ""),
                *(("waiting", "no permission") if n % 40 == 0 else ("in_sync", "")),
            ),
        ),
        (
            "published_items",
            f"orcid section put_code person {key} part digest document own_id self_ids origin standing",
            lambda n: (
                *(orcid(n // ITEMS), "work", n, person(n // ITEMS), *_record(n), "", f"d{n}", "{}", None, ""),
                *("created", "live"),
            ),
        ),
        (
            "intents",
            (
                f"call person orcid section {key} part method digest self_ids opened_at ripe_at epoch attempt is_open"
                " verdict closed_at"
            ),
            lambda n: (
                *(n, person(n // ITEMS), orcid(n // ITEMS), "work", *_record(n), "", "POST", f"d{n}", "", _at(n), 0.0),
                *(1, 1, 0, "created", _at(n)),
            ),
        ),
    )


def _of_people(token: str) -> tuple[tuple[str, str, Callable[[int], Row]], ...]:
    key = "source entity subject"
    return (
        (
            "grants",
            "person orcid name scopes access_token expires_at granted_at state reason",
            lambda n: (person(n), orcid(n), "", "/activities/update", token, NOW + 1e9, 1.0, "active", ""),
        ),
        (
            "tokens",
            "mark person orcid granted_at token to_revoke",
            lambda n: (f"m{n}", person(n), orcid(n), 1.0, token, 0),
        ),
        ("moves", "person orcid state reason", lambda n: (person(n), f"former-{n}", "held", "")),
        ("people", "person name revoked_at denied_at", lambda n: (person(n), f"Name {n}", 0.0, 0.0)),
        ("aliases", "person into_person", lambda n: (f"A{n}", person(n))),
        ("agenda", "person revision failures", lambda n: (person(n), 1, 0)),
        ("sections", "orcid section listed_at filled_at", lambda n: (orcid(n), "work", NOW - DAY, NOW - DAY)),
        ("leases", "orcid holder epoch free_at", lambda n: (orcid(n), "", 1, 0.0)),
        ("suspensions", "orcid kind detail look_again_at", lambda n: (f"x{n}", "locked", "", NOW + 1e6)),
        (
            "asks",
            "orcid put_code person asked_at looked_at read_at",
            lambda n: (orcid(n), n, person(n), NOW - DAY, NOW - DAY, NOW - DAY),
        ),
        (
            "consents",
            "id person browser until stage code outcome redirect_uri",
            lambda n: (f"c{n}", person(n), "", NOW - 60.0 - n, "granted", "", "", ""),
        ),
        (
            "verdicts",
            "orcid kind what person at confirmed_at",
            lambda n: (orcid(n), "refused", f"w{n}", person(n), NOW - DAY, NOW - DAY),
        ),
        ("departures", f"{key} person date", lambda n: ("/hr", "hr.person", person(n), person(n), "2025-01-01")),
        (
            "dead_letters",
            f"id place {key} rule field message envelope at state",
            lambda n: (f"l{n}", f"log@{n}", *_record(n), "type", "data", "", "", _at(n), "retried"),
        ),
        (
            "removals",
            f"orcid put_code person section {key} part digest at state sent",
            lambda n: (orcid(n), n, person(n), "work", *_record(n), "", "", NOW - DAY, "rejected", 0),
        ),
        ("suppressions", f"person {key} withdraw at", lambda n: (person(n), *_record(n), 0, NOW - DAY)),
        ("blocks", "mark kind of_mark last", lambda n: (f"b{n}", "record", f"p{n}", "7")),
    )
