"""Publication events (`publication`): their data, and the work that each becomes for every one of our people on it."""

from typing import Annotated, Literal

from pydantic import Field

from mappers.contributor_roles import contributor_role
from mappers.countries import country_code
from mappers.documents import Citation, Contributor, ExternalId, Relationship, TranslatedTitle, Work
from mappers.drafts import Draft, Refused, read_date
from mappers.event_data import (
    MAX_LIST,
    CitationData,
    DateForm,
    IdentifierData,
    Identifiers,
    Part,
    Person,
    Text,
    TranslatedTitleData,
    trimmed,
)
from mappers.identifier_types import identifier_type, usual_relationship
from mappers.identifiers import parse_orcid_id
from mappers.languages import language_code
from mappers.mapping_file import MappingFile
from mappers.sections import Section
from mappers.work_types import work_type


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
    return (Draft(section=Section.WORK, persons=tuple(ours), build=lambda: _work(data, mapping)),) if ours else ()


def _work(data: PublicationData, mapping: MappingFile) -> Work:
    kind = work_type(data.type, mapping.work_types)
    return Work(
        title=data.title.strip(),
        type=kind,
        subtitle=trimmed(data.subtitle),
        translated_title=_translated(data.translated_title, mapping),
        journal_title=trimmed(data.container_title),
        short_description=trimmed(data.abstract),
        citation=_citation(data.citation),
        publication_date=read_date("publication_date", data.publication_date),
        external_ids=tuple(
            _external_id(f"identifiers[{place}]", one, kind, mapping)
            for place, one in enumerate(data.identifiers or ())
        ),
        url=trimmed(data.url),
        contributors=tuple(
            _contributor(f"contributors[{place}]", one, mapping) for place, one in enumerate(data.contributors)
        ),
        language_code=language_code(language, mapping.languages) if (language := trimmed(data.language)) else None,
        country=country_code(country, mapping.countries) if (country := trimmed(data.country)) else None,
    )


def _translated(data: TranslatedTitleData | None, mapping: MappingFile) -> TranslatedTitle | None:
    value, language = (trimmed(data.value), trimmed(data.language)) if data else (None, None)
    if value is None and language is None:
        return None
    return TranslatedTitle(value=value or "", language=language_code(language or "", mapping.languages))


def _citation(data: CitationData | None) -> Citation | None:
    kind, value = (trimmed(data.type), trimmed(data.value)) if data else (None, None)
    if kind is None and value is None:
        return None
    return Citation(type=(kind or "").lower().replace("_", "-"), value=value or "")


def _external_id(field: str, data: IdentifierData, kind_of_work: str, mapping: MappingFile) -> ExternalId:
    kind = identifier_type(data.type, mapping.identifier_types)
    said = trimmed(data.relationship)
    if said is None:
        relationship = usual_relationship(kind, kind_of_work, mapping.relationships)
    elif said.lower().replace("_", "-") in set(Relationship):
        relationship = Relationship(said.lower().replace("_", "-"))
    else:
        raise Refused(f"{field}.relationship", said, f"is not one of {', '.join(Relationship)} (ORCID 9047)")
    return ExternalId(type=kind, value=data.value.strip(), relationship=relationship, url=trimmed(data.url))


def _contributor(field: str, data: ContributorData, mapping: MappingFile) -> Contributor:
    orcid, role, sequence = trimmed(data.orcid), trimmed(data.role), trimmed(data.sequence)
    try:
        bare = parse_orcid_id(orcid) if orcid else None
    except ValueError as error:
        raise Refused(f"{field}.orcid", orcid or "", f"{error} (ORCID 9020)") from None
    return Contributor(
        name=trimmed(data.name),
        orcid=bare,
        role=contributor_role(role, mapping.roles) if role else None,
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
