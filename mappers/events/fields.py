"""The fields of events (CONTRACT.md section 4), as the mapping file names them, and what each says of a document."""

from collections.abc import Iterable, Mapping

_DATES = {"start_date": ("start_date",), "end_date": ("end_date",)}

EVENT_FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "hr.affiliation": {
        "person": (),
        "kind": (),
        "role_title": ("role_title",),
        "department": ("department_name",),
        **_DATES,
        "url": ("url",),
        "organization": ("organization",),
        "unit": ("department_name", "organization"),
    },
    "hr.person": {
        "person": (),
        "name": (),
        "other_names": (),
        "keywords": (),
        "websites": ("name",),
        "country": (),
        "identifiers": (),
    },
    "hr.person.left": {"person": (), "date": ()},
    "hr.person.merged": {"from": (), "into": ()},
    "publication": {
        "title": ("title",),
        "type": ("type",),
        "contributors": ("contributors",),
        "identifiers": (),
        "subtitle": ("subtitle",),
        "translated_title": ("translated_title",),
        "container_title": ("journal_title",),
        "publication_date": ("publication_date",),
        "abstract": ("short_description",),
        "url": ("url",),
        "language": ("language_code",),
        "country": ("country",),
        "citation": ("citation",),
    },
    "funding": {
        "title": ("title",),
        "type": ("type",),
        "holders": ("contributors",),
        "funder": ("organization",),
        "identifiers": (),
        "amount": ("amount",),
        **_DATES,
        "description": ("short_description",),
        "url": ("url",),
        "translated_title": ("translated_title",),
        "organization_defined_type": ("organization_defined_type",),
    },
    "peer-review": {
        "person": (),
        "role": ("reviewer_role",),
        "type": ("review_type",),
        "completion_date": ("completion_date",),
        "group": (),
        "organization": ("organization",),
        "identifiers": (),
        "subject": (
            "subject_external_id",
            "subject_container_name",
            "subject_type",
            "subject_name",
            "subject_subtitle",
            "subject_translated_name",
            "subject_url",
        ),
        "url": ("url",),
    },
    "research-resource": {
        "holders": (),
        "proposal": ("title", "translated_title", "hosts", *_DATES, "url"),
        "resources": ("resources",),
    },
}
"""By entity, the event's fields, and the fields of the document that each of them fills.

Those that fill none decide whose item it is, or what ORCID counts as one item: they can't be another source's to say.
"""

WINNABLE = frozenset(name for fields in EVENT_FIELDS.values() for name, filled in fields.items() if filled)
"""The fields that the mapping file may give to one source (`wins`)."""


def document_fields(names: Iterable[str]) -> tuple[str, ...]:
    """The fields of documents that these fields of events fill, each once."""
    wanted = set(names)
    found = (
        one for fields in EVENT_FIELDS.values() for name, filled in fields.items() if name in wanted for one in filled
    )
    return tuple(dict.fromkeys(found))
