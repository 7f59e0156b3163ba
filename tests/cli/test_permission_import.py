"""`permission import`: token responses as JSON lines or as a table; each bad row by its number and field."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Institution
from worker.sandbox.orcid_id import orcid_id

ORCIDS = [orcid_id(number) for number in range(1, 5)]


def a_token(number: int, **changed: Any) -> dict[str, Any]:
    """What ORCID answered for the n-th person, and who that is."""
    return {
        "person_id": f"E{number}",
        "access_token": f"0000000{number}-3333-4444-8888-cccccccccccc",
        "token_type": "bearer",
        "refresh_token": f"0000000{number}-3333-4444-8888-dddddddddddd",
        "expires_in": 631138518,
        "scope": "/activities/update /read-limited",
        "name": "Sofia Garcia",
        "orcid": ORCIDS[number],
    } | changed


def a_file(institution: Institution, content: str | bytes) -> Path:
    """A file to import."""
    path = institution.inputs / "tokens"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def table(*rows: dict[str, Any], delimiter: str = ",", names: dict[str, str] | None = None) -> str:
    """A table of rows, its columns called by these names."""
    columns = list(a_token(1))
    head = delimiter.join((names or {}).get(name, name) for name in columns)
    return "\n".join([head, *(delimiter.join(str(row[name]) for name in columns) for row in rows), ""])


def imported(institution: Institution, content: str | bytes, *words: str, code: int = 0) -> dict[str, Any]:
    """What an import tells; the file's own name left out of its faults."""
    path = a_file(institution, content)
    told = institution.json("permission", "import", str(path), *words, code=code)
    return told | {"faults": [fault.removeprefix(f"{path.name}:") for fault in told["faults"]]}


def people(institution: Institution) -> list[str]:
    """Whose grants there are."""
    return [row["person"] for row in institution.json("permission", "list")["permissions"]]


def test_each_bad_line_is_named_by_number_and_field(institution: Institution) -> None:
    """The good ones are taken; no token is shown."""
    lines = [
        json.dumps(a_token(1)),
        json.dumps(a_token(2, orcid="0000-0001-2345-6780")),
        "",
        json.dumps({"error": "invalid_grant", "error_description": "Reused authorization code: Q70Y3A"}),
        "[]",
        json.dumps(a_token(3, expires_in="soon")),
        json.dumps({name: value for name, value in a_token(3).items() if name != "access_token"}),
        json.dumps(a_token(3, orcid=ORCIDS[1])),
    ]
    told = imported(institution, "\ufeff" + "\n".join(lines), code=1)

    assert (told["applied"], told["refused"]) == (1, 6)
    assert [fault.partition(":")[0].strip() for fault in told["faults"]] == ["2", "4", "5", "6", "7", "8"]
    said = "\n".join(told["faults"])
    for part in ("orcid", "what ORCID answered instead of a token: invalid_grant", "expires_in", "access_token"):
        assert part in said
    assert f"{ORCIDS[1]} belongs to E1 already" in said
    assert "Q70Y3A" not in said
    assert people(institution) == ["E1"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_may_be_imported(institution: Institution, delimiter: str) -> None:
    """As a spreadsheet saves it: with a mark at its beginning, and its lines ended its own way."""
    content = table(a_token(1), a_token(2), delimiter=delimiter).replace("\n", "\r\n")
    told = imported(institution, b"\xef\xbb\xbf" + content.encode(), "--csv")

    assert (told["applied"], told["faults"]) == (2, [])
    (first, _) = institution.json("permission", "list")["permissions"]
    assert (first["person"], first["orcid"], first["name"]) == ("E1", ORCIDS[1], "Sofia Garcia")
    assert first["scopes"] == ["/activities/update", "/read-limited"]


def test_columns_may_have_other_names(institution: Institution) -> None:
    """In any case; what is not asked for is passed over."""
    names = {"person_id": "Employee No", "orcid": "ORCID iD", "token_type": "Remark"}
    content = table(a_token(1), names=names)
    told = imported(institution, content, "--csv", "--columns", "person_id=employee no,orcid=ORCID iD")

    assert told["applied"] == 1
    assert people(institution) == ["E1"]


@pytest.mark.parametrize(
    ("words", "content", "said"),
    [
        pytest.param(["--csv"], "person_id,orcid\n", "no column 'access_token' for access_token", id="no column"),
        pytest.param(["--csv"], "", "no column 'person_id'", id="empty"),
        pytest.param(["--csv", "--columns", "orcid=iD"], table(), "no column 'iD' for orcid", id="not named so"),
        pytest.param(["--csv", "--columns", "iD=orcid"], table(), "'iD' is no field", id="the wrong way round"),
        pytest.param(["--csv"], table(names={"name": "orcid"}), "two columns are named 'orcid'", id="twice"),
        pytest.param(["--columns", "orcid=iD"], "", "--columns goes with --csv", id="no table"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_once(
    institution: Institution, words: list[str], content: str, said: str
) -> None:
    """Nothing is imported then."""
    ran = institution.run("permission", "import", str(a_file(institution, content)), *words)

    assert ran.returncode == 2
    assert said in ran.stderr.decode()


def test_each_bad_row_is_named_by_number_and_field(institution: Institution) -> None:
    """The header is row 1, as a spreadsheet counts."""
    bad = [
        a_token(2, person_id=""),
        a_token(2, expires_in="soon"),
        a_token(2, name="too,many"),
        a_token(2, granted_at="never"),
    ]
    content = table(a_token(1), *bad[:3])
    told = imported(institution, content.encode() + b"E4,\xff,,,,,,\n", "--csv", code=1)

    assert told["applied"] == 1
    numbers = [fault.partition(":")[0].strip() for fault in told["faults"]]
    assert numbers == ["3", "4", "5", "6"]
    for part, fault in zip(("person_id", "expires_in", "has 9 cells", "access_token"), told["faults"], strict=True):
        assert part in fault


@pytest.mark.parametrize("as_csv", [True, False], ids=["csv", "json"])
def test_all_or_nothing(institution: Institution, *, as_csv: bool) -> None:
    """One bad row undoes the others, and it is said."""
    rows = [a_token(1), a_token(2, orcid="x"), a_token(3)]
    content = table(*rows) if as_csv else "\n".join(map(json.dumps, rows))
    words = ("--atomic", "--csv") if as_csv else ("--atomic",)
    told = imported(institution, content, *words, code=1)
    ran = institution.run("permission", "import", str(a_file(institution, content)), *words)

    assert (told["applied"], told["refused"]) == (0, 1)
    assert "nothing was imported" in ran.stdout.decode()
    assert people(institution) == []


def test_a_table_may_come_through_a_pipe(institution: Institution) -> None:
    """`-` is standard input."""
    ran = institution.run("permission", "import", "--csv", "-", stdin=table(a_token(1)).encode())

    assert (ran.returncode, ran.stdout.decode()) == (0, "1 applied, 0 unchanged, 0 superseded, 0 refused\n")


def test_an_import_again_changes_nothing(institution: Institution) -> None:
    """Whenever it says it was."""
    content = json.dumps(a_token(1))
    imported(institution, content)
    assert imported(institution, content)["unchanged"] == 1
    later = json.dumps(a_token(1, granted_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")))

    assert imported(institution, later)["unchanged"] == 1


def test_many_rows_are_taken_in_parts(institution: Institution) -> None:
    """Every one of them, and each bad one by its own number; other processes write in between."""
    tokens = {number: f"{number:08}-3333-4444-8888-cccccccccccc" for number in range(1, 1102)}
    rows = [a_token(1, person_id=f"E{n}", access_token=token, orcid=orcid_id(n)) for n, token in tokens.items()]
    rows[700]["orcid"] = "0000"

    told = imported(institution, "".join(json.dumps(row) + "\n" for row in rows), code=1)

    assert (told["applied"], told["refused"], told["faults"][0].partition(" ")[0]) == (1100, 1, "701:")
