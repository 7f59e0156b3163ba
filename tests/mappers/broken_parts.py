"""Rows of broken events that several types of events share: organizations, identifiers, titles, dates, addresses."""

from tests.mappers.builders import Json, organization_data

Row = tuple[str, Json, str, int | None, str]
"""Name, changes to the right data, field, code, rule."""

CONTROL = "a\x01b"
LONG_URL = "https://example.org/" + "x" * 2000
DOI = {"type": "doi", "value": "10.1234/abc"}


def organization_rows(at: str, *, identified: bool) -> list[Row]:
    """What any organization can break, which stands at `at`: changes are the organization's."""
    other: Json = {"ror": None, "identifier": "1", "identifier_source": "ISNI"}
    rows: list[Row] = [
        ("no-name", {"name": None}, "name", 9046, "is missing"),
        ("blank-name", {"name": " "}, "name", 9046, "is missing"),
        ("long-name", {"name": "x" * 4001}, "name", 9047, "more than 4000"),
        ("control-in-name", {"name": CONTROL}, "name", None, "U+0001"),
        ("long-city", {"city": "x" * 4001}, "city", 9047, "more than 4000"),
        ("long-region", {"region": "x" * 4001}, "region", 9047, "more than 4000"),
        ("unknown-country", {"country": "Narnia"}, "country", 9047, "is not a country code"),
        ("no-ror-id", {"ror": "12345"}, "ror", 9045, "is not a ROR id"),
        ("unknown-list", other, "identifier_source", 9045, "is not one of"),
        ("no-list", {"ror": None, "identifier": "1"}, "identifier_source", 9045, "is missing"),
        ("long-identifier", other | {"identifier": "x" * 501}, "identifier", 9047, "more than 500"),
    ]
    if identified:
        rows.append(("no-identifier", {"ror": None}, "ror", 9045, "is missing"))
    return [(f"{at}-{name}", changes, f"{at}.{field}", code, says) for name, changes, field, code, says in rows]


def within(rows: list[Row], field: str) -> list[Row]:
    """The rows of an organization that is a field of the event."""
    return [(name, {field: organization_data(**changes)}, at, code, says) for name, changes, at, code, says in rows]


def among_hosts(rows: list[Row]) -> list[Row]:
    """The rows of an organization that is the second of some hosts."""
    return [
        (name, {"hosts": [organization_data(), organization_data(**changes)]}, field, code, says)
        for name, changes, field, code, says in rows
    ]


def identifier_rows(at: str) -> list[Row]:
    """What a list of identifiers can break, which stands at `at`: the second of two is wrong."""
    rows: list[Row] = [
        ("unknown-type", {"type": "isni"}, "type", 9023, "is not an identifier type"),
        ("blank-type", {"type": " "}, "type", 9023, "is missing"),
        ("blank-value", {"value": " "}, "value", 9023, "is missing"),
        ("control-in-value", {"value": CONTROL}, "value", None, "U+0001"),
        ("relationship", {"relationship": "cites"}, "relationship", 9047, "is not one of self"),
        ("url", {"url": "doi.org/10.1/b"}, "url", None, "is not a web address"),
        ("url-bad-escape", {"url": "https://x/%zz"}, "url", 9047, "is not a web address"),
    ]
    last = at.rpartition(".")[2]
    return [
        (
            f"{at}-{name}",
            {last: [{**DOI}, {"type": "doi", "value": "10.1/b"} | changes]},
            f"{at}[1].{field}",
            number,
            says,
        )
        for name, changes, field, number, says in rows
    ]


def translated_title_rows() -> list[Row]:
    """What a title in another language can break."""
    field = "translated_title"
    return [
        ("translated-title-without-language", {field: {"value": "x"}}, f"{field}.language", 9037, "is missing"),
        (
            "translated-title-unknown-language",
            {field: {"value": "x", "language": "tlh"}},
            f"{field}.language",
            9037,
            "a language",
        ),
        ("translated-language-without-title", {field: {"language": "de"}}, f"{field}.value", 9020, "is missing"),
        (
            "translated-long-title",
            {field: {"value": "x" * 1001, "language": "de"}},
            f"{field}.value",
            9047,
            "more than 1000",
        ),
    ]


def date_rows(field: str) -> list[Row]:
    """What a date of the right form can break."""
    return [
        (f"{field}-no-such-day", {field: "2024-02-31"}, field, 9049, "does not exist"),
        (f"{field}-no-leap-day", {field: "2023-02-29"}, field, 9049, "does not exist"),
        (f"{field}-month-13", {field: "2024-13"}, field, 9047, "does not exist"),
        (f"{field}-month-0", {field: "2024-00"}, field, 9047, "does not exist"),
        (f"{field}-day-32", {field: "2024-01-32"}, field, 9047, "does not exist"),
        (f"{field}-too-early", {field: "1899"}, field, 9047, "1900 to 2100"),
        (f"{field}-too-late", {field: "2101-01-01"}, field, 9047, "1900 to 2100"),
    ]


def url_rows() -> list[Row]:
    """What a web address can break."""
    field = "url"
    return [
        (f"{field}-long", {field: LONG_URL}, field, None, "more than 2000"),
        (f"{field}-without-scheme", {field: "example.org"}, field, None, "is not a web address"),
        (f"{field}-script", {field: "javascript:alert(1)"}, field, None, "is not a web address"),
        (f"{field}-blank-within", {field: "https://x/a b"}, field, None, "is not a web address"),
        (f"{field}-bad-escape", {field: "https://x/%zz"}, field, 9047, "is not a web address"),
        (f"{field}-brackets-in-path", {field: "https://x/a[1]"}, field, 9047, "is not a web address"),
    ]
