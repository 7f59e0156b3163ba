"""Rows of broken affiliation events: of employments all, of the other six kinds what they share and what they don't."""

from tests.mappers.broken_parts import CONTROL, Row, date_rows, organization_rows, url_rows, within
from tests.mappers.builders import organization_data

_EMPLOYMENTS: list[Row] = [
    *within(organization_rows("organization", identified=True), "organization"),
    ("no-organization", {"organization": ...}, "organization", 9046, "has no default"),
    ("no-city", {"organization": organization_data(city=None)}, "organization.city", 9060, "is missing"),
    ("no-country", {"organization": organization_data(country="")}, "organization.country", 9060, "is missing"),
    *date_rows("start_date"),
    *date_rows("end_date"),
    ("end-before-start", {"end_date": "2018"}, "end_date", 9055, "is before the start_date, 2019-09-01"),
    ("long-department", {"department": "x" * 4001}, "department", 9047, "more than 4000"),
    ("long-role", {"role_title": "x" * 4001}, "role_title", 9047, "more than 4000"),
    ("control-in-role", {"role_title": CONTROL}, "role_title", None, "U+0001"),
    *url_rows(),
]
_PLACES: list[Row] = [
    (
        "education-no-identifier",
        {"kind": "education", "organization": organization_data(ror=None)},
        "organization.ror",
        9045,
        "of an education needs",
    ),
    (
        "education-no-city",
        {"kind": "education", "organization": organization_data(city=None)},
        "organization.city",
        9060,
        "an education needs",
    ),
    (
        "education-no-country",
        {"kind": "education", "organization": organization_data(country=None)},
        "organization.country",
        9060,
        "an education needs",
    ),
    *(
        (
            f"{kind}-{'city' if city else 'region'}-without-country",
            {"kind": kind, "organization": organization_data(country=None, city=city)},
            "organization.country",
            9061,
            "need a country",
        )
        for kind in ("qualification", "invited-position", "distinction", "membership", "service")
        for city in ("Boston", None)
    ),
]
_FOR_EMPLOYERS = frozenset({"organization-no-identifier", "no-city", "no-country"})
"""The rules that only employments and educations have."""
_OTHER_KINDS = ("education", "qualification", "invited-position", "distinction", "membership", "service")

AFFILIATIONS = [
    *_EMPLOYMENTS,
    *_PLACES,
    *(
        (f"{kind}-{name}", {"kind": kind, **changes}, field, code, says)
        for kind in _OTHER_KINDS
        for name, changes, field, code, says in _EMPLOYMENTS
        if name not in _FOR_EMPLOYERS
    ),
]
"""All of them."""
