"""`status` tells people why: reasons that differ only in whose record it is are one."""

from tests.benchmarks.institution import affiliation_event, person_id
from tests.cli.conftest import Institution


def test_reasons_alike_but_for_an_id_are_one_row(institution: Institution) -> None:
    """With … for the iD; JSON has them as they are."""
    institution.permit(1, 2, 3)
    for person in (1, 2, 3):
        institution.control.set_state(institution.orcid(person), "locked")
    institution.json("replay", institution.log("a.jsonl", *map(affiliation_event, (1, 2, 3))), code=3)

    told = institution.run("status").stdout.decode()
    reasons = institution.json("status")["reasons"]

    rows = [line.split() for line in told.splitlines() if "locked" in line]
    assert [(row[0], row[1], "…" in row) for row in rows] == [("3", "waiting", True)], told
    assert len(reasons) == 3
    assert "more reason" not in told


def test_reasons_beyond_the_tenth_are_counted(institution: Institution) -> None:
    """The table is cut there, and says so."""
    people = range(1, 13)
    institution.permit(*people)
    for person in people:
        institution.json("pause", "--person", person_id(person))
    institution.json("replay", institution.log("a.jsonl", *map(affiliation_event, people)), code=3)

    told = institution.run("status").stdout.decode()

    assert told.count("paused by an operator: person E") == 10
    assert "\n2 more reasons: `orcid-sync status --person ID`" in told
