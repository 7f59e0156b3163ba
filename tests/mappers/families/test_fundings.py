"""Fundings: from an event to the funding wanted on each holder's record."""

from typing import Any

import pytest

from mappers.dates import FuzzyDate
from mappers.documents import Amount, Contributor, ExternalId, Funding, Organization, Relationship, TranslatedTitle
from mappers.mapping_file import EMPTY, MappingFile, parse_mapping
from tests.mappers.builders import bad_event, event, funding_data, mapped

MAPPING = parse_mapping("""
[funding_types]
Stipend = "salary-award"
[funding_roles]
PI = "lead"
[currencies]
pounds = "GBP"
[relationships]
proposal-id = "part-of"
""")


def funding(mapping: MappingFile = EMPTY, **changes: Any) -> Funding:
    """The funding of an event; the same for all of its holders."""
    first, *others = mapped(funding_data(**changes), mapping, type="funding.changed")
    assert all(one.document == first.document for one in others)
    assert isinstance(first.document, Funding), first.refusal
    return first.document


def test_a_funding_has_its_fields_in_their_places() -> None:
    """Each field of section 4 has its place in the document; a holder without a name is there by the role alone."""
    found = funding(
        translated_title={"value": "Moa im Süden", "language": "de-DE"},
        description="Large.",
        url="https://example.org/moa",
        organization_defined_type="Marsden",
    )

    assert found == Funding(
        title="Moas of the south",
        type="grant",
        organization=Organization(
            name="Example Fund",
            city="Boston",
            region="MA",
            country="US",
            identifier="https://ror.org/02mhbdp94",
            identifier_source="ROR",
        ),
        translated_title=TranslatedTitle(value="Moa im Süden", language="de"),
        organization_defined_type="Marsden",
        short_description="Large.",
        amount=Amount(value="250000", currency="NZD"),
        url="https://example.org/moa",
        start_date=FuzzyDate(2024, 1),
        end_date=FuzzyDate(2026, 12, 31),
        external_ids=(ExternalId(type="grant_number", value="MOA-17"),),
        contributors=(Contributor(role="lead"), Contributor(role="co-lead")),
    )


def test_each_holder_gets_the_funding_once() -> None:
    """Who is listed twice gets one."""
    holders = [{"person": {"id": person}} for person in ("E2", "E1", "E2")]

    items = mapped(funding_data(holders=holders), type="funding.changed")

    assert [item.key.person for item in items] == ["E2", "E1"]


def test_a_funding_without_holders_wants_nothing() -> None:
    """There is nobody to tell."""
    assert mapped(funding_data(holders=[]), type="funding.changed") == ()


def test_a_holder_is_printed_as_far_as_the_event_says() -> None:
    """Name and iD where they are given; who has neither, nor a role, is not printed. Never our own id."""
    person = {"person": {"id": "E-SECRET"}}
    holders = [
        person | {"name": "Garcia, Sofia", "orcid": "https://orcid.org/0000-0002-1825-0097", "role": "Co_Lead"},
        person,
        person | {"role": "https://credit.niso.org/contributor-roles/methodology"},
    ]

    found = funding(holders=holders).contributors

    assert found == (
        Contributor(name="Garcia, Sofia", orcid="0000-0002-1825-0097", role="co-lead"),
        Contributor(role="http://credit.niso.org/contributor-roles/methodology/"),
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("1000.50", "1000.50", id="text"),
        pytest.param(" 1e3 ", "1e3", id="exponent"),
        pytest.param(1000, "1000", id="number"),
        pytest.param(1000.5, "1000.5", id="fraction"),
    ],
)
def test_an_amount_is_text_or_a_number(value: Any, expected: str) -> None:
    """What Java reads as a number passes."""
    assert funding(amount={"value": value, "currency": "EUR"}).amount == Amount(value=expected, currency="EUR")


@pytest.mark.parametrize("value", [True, [], {}])
def test_an_amount_of_another_type_is_a_dead_letter(value: Any) -> None:
    """The shape is wrong, not the amount."""
    found = bad_event(event(funding_data(amount={"value": value}), type="funding.changed"))

    assert found.field == "data.amount.value"


def test_an_empty_amount_says_nothing() -> None:
    """A system that writes out empty fields means nothing by it."""
    assert funding(amount={"value": " ", "currency": ""}).amount is None


def test_the_mapping_file_decides_before_the_usual() -> None:
    """Its types, roles, currencies and relationships come first; without it, a missing relationship is `self`."""
    changes: dict[str, Any] = {
        "type": "stipend",
        "holders": [{"person": {"id": "E1"}, "role": "pi"}],
        "amount": {"value": "5", "currency": "Pounds"},
        "identifiers": [{"type": kind, "value": "1"} for kind in ("proposal-id", "grant_number")],
    }

    found = funding(MAPPING, **changes)

    assert (found.type, found.contributors[0].role, found.amount) == (
        "salary-award",
        "lead",
        Amount(value="5", currency="GBP"),
    )
    assert [one.relationship for one in found.external_ids] == [Relationship.PART_OF, Relationship.SELF]
