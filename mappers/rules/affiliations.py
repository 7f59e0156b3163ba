"""ORCID's rules for affiliations (API_FACTS.md 5.1, 5.4).

A rule that an affiliation can't break here: organization identifier or external-id (9062), for each carries our own.
"""

from collections.abc import Callable

from mappers.documents import Affiliation
from mappers.rules.parts import Refusals, is_identified, organization_texts, refusal, required, text, web_address
from mappers.sections import Section

EMPLOYERS = frozenset({Section.EMPLOYMENT, Section.EDUCATION})
"""The kinds of affiliation whose organization ORCID wants fully named."""


def _organization(affiliation: Affiliation) -> Refusals:
    yield from organization_texts("organization", affiliation.organization)


def _employer_is_identified(affiliation: Affiliation) -> Refusals:
    if affiliation.section in EMPLOYERS:
        yield from is_identified(
            "organization", affiliation.organization, f"the organization of an {affiliation.section}"
        )


def _organization_has_a_place(affiliation: Affiliation) -> Refusals:
    organization = affiliation.organization
    if affiliation.section in EMPLOYERS:
        for part in ("city", "country"):
            if not getattr(organization, part):
                rule = f"is missing: an {affiliation.section} needs its organization's place"
                yield refusal(f"organization.{part}", "", rule, 9060)
    elif not organization.country and (place := organization.city or organization.region):
        rule = f"is missing: the organization has a city or region, {place}, and these need a country"
        yield refusal("organization.country", "", rule, 9061)


def _starts_before_it_ends(affiliation: Affiliation) -> Refusals:
    start, end = affiliation.start_date, affiliation.end_date
    if start is not None and end is not None and start.is_after(end):
        yield refusal("end_date", str(end), f"is before the start_date, {start}", 9055)


def _texts(affiliation: Affiliation) -> Refusals:
    yield from text("department", affiliation.department_name, 4000)
    yield from text("role_title", affiliation.role_title, 4000)
    yield from web_address("url", affiliation.url)


def _identifiers(affiliation: Affiliation) -> Refusals:
    """Their types are not compared with ORCID's list."""
    for place, one in enumerate(affiliation.external_ids):
        yield from required(f"identifiers[{place}].type", one.type, None, 9047)
        yield from required(f"identifiers[{place}].value", one.value, None, 9047)
        yield from web_address(f"identifiers[{place}].url", one.url)


AFFILIATION_RULES: tuple[Callable[[Affiliation], Refusals], ...] = (
    _organization,
    _employer_is_identified,
    _organization_has_a_place,
    _starts_before_it_ends,
    _texts,
    _identifiers,
)
"""In the order in which ORCID asks them."""
