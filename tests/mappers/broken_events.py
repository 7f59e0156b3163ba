"""Events that break one of ORCID's rules (API_FACTS.md 4.2, 5), each right but for that: a row a rule.

What an event can't break has no row: that there is an identifier, one with `self`, or one instead of an organization's
(9023, 9062), for then our own is added; put-codes, visibility and duplicates (9019, 9024, 9035, 9021, 9030), which are
not in a document; a person's identifier that is not `self` (9020); whether ORCID's table has an organization (9045).
"""

from dataclasses import dataclass
from typing import Any

from tests.mappers.broken_affiliations import AFFILIATIONS
from tests.mappers.broken_parts import (
    CONTROL,
    DOI,
    LONG_URL,
    Row,
    among_hosts,
    date_rows,
    identifier_rows,
    organization_rows,
    translated_title_rows,
    url_rows,
    within,
)
from tests.mappers.builders import (
    RIGHT_DATA,
    Json,
    organization_data,
    person_data,
    proposal_data,
    resource_data,
)


@dataclass(frozen=True, slots=True)
class BrokenEvent:
    """An event whose item, or whose first item of those in the same section, ORCID would refuse with `code`.

    Without a code it is a rule of ours: ORCID would take the document. `field` is spelled as in the event; `says`
    stands in the rule of the refusal.
    """

    name: str
    type: str
    data: Json
    field: str
    code: int | None
    says: str


PUBLICATIONS: list[Row] = [
    ("blank-title", {"title": " "}, "title", 9022, "is missing"),
    ("long-title", {"title": "x" * 1001}, "title", 9047, "has 1001 characters, more than 1000"),
    ("long-astral-title", {"title": "\U0001f9a4" * 501}, "title", 9047, "has 1002 characters, more than 1000"),
    ("control-in-title", {"title": CONTROL}, "title", None, "U+0001"),
    ("no-character-in-title", {"title": "a\ufffeb"}, "title", None, "U+FFFE"),
    ("country", {"country": "UK"}, "country", 9047, "is not a country code"),
    *translated_title_rows(),
    ("unknown-type", {"type": "poem"}, "type", 9047, "is not a work type"),
    ("blank-type", {"type": " "}, "type", 9037, "is missing"),
    ("coar-type-without-counterpart", {"type": "c_0857"}, "type", 9047, "is not a work type"),
    ("language", {"language": "Klingon"}, "language", 9037, "is not a language code"),
    *date_rows("publication_date"),
    ("citation-without-type", {"citation": {"value": "x"}}, "citation.type", 9037, "is missing"),
    ("citation-type", {"citation": {"type": "word", "value": "x"}}, "citation.type", 9047, "is not a citation type"),
    ("citation-without-value", {"citation": {"type": "bibtex"}}, "citation.value", 9020, "is missing"),
    *identifier_rows("identifiers"),
    (
        "funded-by",
        {"identifiers": [DOI, {"type": "isbn", "value": "1", "relationship": "funded-by"}]},
        "identifiers[1].relationship",
        9020,
        "is only for doi, grant_number, proposal-id, uri, not for isbn",
    ),
    (
        "contributor-checksum",
        {"contributors": [{"person": {"id": "E1"}, "orcid": "0000-0002-1825-0098"}]},
        "contributors[0].orcid",
        9020,
        "is not an ORCID iD",
    ),
    (
        "contributor-role",
        {"contributors": [{"person": {"id": "E1"}}, {"role": "boss"}]},
        "contributors[1].role",
        9058,
        "is not a contributor role",
    ),
    (
        "contributor-sequence",
        {"contributors": [{"person": {"id": "E1"}, "sequence": "last"}]},
        "contributors[0].sequence",
        9047,
        "is not first or additional",
    ),
    (
        "long-credit-name",
        {"contributors": [{"person": {"id": "E1"}, "name": "x" * 151}]},
        "contributors[0].name",
        9047,
        "more than 150",
    ),
    ("long-subtitle", {"subtitle": "x" * 1001}, "subtitle", 9047, "more than 1000"),
    ("long-container", {"container_title": "x" * 1001}, "container_title", 9047, "more than 1000"),
    ("long-abstract", {"abstract": "x" * 5001}, "abstract", 9047, "more than 5000"),
    *url_rows(),
]
HOLDER = {"person": {"id": "E1"}}
FUNDINGS: list[Row] = [
    ("blank-title", {"title": " "}, "title", 9022, "is missing"),
    ("long-title", {"title": "x" * 1001}, "title", 9047, "more than 1000"),
    *translated_title_rows(),
    ("amount-without-currency", {"amount": {"value": "1000"}}, "amount.currency", 9020, "is missing"),
    ("currency-without-amount", {"amount": {"currency": "EUR"}}, "amount.value", 9020, "is missing"),
    ("currency", {"amount": {"value": "1", "currency": "Galleon"}}, "amount.currency", 9047, "is not a currency code"),
    *(
        (f"amount-{text}", {"amount": {"value": text, "currency": "EUR"}}, "amount.value", 9054, "is not a number")
        for text in ("1,000", "1 000", "EUR 5", "1e999", "NaN", "0x10")
    ),
    *within(organization_rows("funder", identified=True), "funder"),
    ("end-without-start", {"start_date": ...}, "start_date", 9050, "an end needs a start"),
    *date_rows("start_date"),
    *date_rows("end_date"),
    *identifier_rows("identifiers"),
    ("holder-role", {"holders": [HOLDER | {"role": "author"}]}, "holders[0].role", 9058, "is not a contributor role"),
    ("long-holder-name", {"holders": [HOLDER | {"name": "x" * 151}]}, "holders[0].name", 9047, "more than 150"),
    (
        "holder-checksum",
        {"holders": [HOLDER | {"orcid": "0000-0002-1825-0098"}]},
        "holders[0].orcid",
        9020,
        "is not an",
    ),
    ("blank-type", {"type": " "}, "type", 9047, "is missing"),
    ("unknown-type", {"type": "gift"}, "type", 9047, "is not a funding type"),
    ("long-own-type", {"organization_defined_type": "x" * 256}, "organization_defined_type", 9047, "more than 255"),
    ("long-description", {"description": "x" * 5001}, "description", 9047, "more than 5000"),
    *url_rows(),
]


def _subject(**parts: Any) -> Json:
    return {"subject": parts}


PEER_REVIEWS: list[Row] = [
    ("blank-type", {"type": " "}, "type", 9037, "is missing"),
    ("blank-role", {"role": " "}, "role", 9047, "is missing"),
    ("unknown-type", {"type": "praise"}, "type", 9047, "is not a review type"),
    ("unknown-role", {"role": "critic"}, "role", 9047, "is not a reviewer's role"),
    *date_rows("completion_date"),
    *identifier_rows("identifiers"),
    *within(organization_rows("organization", identified=False), "organization"),
    ("group-prefix", {"group": {"id": "journal:12"}}, "group.id", 9047, "is not a group-id"),
    ("group-blank", {"group": {"id": " "}}, "group.id", 9047, "is missing"),
    ("group-short", {"group": {"id": "publons:1"}}, "group.id", 9047, "is not a group-id"),
    ("group-space", {"group": {"id": "publons:1 2"}}, "group.id", 9047, "is not a group-id"),
    ("group-long", {"group": {"id": "publons:" + "1" * 993}}, "group.id", 9047, "more than 1000"),
    ("group-issn", {"group": {"id": "issn:12345"}}, "group.id", 9053, "is not an ISSN"),
    ("group-issn-check-digit", {"group": {"id": "issn:1741-4858"}}, "group.id", 9053, "is not an ISSN"),
    (
        "group-type",
        {"group": {"id": "publons:12", "name": "Moas", "type": "club"}},
        "group.type",
        9047,
        "is not a group type",
    ),
    (
        "group-long-name",
        {"group": {"id": "publons:12", "name": "x" * 1001, "type": "journal"}},
        "group.name",
        9047,
        "more than 1000",
    ),
    (
        "group-long-description",
        {"group": {"id": "publons:12", "name": "Moas", "type": "journal", "description": "x" * 1001}},
        "group.description",
        9047,
        "more than 1000",
    ),
    ("subject-type", _subject(type="poem"), "subject.type", 9047, "is not a subject's type"),
    ("subject-long-name", _subject(name="x" * 1001), "subject.name", 9047, "more than 1000"),
    ("subject-long-container", _subject(container="x" * 1001), "subject.container", 9047, "more than 1000"),
    ("subject-url", _subject(url="example.org"), "subject.url", None, "is not a web address"),
    (
        "subject-identifier-type",
        _subject(identifier={"type": "isni", "value": "1"}),
        "subject.identifier.type",
        9023,
        "is not an identifier type",
    ),
    (
        "subject-identifier-value",
        _subject(identifier={"type": "doi", "value": ""}),
        "subject.identifier.value",
        9023,
        "is missing",
    ),
    *url_rows(),
]
PROPOSALS: list[Row] = [
    *identifier_rows("proposal.identifiers"),
    *among_hosts(organization_rows("proposal.hosts[1]", identified=True)),
    ("no-hosts", {"hosts": []}, "proposal.hosts", 9047, "at least one host"),
    ("many-hosts", {"hosts": [organization_data()] * 11}, "proposal.hosts", 9047, "has 11 hosts, more than 10"),
    ("end-without-start", {"end_date": "2026"}, "proposal.start_date", 9050, "an end needs a start"),
    *((name, changes, f"proposal.{field}", code, says) for name, changes, field, code, says in date_rows("start_date")),
    ("blank-title", {"title": ""}, "proposal.title", 9047, "is missing"),
    ("long-title", {"title": "x" * 1001}, "proposal.title", 9047, "more than 1000"),
    *((name, changes, f"proposal.{field}", code, says) for name, changes, field, code, says in url_rows()),
]
RESOURCES: list[Row] = [
    *identifier_rows("resources[0].identifiers"),
    ("no-identifier", {"identifiers": []}, "resources[0].identifiers", 9023, "a resource needs an identifier"),
    *among_hosts(organization_rows("resources[0].hosts[1]", identified=True)),
    ("no-hosts", {"hosts": []}, "resources[0].hosts", 9047, "at least one host"),
    ("many-hosts", {"hosts": [organization_data()] * 11}, "resources[0].hosts", 9047, "has 11 hosts, more than 10"),
    ("blank-type", {"type": " "}, "resources[0].type", 9047, "is missing"),
    ("unknown-type", {"type": "money"}, "resources[0].type", 9047, "is not a resource type"),
    ("blank-name", {"name": ""}, "resources[0].name", 9047, "is missing"),
    ("long-name", {"name": "x" * 1001}, "resources[0].name", 9047, "more than 1000"),
    *((name, changes, f"resources[0].{field}", code, says) for name, changes, field, code, says in url_rows()),
]


def _person(section: str, *entries: Any) -> Json:
    """A person event with nothing but these entries in one section."""
    nothing: Json = {"other_names": [], "keywords": [], "websites": [], "country": None, "identifiers": []}
    return person_data(**nothing) | {section: list(entries)}


SITE = "https://example.org/x"
PEOPLE: list[Row] = [
    ("long-keyword", _person("keywords", "x" * 256), "keywords[0]", 9047, "more than 255"),
    ("control-in-keyword", _person("keywords", CONTROL), "keywords[0]", None, "U+0001"),
    ("long-other-name", _person("other_names", "x" * 256), "other_names[0]", 9047, "more than 255"),
    ("country", _person("keywords") | {"country": "Narnia"}, "country", 9047, "is not a country code"),
    ("no-url", _person("websites", {"name": "Home"}), "websites[0].url", 9020, "is missing"),
    ("long-url", _person("websites", {"url": LONG_URL}), "websites[0].url", 9020, "more than 2000"),
    ("url-form", _person("websites", {"url": "example.org"}), "websites[0].url", None, "is not a web address"),
    ("url-escape", _person("websites", {"url": "https://x/%zz"}), "websites[0].url", 9047, "is not a web address"),
    ("long-url-name", _person("websites", {"url": SITE, "name": "x" * 351}), "websites[0].name", 9047, "than 350"),
    ("no-type", _person("identifiers", {"value": "1", "url": SITE}), "identifiers[0].type", 9047, "is missing"),
    ("no-value", _person("identifiers", {"type": "A", "url": SITE}), "identifiers[0].value", 9047, "is missing"),
    ("no-link", _person("identifiers", {"type": "A", "value": "1"}), "identifiers[0].url", 9020, "is missing"),
    *(
        (
            f"long-{part}",
            _person("identifiers", {"type": "A", "value": "1", "url": SITE} | {part: "x" * 256}),
            f"identifiers[0].{part}",
            9020,
            "more than 255",
        )
        for part in ("type", "value")
    ),
    (
        "long-link",
        _person("identifiers", {"type": "A", "value": "1", "url": LONG_URL}),
        "identifiers[0].url",
        9020,
        "more than 2000",
    ),
]


def _broken(event_type: str, rows: list[Row]) -> list[BrokenEvent]:
    right = RIGHT_DATA[event_type]
    entity = event_type.removesuffix(".changed")
    return [
        BrokenEvent(
            name=f"{entity}-{name}",
            type=event_type,
            data={key: value for key, value in right(**changes).items() if value is not ...},
            field=field,
            code=code,
            says=says,
        )
        for name, changes, field, code, says in rows
    ]


def _in_parts() -> list[Row]:
    """The rows of a proposal and of a resource as those of their event."""
    rows: list[Row] = []
    for name, changes, at, code, says in PROPOSALS:
        rows.append((f"proposal-{name}", {"proposal": proposal_data(**changes)}, at, code, says))
    rows.append(("no-resources", {"resources": []}, "resources", 9047, "at least one resource"))
    for name, changes, at, code, says in RESOURCES:
        rows.append((f"resource-{name}", {"resources": [resource_data(**changes)]}, at, code, says))
    return rows


BROKEN_EVENTS = [
    *_broken("hr.affiliation.changed", AFFILIATIONS),
    *_broken("hr.person.changed", PEOPLE),
    *_broken("publication.changed", PUBLICATIONS),
    *_broken("funding.changed", FUNDINGS),
    *_broken("peer-review.changed", PEER_REVIEWS),
    *_broken("research-resource.changed", _in_parts()),
]
"""All of them."""
