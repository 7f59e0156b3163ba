"""Person events: one source record, and an item for each fact it tells."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.documents import Address, Document, Keyword, OtherName, PersonExternalId, ResearcherUrl, self_ids
from mappers.mapping_file import EMPTY, MappingFile, parse_mapping
from mappers.sections import Section
from mappers.wanted import WantedItem
from tests.mappers.builders import mapped, person_data

SITE = "https://example.org/garcia"


def facts(mapping: MappingFile = EMPTY, **changes: Any) -> tuple[WantedItem, ...]:
    """The items of an event that tells only this of its person."""
    data = {"person": {"id": "E1024"}} | changes
    return mapped(data, mapping, type="hr.person.changed")


def parts(items: tuple[WantedItem, ...]) -> list[str]:
    """What tells the items apart."""
    return [item.key.part for item in items]


def test_each_fact_is_an_item_of_its_section() -> None:
    """Known by what ORCID compares; of the address there is one, so another country is an update."""
    found = {
        (item.key.section, item.key.part): item.document for item in mapped(person_data(), type="hr.person.changed")
    }

    assert found == {
        (Section.OTHER_NAMES, "S. Garcia"): OtherName(content="S. Garcia"),
        (Section.OTHER_NAMES, "Sofia María García"): OtherName(content="Sofia María García"),
        (Section.KEYWORDS, "moas"): Keyword(content="moas"),
        (Section.KEYWORDS, "flightless birds"): Keyword(content="flightless birds"),
        (Section.RESEARCHER_URLS, SITE): ResearcherUrl(url=SITE, name="Home"),
        (Section.ADDRESS, ""): Address(country="NZ"),
        (Section.EXTERNAL_IDENTIFIERS, "Scopus Author ID:7004212771"): PersonExternalId(
            type="Scopus Author ID", value="7004212771", url="https://example.org/7004212771"
        ),
    }


def test_a_person_of_whom_nothing_is_told_wants_nothing() -> None:
    """Every field but the person is optional."""
    assert facts() == ()


def test_white_space_makes_no_other_content() -> None:
    """Trimmed, and folded within; what is nothing but white space says nothing."""
    items = facts(keywords=[" flightless\t birds ", "flightless birds", "  ", "Flightless birds"])

    assert parts(items) == ["flightless birds", "Flightless birds"]
    assert items[0].document == Keyword(content="flightless birds")


def test_a_url_given_twice_stands_under_its_first_name() -> None:
    """ORCID compares the address alone."""
    items = facts(websites=[{"url": SITE, "name": "Home"}, {"url": f" {SITE}", "name": "Work"}])

    assert [item.document for item in items] == [ResearcherUrl(url=SITE, name="Home")]


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        pytest.param(
            {"websites": [{"url": SITE, "name": "x" * 351}, {"url": SITE, "name": "Home"}]},
            ResearcherUrl(url=SITE, name="Home"),
            id="a-name-too-long",
        ),
        pytest.param(
            {"identifiers": [{"type": "Loop", "value": "1"}, {"type": "Loop", "value": "1", "url": SITE}]},
            PersonExternalId(type="Loop", value="1", url=SITE),
            id="no-url",
        ),
    ],
)
def test_of_facts_that_are_one_the_first_that_is_right_counts(said: dict[str, Any], stands: Document) -> None:
    """One that ORCID would refuse does not stand in its way; when all are refused, the first tells why."""
    ((section, facts_of_it),) = said.items()

    assert [(item.document, item.refusal) for item in facts(**said)] == [(stands, None)]
    twice: dict[str, Any] = {section: [facts_of_it[0]] * 2}
    (refused,) = facts(**twice)
    assert str(refused.refusal).startswith(f"{section}[0]")


@given(st.lists(st.tuples(st.text("ab:\\", min_size=1, max_size=4), st.text("ab:\\", min_size=1, max_size=4))))
def test_two_identifiers_never_share_a_part(pairs: list[tuple[str, str]]) -> None:
    """Nor an identity, wherever colons stand in type and value."""
    items = facts(identifiers=[{"type": kind, "value": value, "url": SITE} for kind, value in pairs])

    assert len(set(parts(items))) == len(set(pairs))
    assert len({one for item in items if item.document for one in self_ids(item.document)}) == len(set(pairs))
    plain = [f"{kind}:{value}" for kind, value in pairs if ":" not in kind and not kind.endswith("\\")]
    assert set(plain) <= set(parts(items))


def test_identifiers_are_compared_case_and_all() -> None:
    """Type and value as they stand, whatever their case; the first of two that are equal."""
    one = {"type": "Loop", "value": "A-1", "url": SITE}

    items = facts(identifiers=[one, one | {"url": "https://example.org/2"}, one | {"value": "a-1"}])

    assert parts(items) == ["Loop:A-1", "Loop:a-1"]


def test_a_fact_that_is_refused_stops_no_other() -> None:
    """Its siblings stand; the refusal names it by its place."""
    items = facts(keywords=["moas", "x" * 256, "birds"], country="Narnia")

    assert [str(item.refusal or "") for item in items] == [
        "",
        f"keywords[1]: {'x' * 79}… has 256 characters, more than 255 (ORCID 9047)",
        "",
        "country: Narnia is not a country code that ORCID knows (ORCID 9047)",
    ]


@pytest.mark.parametrize(
    ("changes", "known_as", "says"),
    [
        pytest.param({"websites": [{"name": "Home"}]}, "websites[0]", "websites[0].url: is missing", id="no-url"),
        pytest.param(
            {"identifiers": [{"value": "1", "url": SITE}]}, "identifiers[0]", "identifiers[0].type: is mi", id="no-type"
        ),
        pytest.param({"websites": [{}, {"name": " "}]}, None, "", id="nothing-at-all"),
    ],
)
def test_a_fact_without_its_part_is_known_by_its_place(
    changes: dict[str, Any], known_as: str | None, says: str
) -> None:
    """It has to be shown somewhere; an entry that is empty altogether says nothing."""
    items = facts(**changes)

    assert parts(items) == ([known_as] if known_as else [])
    assert all(str(item.refusal).startswith(says) for item in items)


def test_a_long_part_is_shortened_and_stays_its_own() -> None:
    """Keys of the store are bounded; two long addresses that begin alike are still two."""
    items = facts(websites=[{"url": f"https://example.org/{'x' * 400}{end}"} for end in "ab"])

    assert [len(part) for part in parts(items)] == [255, 255]
    assert len(set(parts(items))) == 2
    assert not [item for item in items if item.refusal]


def test_the_mapping_file_knows_the_country() -> None:
    """Its word for a country comes first."""
    (item,) = facts(parse_mapping("[countries]\nAotearoa = 'NZ'"), country="aotearoa")

    assert item.document == Address(country="NZ")
