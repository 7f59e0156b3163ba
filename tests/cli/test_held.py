"""`held list`, `approve` and `reject`: a mapping file that would rewrite too much waits for the operator's word."""

import pytest

from tests.benchmarks.institution import work_event
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
