"""What an end of permission, or a forgetting, could not do is told with the reason."""

import pytest

from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution
from tests.turning.worlds import employment, ended

PERSON = person_id(1)


@pytest.fixture
def site(institution: Institution) -> Institution:
    """One employment stands on somebody's record."""
    institution.permit(1)
    institution.json("replay", institution.log("a.jsonl", employment(1)))
    return institution


def said(site: Institution, *words: str, code: int) -> str:
    """What a command prints."""
    ran = site.run(*words, "--wait", "0")
    assert ran.returncode == code, ran.stderr
    return ran.stdout.decode()


def test_a_removal_that_a_locked_record_refuses_is_told(site: Institution) -> None:
    """The permission ends all the same; it is not said that the item is gone."""
    site.control.set_state(site.orcid(1), "locked")
    site.run("replay", "--no-send", site.log("b.jsonl", ended(employment(1))))

    told = said(site, "permission", "revoke", PERSON, code=0)

    assert f"1 items that were to go stand there still: `orcid-sync status --person {PERSON}` tells why" in told
    assert site.json("permission", "revoke", PERSON)["not_removed"] == 1
    assert len(site.titles(1)) == 1


def test_a_locked_record_is_told_to_who_forgets(site: Institution) -> None:
    """Beside what is left."""
    site.control.set_state(site.orcid(1), "locked")

    told = said(site, "forget", PERSON, "--remove-items", code=3)

    assert "1 items still stand on ORCID" in told
    assert f"the record {site.orcid(1)} is locked" in told


@pytest.mark.parametrize(
    "words",
    [pytest.param(("permission", "revoke", PERSON), id="revoke"), pytest.param(("forget", PERSON), id="forget")],
)
def test_that_nothing_is_sent_is_told(site: Institution, words: tuple[str, ...]) -> None:
    """Tokens are not revoked then either, nor will `sync` do it."""
    site.settings["ORCID_SYNC_SEND"] = "off"

    assert "ORCID_SYNC_SEND is off" in said(site, *words, code=3)

    del site.settings["ORCID_SYNC_SEND"]
    assert site.json("sync", code=0 if words[0] == "forget" else 3)["calls"]["POST"] == 0


def test_who_was_not_known_is_told_from_who_was(site: Institution) -> None:
    """An id that was mistyped does not look like a person who is forgotten."""
    assert "nobody called E0l was known" in said(site, "forget", "E0l", code=0)
    assert f"{PERSON} is forgotten" in said(site, "forget", PERSON, code=0)
    assert f"{PERSON} is forgotten" in said(site, "forget", PERSON, code=0)
