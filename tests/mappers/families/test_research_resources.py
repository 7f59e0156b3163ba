"""Research resources: from an event to the research resource wanted on each holder's record."""

from mappers.dates import FuzzyDate
from mappers.documents import ExternalId, Organization, ResearchResource, Resource
from mappers.mapping_file import parse_mapping
from tests.mappers.builders import mapped, proposal_data, research_resource_data, resource_data

HOST = Organization(
    name="Example University",
    city="Boston",
    region="MA",
    country="US",
    identifier="https://ror.org/05gvnxz63",
    identifier_source="ROR",
)


def test_a_research_resource_has_its_fields_in_their_places() -> None:
    """Each field of section 4 has its place in the document."""
    proposal = proposal_data(start_date="2024", end_date="2025-06", url="https://example.org/proposal")
    resource = resource_data(url="https://example.org/laser")

    (item,) = mapped(
        research_resource_data(proposal=proposal, resources=[resource, resource_data(type="Equipment")]),
        type="research-resource.changed",
    )

    laser = Resource(
        name="Great Laser",
        type="infrastructures",
        hosts=(HOST,),
        external_ids=(ExternalId(type="rrid", value="RRID:SCR_000001"),),
        url="https://example.org/laser",
    )
    assert item.document == ResearchResource(
        title="Beam time",
        hosts=(HOST,),
        resources=(laser, laser.model_copy(update={"type": "equipment", "url": None})),
        external_ids=(ExternalId(type="proposal-id", value="P-17"),),
        start_date=FuzzyDate(2024),
        end_date=FuzzyDate(2025, 6),
        url="https://example.org/proposal",
    )


def test_each_holder_gets_the_resource_once() -> None:
    """Who is listed twice gets one; without holders there is nobody to tell."""
    holders = [{"person": {"id": person}} for person in ("E2", "E1", "E2")]

    items = mapped(research_resource_data(holders=holders), type="research-resource.changed")

    assert [item.key.person for item in items] == ["E2", "E1"]
    assert mapped(research_resource_data(holders=[]), type="research-resource.changed") == ()


def test_a_proposal_without_identifier_gets_our_own() -> None:
    """Ours is added when the message is written, so ORCID's rule is kept; a resource has to bring one itself."""
    data = research_resource_data(proposal=proposal_data(identifiers=[]))

    (item,) = mapped(data, type="research-resource.changed")

    assert isinstance(item.document, ResearchResource), item.refusal
    assert item.document.external_ids == ()


def test_identifiers_given_twice_are_said_once() -> None:
    """Of the proposal and of each resource."""
    twice = [{"type": "doi", "value": value} for value in ("10.1/A", "https://doi.org/10.1/a")]
    data = research_resource_data(
        proposal=proposal_data(identifiers=twice), resources=[resource_data(identifiers=twice)]
    )

    (item,) = mapped(data, type="research-resource.changed")

    assert isinstance(item.document, ResearchResource), item.refusal
    assert (
        item.document.external_ids
        == item.document.resources[0].external_ids
        == (ExternalId(type="doi", value="10.1/A"),)
    )


def test_the_mapping_file_knows_the_type() -> None:
    """Its word for a type of resource comes first."""
    mapping = parse_mapping("[resource_types]\nsynchrotron = 'infrastructures'")

    (item,) = mapped(
        research_resource_data(resources=[resource_data(type="Synchrotron")]), mapping, type="research-resource.changed"
    )

    assert isinstance(item.document, ResearchResource), item.refusal
    assert item.document.resources[0].type == "infrastructures"
