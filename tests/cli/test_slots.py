"""Several source records that ORCID would count as one item: one stands, the others are merged, none is lost."""

from pathlib import Path

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution

DOI = "10.5555/shelf.2025.014"
MAPPING = """
[sources."/repository"]
precedence = 10

[sources."/cris"]
precedence = 5
"""


def _mapping(institution: Institution, text: str) -> None:
    path = Path(institution.folder) / "mapping.toml"
    path.write_text(text)
    institution.settings["ORCID_SYNC_MAPPING_FILE"] = str(path)


def _states(institution: Institution) -> dict[str, tuple[str, str]]:
    listed = institution.json("status", "--person", person_id(1))["list"]
    return {row["source"]: (row["state"], row["reason"]) for row in listed}


def test_two_systems_with_one_doi_are_one_work_and_the_runner_up_takes_over(institution: Institution) -> None:
    """The winner stands; when it leaves, the other one is a PUT under the same put-code: no DELETE, no POST."""
    _mapping(institution, MAPPING)
    institution.permit(1)
    first = events.publication(person_id(1), "eprint-1", DOI, title="As the repository says")
    second = events.publication(person_id(1), "cris-9", f"https://doi.org/{DOI.upper()}", title="As the CRIS says") | {
        "source": "/cris"
    }
    both = institution.json("replay", institution.log("both.jsonl", second, first))
    put_code = institution.control.record(institution.orcid(1)).section("work")[0].put_code

    assert both["calls"]["POST"] == sum(both["calls"].values()) == 1
    assert (both["items"]["in_sync"], both["items"]["merged"]) == (1, 1)
    assert institution.titles(1) == ["As the repository says"]
    state, reason = _states(institution)["/cris"]
    assert state == "merged"
    assert "/repository publication eprint-1" in reason

    left = institution.json("replay", institution.log("left.jsonl", events.removal(first, sequence=2)))

    assert left["calls"] == {"POST": 0, "POST_BULK": 0, "PUT": 1, "DELETE": 0, "GET": 0}
    assert institution.titles(1) == ["As the CRIS says"]
    assert institution.control.record(institution.orcid(1)).section("work")[0].put_code == put_code


def test_fields_are_taken_from_the_source_that_wins_them(institution: Institution) -> None:
    """HR wins the dates, the repository the title and the rest; a change on either side is one PUT."""
    _mapping(
        institution,
        """
        [sources."/repository"]
        precedence = 10
        [sources."/cris"]
        wins = ["publication_date", "language"]
        """,
    )
    institution.permit(1)
    first = events.publication(person_id(1), "eprint-1", DOI, title="The title")
    second = events.publication(
        person_id(1), "cris-9", DOI, title="Another title", publication_date="2024-02", language=None
    ) | {"source": "/cris"}
    institution.json("replay", institution.log("both.jsonl", first, second))

    stands = institution.control.record(institution.orcid(1)).section("work")[0].document
    assert stands["title"]["title"]["value"] == "The title"
    assert [stands["publication-date"][part]["value"] for part in ("year", "month")] == ["2024", "02"]
    assert stands["language-code"] == "en"

    later = events.changed(second, sequence=2, publication_date="2024-03-09", title="Yet another title")
    moved = institution.json("replay", institution.log("later.jsonl", later))
    assert moved["calls"]["PUT"] == sum(moved["calls"].values()) == 1
    other = events.changed(second, sequence=3, publication_date="2024-03-09", title="And another")
    unmoved = institution.json("replay", institution.log("other.jsonl", other))
    assert sum(unmoved["calls"].values()) == 0
    stands = institution.control.record(institution.orcid(1)).section("work")[0].document
    assert stands["publication-date"]["day"]["value"] == "09"
    assert stands["title"]["title"]["value"] == "The title"


def test_two_sources_that_say_one_keyword_are_one_item(institution: Institution) -> None:
    """A keyword is known by its content; it stays until the last source that says it lets go."""
    institution.permit(1)
    hr = events.person(person_id(1), "P-1", keywords=["kelp"])
    pages = events.person(person_id(1), "P-1", keywords=["kelp", "tides"]) | {"source": "/pages"}
    institution.json("replay", institution.log("both.jsonl", hr, pages))
    keywords = [
        item.document["content"] for item in institution.control.record(institution.orcid(1)).section("keywords")
    ]
    assert sorted(keywords) == ["kelp", "tides"]

    fewer = events.changed(hr, sequence=2, keywords=[])
    one = institution.json("replay", institution.log("fewer.jsonl", fewer))
    assert one["calls"]["DELETE"] == 0
    fewer = events.changed(pages, sequence=2, keywords=["tides"])
    none = institution.json("replay", institution.log("none.jsonl", fewer))
    assert none["calls"] == {"POST": 0, "POST_BULK": 0, "PUT": 0, "DELETE": 1, "GET": 0}


def test_an_identifier_with_another_case_or_prefix_is_no_change(institution: Institution) -> None:
    """ORCID compares normalised values, and so do we."""
    institution.permit(1)
    work = events.publication(person_id(1), "eprint-1", DOI)
    institution.json("replay", institution.log("a.jsonl", work))
    again = events.changed(
        work,
        sequence=2,
        identifiers=[
            {"type": "DOI", "value": f"https://doi.org/{DOI.upper()}", "url": f"https://doi.org/{DOI}"},
            {"type": "issn", "value": "20493630"},
        ],
    )

    summary = institution.json("replay", institution.log("b.jsonl", again))

    assert sum(summary["calls"].values()) == 0
