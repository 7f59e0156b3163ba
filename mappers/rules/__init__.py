"""ORCID's rules for documents (API_FACTS.md 5), asked before any call. Fields are named as in the event."""

from collections.abc import Iterable
from itertools import chain

from mappers.documents import Affiliation, Document, Funding, Organization, PeerReview, ResearchResource, Work
from mappers.groups import GroupIdRecord
from mappers.rules.affiliations import AFFILIATION_RULES
from mappers.rules.fundings import FUNDING_RULES
from mappers.rules.parts import Refusals, organization_texts
from mappers.rules.peer_reviews import PEER_REVIEW_RULES, group_rules
from mappers.rules.person_facts import person_fact
from mappers.rules.research_resources import RESEARCH_RESOURCE_RULES
from mappers.rules.works import WORK_RULES
from mappers.wanted import Refusal


def check(document: Document) -> Refusal | None:
    """The first of ORCID's rules that the document breaks, or None.

    They are v3.0's. A person's fact is one of several in its event: its fields are named within it, and a fact that is
    but one field has none.
    """
    match document:
        case Affiliation():
            return _first(rule(document) for rule in AFFILIATION_RULES)
        case Work():
            return _first(rule(document) for rule in WORK_RULES)
        case Funding():
            return _first(rule(document) for rule in FUNDING_RULES)
        case PeerReview():
            return _first(rule(document) for rule in PEER_REVIEW_RULES)
        case ResearchResource():
            return _first(rule(document) for rule in RESEARCH_RESOURCE_RULES)
        case _:
            return _first([person_fact(document)])


def check_organization(organization: Organization) -> Refusal | None:
    """The first rule that every organization has to keep and this one breaks, or None."""
    return _first([organization_texts("organization", organization)])


def check_group(group: GroupIdRecord) -> Refusal | None:
    """The first of ORCID's rules that what an event says of a group breaks, or None."""
    return _first([group_rules(group)])


def _first(rules: Iterable[Refusals]) -> Refusal | None:
    return next(chain.from_iterable(rules), None)
