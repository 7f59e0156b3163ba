"""The external-id types that ORCID knows (API_FACTS.md 5.9), and what an identifier says where its event doesn't."""

from collections.abc import Mapping

from mappers.documents import Relationship
from mappers.vocabularies.terms import known_term, spellings, words

IDENTIFIER_TYPES = words(
    """
    agr ark arxiv asin asin-tld authenticusid bibcode cba cgn cienciaiul cit cstr ctx dnb doi eid emdb empiar ethos
    grant_number hal handle hir isbn ismn issn jfm jstor k10plus kuid lccn lensid mr oclc ol osti other-id pat pdb pmc
    pmid ppr proposal-id raid rfc rrid source-work-id ssrn uri urn wosuid zbl
    """
)

_SPELLINGS = spellings(IDENTIFIER_TYPES)

FUNDED_BY_TYPES = frozenset({"grant_number", "proposal-id", "uri", "doi"})
"""The only types ORCID takes with the relationship `funded-by` (API_FACTS.md 5.2)."""

_PARTS_OF_A_BOOK = words(
    """
    book-chapter book-review conference-abstract conference-paper conference-poster conference-presentation
    dictionary-entry encyclopedia-entry
    """
)


def identifier_type(term: str, extra: Mapping[str, str]) -> str:
    """ORCID's name of an identifier type: the mapping file's word for it first, else its own, as terms compare."""
    return known_term(term, _SPELLINGS, extra)


def usual_relationship(kind: str, work_type: str, extra: Mapping[str, Relationship]) -> Relationship:
    """What an identifier without a relationship says of a work: by mapping file, then by type, else `self`.

    An ISSN names the serial, and an ISBN the book, that a shorter work is part of; a grant number names what paid.
    """
    if (mapped := extra.get(kind)) is not None:
        return mapped
    match kind:
        case "issn":
            return Relationship.PART_OF
        case "isbn" if work_type in _PARTS_OF_A_BOOK:
            return Relationship.PART_OF
        case "grant_number":
            return Relationship.FUNDED_BY
        case _:
            return Relationship.SELF
