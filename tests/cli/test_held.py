"""`held list`, `approve` and `reject`: a mapping file that would rewrite too much waits for the operator's word."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from state.permission_facts import Consent, ConsentStage, Grant
from state.sqlite.store import SqliteStore
from state.vault import Vault
from tests import events
from tests.benchmarks.institution import person_id, work_event
from tests.cli.conftest import Institution


@pytest.fixture
def rewritten(institution: Institution) -> Institution:
    """Two works are on a record; then the mapping file changes both, and one rewrite is allowed."""
    mapping = institution.folder / "mapping.toml"
    mapping.write_text("")
    institution.settings |= {"ORCID_SYNC_MAPPING_FILE": str(mapping), "ORCID_SYNC_MAX_REWRITES": "1"}
    institution.permit(1)
    institution.json("replay", institution.log("a.jsonl", work_event(1, 0), work_event(1, 1)))
    mapping.write_text('[work_types]\n"journal-article" = "report"\n')
    return institution


def test_what_is_held_goes_out_once_it_is_approved(rewritten: Institution) -> None:
    """Nothing is sent before; the list names the hold, and approving it sends all of it."""
    held = rewritten.json("sync", code=3)
    (row,) = rewritten.json("held", "list")["held"]
    ran = rewritten.run("approve", row["id"])
    synced = rewritten.json("sync")

    assert (held["items"]["held"], sum(held["calls"].values())) == (2, 0)
    assert (row["source"], row["cause"], row["removals"], row["updates"]) == (None, "rewrites", 0, 2)
    assert f"orcid-sync approve {row['id']}" in row["reason"]
    assert ran.stdout.decode() == f"approved: {row['id']}\n"
    assert (synced["calls"]["PUT"], synced["items"]["in_sync"]) == (2, 2)


def test_what_is_rejected_stays_until_its_source_speaks_again(rewritten: Institution) -> None:
    """It is listed no more, and a new event of one of them is one call."""
    rewritten.json("sync", code=3)
    (row,) = rewritten.json("held", "list")["held"]
    assert rewritten.run("reject", row["id"]).returncode == 0

    left = rewritten.json("sync", code=3)
    spoken = rewritten.json("replay", rewritten.log("b.jsonl", work_event(1, 0, sequence=2)), code=3)

    assert rewritten.json("held", "list")["held"] == []
    assert (left["items"]["held"], sum(left["calls"].values())) == (2, 0)
    assert (spoken["items"]["held"], spoken["calls"]["PUT"], sum(spoken["calls"].values())) == (1, 1, 1)


def test_what_is_not_held_cannot_be_approved(institution: Institution) -> None:
    """One line that says where to look."""
    for command in ("approve", "reject"):
        ran = institution.run(command, "mapping-00000000")

        assert ran.returncode == 1
        assert ran.stderr.decode() == (
            "orcid-sync: nothing is held as mapping-00000000: `orcid-sync held list` shows what is\n"
        )


@pytest.fixture
def twofold(institution: Institution) -> Institution:
    """Three works that two sources know, each one item on the record; one rewrite is allowed."""
    institution.settings |= {"ORCID_SYNC_MAX_REWRITES": "1"}
    institution.permit(1)
    _map(institution, precedence=("/repository", "/cris"))
    institution.json("replay", institution.log("a.jsonl", *_of_both(3)))
    return institution


def _of_both(works: int) -> Iterator[dict[str, Any]]:
    for number in range(works):
        for source, title in (("/repository", "As the repository says"), ("/cris", "As the CRIS says")):
            doi = f"10.5555/both.{number}"
            kind = "journal-article" if source == "/cris" else "book"
            yield events.publication(person_id(1), f"w{number}", doi, title=title, type=kind) | {"source": source}


def _map(institution: Institution, *, precedence: tuple[str, str], wins: str = "", more: str = "") -> None:
    path = institution.folder / "mapping.toml"
    first, second = ('[sources."{}"]\nprecedence = {}\n'.format(*one) for one in zip(precedence, (2, 1), strict=True))
    path.write_text(f"{first}{second}{wins}\n{more}\n")
    institution.settings["ORCID_SYNC_MAPPING_FILE"] = str(path)


def _held_then_approved(institution: Institution) -> None:
    held = institution.json("sync", code=3)
    again = institution.json("sync", code=3)
    (row,) = institution.json("held", "list")["held"]
    assert institution.run("approve", row["id"]).returncode == 0
    synced = institution.json("sync")

    assert (held["items"]["held"], sum(held["calls"].values()), sum(again["calls"].values())) == (3, 0, 0)
    assert row["updates"] == 3
    assert (synced["calls"]["PUT"], sum(synced["calls"].values()), synced["items"]["held"]) == (3, 3, 0)
    assert institution.json("held", "list")["held"] == []


def test_another_precedence_waits_for_the_operators_word(twofold: Institution) -> None:
    """Though no document of any source record changed."""
    _map(twofold, precedence=("/cris", "/repository"))

    _held_then_approved(twofold)
    assert twofold.titles(1) == ["As the CRIS says"] * 3


def test_a_field_that_another_source_wins_waits_for_the_operators_word(twofold: Institution) -> None:
    """The winner's own document stays the same."""
    _map(twofold, precedence=("/repository", "/cris"), wins='wins = ["title"]')

    _held_then_approved(twofold)
    assert twofold.titles(1) == ["As the CRIS says"] * 3


def test_a_merged_item_mapped_otherwise_waits_for_the_operators_word(twofold: Institution) -> None:
    """Its source wins the field, and it is not on the record itself."""
    _map(twofold, precedence=("/repository", "/cris"), wins='wins = ["type"]')
    twofold.settings["ORCID_SYNC_MAX_REWRITES"] = "9"
    assert twofold.json("sync")["calls"]["PUT"] == 3

    twofold.settings["ORCID_SYNC_MAX_REWRITES"] = "1"
    words = '[work_types]\n"journal-article" = "report"'
    _map(twofold, precedence=("/repository", "/cris"), wins='wins = ["type"]', more=words)

    _held_then_approved(twofold)


def test_a_precedence_changed_while_sending_is_off_waits_all_the_same(twofold: Institution) -> None:
    """It is counted when it is found, not when it could be sent."""
    _map(twofold, precedence=("/cris", "/repository"))
    twofold.settings["ORCID_SYNC_SEND"] = "off"
    twofold.json("sync", code=3)
    twofold.settings["ORCID_SYNC_SEND"] = "all"

    _held_then_approved(twofold)


def test_a_precedence_put_back_leaves_nothing_held(twofold: Institution) -> None:
    """What stands is what is wanted again."""
    _map(twofold, precedence=("/cris", "/repository"))
    twofold.json("sync", code=3)
    _map(twofold, precedence=("/repository", "/cris"))

    assert sum(twofold.json("sync")["calls"].values()) == 0
    assert twofold.json("held", "list")["held"] == []


def test_a_new_event_beside_another_precedence_goes_out(twofold: Institution) -> None:
    """What its source said before the change is no rewrite; nor are few others held."""
    first, *_ = _of_both(1)
    later = events.changed(first, sequence=2, title="Corrected")
    twofold.json("replay", "--no-send", twofold.log("b.jsonl", later))
    _map(twofold, precedence=("/repository", "/cris"), wins='wins = ["language"]')

    assert twofold.json("sync")["calls"]["PUT"] == 1


@pytest.fixture
def confirmed(institution: Institution) -> Institution:
    """A researcher confirmed a record whose name differs clearly from ours."""
    told = institution.control.grant(institution.orcid(1))
    grant = Grant(
        person=person_id(1),
        orcid=OrcidId(institution.orcid(1)),
        name="Somebody Else",
        scopes=frozenset(str(told["scope"]).split()),
        access_token=Secret(str(told["access_token"])),
        refresh_token=None,
        expires_at=time.time() + 3600.0,
        granted_at=time.time(),
    )
    walk = Consent("0123456789abcdef", person_id(1), "a browser", time.time() + 3600.0, ConsentStage.HELD, grant=grant)
    institution.json("held", "list")
    vault = Vault([institution.settings["ORCID_SYNC_VAULT_KEYS"]])
    store = SqliteStore(institution.folder / "state.db", vault, time.time)
    store.consents.put(walk)
    store.close()
    return institution


def test_a_permission_under_another_name_waits_for_the_operators_word(confirmed: Institution) -> None:
    """It is listed with both names; approved, it is a permission like any other."""
    (row,) = confirmed.json("held", "list")["held"]
    before = confirmed.json("status")["persons"]["with_permission"]
    approved = confirmed.run("approve", row["id"])
    after = confirmed.json("status")["persons"]["with_permission"]

    assert (row["id"], row["cause"], row["removals"], row["updates"]) == ("consent-01234567", "names differ", 0, 0)
    assert "Somebody Else" in row["reason"]
    assert approved.stdout.decode() == "approved: consent-01234567\n"
    assert (before, after) == (0, 1)
    assert confirmed.json("held", "list")["held"] == []


def test_a_permission_under_another_name_can_be_rejected(confirmed: Institution) -> None:
    """Then nobody is connected; its token is revoked at ORCID the next time something is sent."""
    rejected = confirmed.run("reject", "consent-01234567")
    asked = sum(seen.path == "/oauth/revoke" for seen in confirmed.control.requests())
    confirmed.json("sync")

    assert rejected.stdout.decode() == "rejected: consent-01234567\n"
    assert confirmed.json("status")["persons"]["with_permission"] == 0
    assert sum(seen.path == "/oauth/revoke" for seen in confirmed.control.requests()) == asked + 1
    assert confirmed.run("approve", "consent-01234567").returncode == 1
