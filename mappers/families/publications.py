"""Publication events (`publication`): their data, and the work that each becomes for every one of our people on it."""

from typing import Annotated, Literal

from pydantic import Field

from mappers.documents import Citation, Contributor, Relationship, Work
from mappers.drafts import Draft, Refused, read_date, read_orcid_id
from mappers.events.data import (
    MAX_LIST,
    CitationData,
    DateForm,
    Identifiers,
    Part,
    Person,
    Text,
    TranslatedTitleData,
    trimmed,
)
from mappers.events.people_in_data import FORGOTTEN
from mappers.families.external_ids import external_ids
from mappers.families.titles import translated_title
from mappers.mapping_file import MappingFile
from mappers.sections import Section
from mappers.vocabularies.activity_terms import CITATION_TYPE_SPELLINGS
from mappers.vocabularies.contributor_roles import WORK_ROLES, contributor_role
from mappers.vocabularies.countries import country_code
from mappers.vocabularies.identifier_types import usual_relationship
from mappers.vocabularies.languages import language_code
from mappers.vocabularies.terms import known_term
from mappers.vocabularies.work_types import work_type


class ContributorData(Part):
    """Someone who contributed; `person` when it is one of ours."""

    person: Person | None = None
    orcid: Text | None = None
    name: Text | None = None
    role: Text | None = None
    sequence: Text | None = None


class PublicationData(Part):
    """The data of `publication.changed`."""

    title: Text
    type: Text
    contributors: Annotated[list[ContributorData], Field(max_length=MAX_LIST)]
    identifiers: Identifiers | None = None
    subtitle: Text | None = None
    translated_title: TranslatedTitleData | None = None
    container_title: Text | None = None
    publication_date: DateForm | None = None
    abstract: Text | None = None
    url: Text | None = None
    language: Text | None = None
    country: Text | None = None
    citation: CitationData | None = None


def draft_publication(data: PublicationData, mapping: MappingFile) -> tuple[Draft, ...]:
    """One work with the same content for each of our people among the contributors."""
    ours = dict.fromkeys(one.person.id for one in data.contributors if one.person is not None)
    ours.pop(FORGOTTEN, None)
    return (Draft(section=Section.WORK, persons=tuple(ours), build=lambda: _work(data, mapping)),) if ours else ()


def _work(data: PublicationData, mapping: MappingFile) -> Work:
    kind = work_type(data.type, mapping.work_types)

    def usual(identifier: str) -> Relationship:
        return usual_relationship(identifier, kind, mapping.relationships)

    return Work(
        title=data.title.strip(),
        type=kind,
        subtitle=trimmed(data.subtitle),
        translated_title=translated_title(data.translated_title, mapping.languages),
        journal_title=trimmed(data.container_title),
        short_description=trimmed(data.abstract),
        citation=_citation(data.citation),
        publication_date=read_date("publication_date", data.publication_date),
        external_ids=external_ids("identifiers", data.identifiers, mapping, usual),
        url=trimmed(data.url),
        contributors=tuple(
            _contributor(f"contributors[{place}]", one, mapping) for place, one in enumerate(data.contributors)
        ),
        language_code=language_code(language, mapping.languages) if (language := trimmed(data.language)) else None,
        country=country_code(country, mapping.countries) if (country := trimmed(data.country)) else None,
    )


def _citation(data: CitationData | None) -> Citation | None:
    kind, value = (trimmed(data.type), trimmed(data.value)) if data else (None, None)
    if kind is None and value is None:
        return None
    return Citation(type=known_term(kind or "", CITATION_TYPE_SPELLINGS, {}), value=value or "")


def _contributor(field: str, data: ContributorData, mapping: MappingFile) -> Contributor:
    role, sequence = trimmed(data.role), trimmed(data.sequence)
    return Contributor(
        name=trimmed(data.name),
        orcid=read_orcid_id(f"{field}.orcid", trimmed(data.orcid)),
        role=contributor_role(role, WORK_ROLES, mapping.roles) if role else None,
        sequence=_sequence(field, sequence) if sequence else None,
    )


def _sequence(field: str, text: str) -> Literal["first", "additional"]:
    match text.lower():
        case "first":
            return "first"
        case "additional":
            return "additional"
        case _:
            raise Refused(f"{field}.sequence", text, "is not first or additional (ORCID 9047)")
