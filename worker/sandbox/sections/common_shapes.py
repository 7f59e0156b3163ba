"""Shapes that several sections share (API_FACTS section 5.1; ORCID's common-3.0.xsd)."""

import re
from typing import Final

from worker.sandbox.sections.shapes import ANY_TEXT, Choice, Digits, Fields, Ignored, Many, Shape, Text, Whole, wrapped
from worker.sandbox.sections.vocabulary import COUNTRIES, RELATIONSHIPS, VISIBILITIES

URL: Final = wrapped(
    Text(
        pattern=re.compile(
            r"(?:[^%#?\[\]]|%[0-9A-Fa-f]{2}|(?<=[/@])\[[0-9A-Fa-f:.]+\])*"
            r"(?:\?(?:[^%#]|%[0-9A-Fa-f]{2})*)?(?:#(?:[^%#]|%[0-9A-Fa-f]{2})*)?"
        )
    )
)
"""What XML Schema calls anyURI, as lenient as the checker that ORCID uses: relative ones, blanks, anything but bad
escapes, a second `#`, and brackets elsewhere than about a host or in a query."""
LONG_TEXT: Final = Text(4000, 1)
TRIMMED_LONG_TEXT: Final = Text(4000, 1, trimmed=True)
TITLE: Final = wrapped(Text(1000, 1))
SUBTITLE: Final = wrapped(Text(1000))
TRANSLATED_TITLE: Final = wrapped(Text(1000, 1), language_code=ANY_TEXT)

DATE: Final = Fields(
    {"year": wrapped(Digits(1900, 2100)), "month": wrapped(Digits(1, 12)), "day": wrapped(Digits(1, 31))},
    required=("year",),
)

EXTERNAL_ID: Final = Fields(
    {
        "external-id-type": Text(None, 1),
        "external-id-value": Text(None, 1),
        "external-id-url": URL,
        "external-id-relationship": Choice(RELATIONSHIPS),
    },
    required=("external-id-type", "external-id-value"),
    dropped=frozenset({"external-id-normalized", "external-id-normalized-error"}),
)
EXTERNAL_IDS: Final = Fields({"external-id": Many(EXTERNAL_ID)})

ORGANIZATION: Final = Fields(
    {
        "name": TRIMMED_LONG_TEXT,
        "address": Fields({"city": TRIMMED_LONG_TEXT, "region": TRIMMED_LONG_TEXT, "country": Choice(COUNTRIES)}),
        "disambiguated-organization": Fields(
            {"disambiguated-organization-identifier": Text(500), "disambiguation-source": Text(500)},
            required=("disambiguated-organization-identifier", "disambiguation-source"),
        ),
    },
    required=("name", "address"),
)

CONTRIBUTOR_ORCID: Final = Fields(
    {
        "uri": Text(
            pattern=re.compile(r"https://([^/]*orcid\.org|localhost.*/orcid-web)/(\d{4}-){3,}\d{3}[\dX]", re.ASCII)
        ),
        "path": Text(pattern=re.compile(r"(\d{4}-){3,}\d{3}[\dX]", re.ASCII)),
        "host": ANY_TEXT,
    },
    one_of=("uri", "path"),
)

CREDIT_NAME: Final = wrapped(Text(150, 1))
CONTRIBUTOR_EMAIL: Final = wrapped(Text(350, pattern=re.compile(r"[^@]+@[^.]+\..+")))


def item_shape(content: dict[str, Shape], required: tuple[str, ...] = ()) -> Fields:
    """The shape of an item: its own content, a put-code and a visibility, and what ORCID answers and ignores."""
    read_only = ("created-date", "last-modified-date", "source", "path", "display-index")
    return Fields(
        {
            **content,
            "put-code": Whole(),
            "visibility": Choice(VISIBILITIES),
            **dict.fromkeys(read_only, Ignored()),
        },
        required,
    )
