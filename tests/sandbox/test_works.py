"""ORCID's rules for a work, in the order they fire (API_FACTS sections 5.1, 5.2)."""

import pytest

from tests.sandbox.people import JsonObject, Person, a_date, a_work, error_of, identifier, identifiers, put_code_of

TOO_LONG = "x" * 1001
CONTRIBUTOR_ORCID = {"uri": "https://orcid.org/0000-0001-5109-3700", "path": "0000-0001-5109-3700", "host": "orcid.org"}


def by(**contributor: object) -> JsonObject:
    """One contributor."""
    return {"contributor": [{name.replace("_", "-"): value for name, value in contributor.items()}]}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="the smallest"),
        pytest.param({"title": {"title": "Moa"}}, id="a plain string for a value"),
        pytest.param({"title": {"title": {"value": "x" * 1000}}}, id="a title of 1000 characters"),
        pytest.param({"title": {"title": {"value": "Moa"}, "subtitle": {"value": ""}}}, id="an empty subtitle"),
        pytest.param({"type": "dataset"}, id="an alias of a type"),
        pytest.param({"publication_date": a_date("1900")}, id="a year alone"),
        pytest.param({"publication_date": a_date("2024-02")}, id="a month"),
        pytest.param({"publication_date": a_date("2024-02-29")}, id="a leap day"),
        pytest.param({"publication_date": {"year": "2024"}}, id="a date of plain strings"),
        pytest.param({"language_code": "iw"}, id="hebrew by its old code"),
        pytest.param({"country": {"value": "XK"}}, id="kosovo"),
        pytest.param({"external_ids": {"external-id": identifier("doi", "10.1/a")}}, id="an object for a list"),
        pytest.param({"citation": {"citation-type": "ris", "citation-value": "TY"}}, id="a citation"),
        pytest.param(
            {"external_ids": identifiers(identifier("doi", "10.1/a"), identifier("uri", "x.org", "funded-by"))},
            id="funded by a uri",
        ),
        pytest.param({"contributors": by(contributor_orcid=CONTRIBUTOR_ORCID)}, id="a contributor with an iD"),
        pytest.param(
            {"contributors": by(contributor_attributes={"contributor-role": "author"})}, id="a contributor with a role"
        ),
        pytest.param({"visibility": "private"}, id="a visibility, which is ignored"),
        pytest.param({"source": {"x": 1}, "path": "/x", "created-date": None}, id="read-only fields sent back"),
        pytest.param({"url": {"value": "not a url"}}, id="any text as url"),
    ],
)
def test_works_that_are_taken(person: Person, changes: JsonObject) -> None:
    """201 with an absolute location, and no body."""
    response = person.post("work", a_work(**changes))
    put_code = put_code_of(response)
    assert response.content == b""
    assert response.headers["location"] == f"{person.http.base_url}/v3.0/{person.orcid}/work/{put_code}"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"title": None}, "work.title", id="no title"),
        pytest.param({"title": {"title": None}}, "work.title.title", id="no title in the title"),
        pytest.param({"title": {"title": {"value": " \n"}}}, "work.title.title.value", id="a blank title"),
        pytest.param({"title": {"title": {"value": TOO_LONG}}}, "work.title.title.value", id="a title too long"),
        pytest.param({"title": {"title": {"value": 7}}}, "work.title.title.value", id="a number as title"),
        pytest.param(
            {"title": {"title": "Moa", "translated-title": {"value": "Moa"}}},
            "work.title.translated-title.language-code",
            id="a translation without language",
        ),
        pytest.param({"journal_title": {"value": ""}}, "work.journal-title.value", id="an empty journal title"),
        pytest.param({"short_description": "x" * 5001}, "work.short-description", id="a description too long"),
        pytest.param({"type": None}, "work.type", id="no type"),
        pytest.param({"type": "dissertation"}, "work.type", id="a type of v2.1"),
        pytest.param({"type": "JOURNAL_ARTICLE"}, "work.type", id="a type in capitals"),
        pytest.param({"citation": {"citation-type": "bibtex"}}, "work.citation.citation-value", id="half a citation"),
        pytest.param({"citation": {"citation-type": "x"}}, "work.citation.citation-type", id="an unknown citation"),
        pytest.param({"publication_date": a_date("1899")}, "work.publication-date.year.value", id="a year too early"),
        pytest.param({"publication_date": a_date("2101")}, "work.publication-date.year.value", id="a year too late"),
        pytest.param({"publication_date": a_date("2024-13")}, "work.publication-date.month.value", id="month 13"),
        pytest.param({"publication_date": a_date("20x4")}, "work.publication-date.year.value", id="a year in letters"),
        pytest.param({"publication_date": {}}, "work.publication-date.year", id="a date without year"),
        pytest.param(
            {"publication_date": {"year": {"value": 2024}}}, "work.publication-date.year.value", id="a number"
        ),
        pytest.param({"country": {"value": "UK"}}, "work.country.value", id="an unknown country"),
        pytest.param({"visibility": "secret"}, "work.visibility", id="an unknown visibility"),
        pytest.param({"put-code": "x"}, "work.put-code", id="a put-code in letters"),
        pytest.param({"subtitle": "x"}, "work", id="an unknown key"),
        pytest.param({"external_ids": []}, "work.external-ids", id="a list for an object"),
        pytest.param({"external_ids": {"external-id": [None]}}, "work.external-ids.external-id", id="a null in a list"),
        pytest.param(
            {"external_ids": identifiers(identifier("doi", "10.1/a", "same-as"))},
            "work.external-ids.external-id[0].external-id-relationship",
            id="an unknown relationship",
        ),
        pytest.param(
            {"external_ids": identifiers(identifier("doi", " "))},
            "work.external-ids.external-id[0].external-id-value",
            id="a blank identifier",
        ),
        pytest.param(
            {
                "contributors": by(
                    contributor_orcid={**CONTRIBUTOR_ORCID, "uri": "http://orcid.org/0000-0001-5109-3700"}
                )
            },
            "work.contributors.contributor[0].contributor-orcid.uri",
            id="a contributor by http",
        ),
        pytest.param(
            {"contributors": by(credit_name={"value": ""})},
            "work.contributors.contributor[0].credit-name.value",
            id="an empty credit name",
        ),
        pytest.param(
            {"contributors": by(contributor_email={"value": "moa"})},
            "work.contributors.contributor[0].contributor-email.value",
            id="an address without @",
        ),
    ],
)
def test_works_of_the_wrong_shape(person: Person, changes: JsonObject, field: str) -> None:
    """400/9047, with the field in the text and `${error}` unresolved as at ORCID."""
    response = person.post("work", a_work(**changes))
    assert error_of(response) == (400, 9047)
    expected = f"400 Bad request: invalid JSON - ${{error}} Full validation error: {field}: "
    assert response.json()["developer-message"].startswith(expected)
    assert person.inbox() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param(
            {"title": {"title": "M", "translated-title": {"value": "M", "language-code": "he"}}}, 9037, id="title in he"
        ),
        pytest.param({"language_code": "zh"}, 9037, id="zh alone is no language"),
        pytest.param({"publication_date": a_date("2024-3")}, 9049, id="a month of one digit"),
        pytest.param({"publication_date": a_date("2024-02-31")}, 9049, id="a day that does not exist"),
        pytest.param({"external_ids": None}, 9023, id="no identifiers"),
        pytest.param({"external_ids": identifiers()}, 9023, id="an empty list of identifiers"),
        pytest.param({"external_ids": identifiers(identifier("DOI", "10.1/a"))}, 9023, id="a type in capitals"),
        pytest.param({"external_ids": identifiers(identifier("doi", "10.1/a", None))}, 9023, id="no relationship"),
        pytest.param({"external_ids": identifiers(identifier("doi", "10.1/a", "part-of"))}, 9023, id="none is self"),
        pytest.param(
            {"external_ids": identifiers(identifier("doi", "10.1/a"), identifier("isbn", "1", "funded-by"))},
            9020,
            id="funded by a book",
        ),
        pytest.param(
            {"contributors": by(contributor_orcid={"path": "0000-0001-5109-3701"})}, 9020, id="a wrong check digit"
        ),
        pytest.param(
            {"contributors": by(contributor_orcid={**CONTRIBUTOR_ORCID, "path": "0000-0002-1825-0097"})},
            9020,
            id="two iDs for one",
        ),
        pytest.param({"contributors": by(contributor_attributes={"contributor-role": "boss"})}, 9058, id="a role"),
        pytest.param({"put-code": 1}, 9024, id="a put-code on create"),
    ],
)
def test_works_that_break_a_rule(person: Person, changes: JsonObject, code: int) -> None:
    """400 with the rule's own code, and nothing on the record."""
    assert error_of(person.post("work", a_work(**changes))) == (400, code)
    assert person.items("work") == ()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param(
            {"publication_date": a_date("2024-02-31")}, "400 Bad request: invalid date: 2024-02-31", id="date"
        ),
        pytest.param(
            {"external_ids": None}, "400 Bad Request: Invalid activity, an external identifier is required.", id="none"
        ),
        pytest.param(
            {"external_ids": identifiers(identifier("DOI", "10.1/a"))},
            "400 Bad Request: Invalid activity, an external identifier is required."
            " Full validation error: Invalid external-id  DOI",
            id="a wrong type is named",
        ),
        pytest.param(
            {"language_code": "zh"}, "Invalid language code, valid values are: aa, ab,", id="the languages are listed"
        ),
        pytest.param(
            {"contributors": by(contributor_attributes={"contributor-role": "boss"})},
            "404 Bad Request: Invalid contributor role: boss. Expected one of assignee,",
            id="the roles are listed, and the text says 404",
        ),
    ],
)
def test_texts_of_refusals(person: Person, changes: JsonObject, text: str) -> None:
    """Texts are those of section 3 with their parameters."""
    assert person.post("work", a_work(**changes)).json()["developer-message"].startswith(text)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"language_code": "zh", "publication_date": a_date("2024-3")}, 9037, id="language before date"),
        pytest.param({"publication_date": a_date("2024-3"), "external_ids": None}, 9049, id="date before identifiers"),
        pytest.param({"external_ids": None, "put-code": 1}, 9023, id="identifiers before the put-code"),
        pytest.param(
            {"put-code": 1, "external_ids": identifiers(identifier("DOI", "x"))},
            9024,
            id="the put-code before their types",
        ),
    ],
)
def test_the_first_rule_wins(person: Person, changes: JsonObject, code: int) -> None:
    """Of two broken rules the earlier one is told."""
    assert error_of(person.post("work", a_work(**changes))) == (400, code)


def test_what_orcid_changes_in_a_work(person: Person) -> None:
    """An alias becomes its type, a CRediT role its own case; visibility is the record's default; texts stay as sent."""
    role = "HTTP://credit.niso.org/contributor-roles/Software/"
    put_code = person.has_added(
        "work",
        a_work(
            doi="https://doi.org/10.5555/ABC",
            type="article-journal",
            visibility="private",
            title={"title": {"value": " Moa "}},
            contributors=by(contributor_attributes={"contributor-role": role}),
        ),
    )
    work = person.get(f"work/{put_code}").json()
    assert work["type"] == "journal-article"
    assert work["visibility"] == "public"
    assert work["title"]["title"]["value"] == " Moa "
    attributes = work["contributors"]["contributor"][0]["contributor-attributes"]
    assert attributes["contributor-role"] == "http://credit.niso.org/contributor-roles/software/"
    shown = work["external-ids"]["external-id"][0]
    assert shown["external-id-value"] == "https://doi.org/10.5555/ABC"
    assert shown["external-id-normalized"] == {"value": "10.5555/abc", "transient": True}


def test_an_identifier_that_cannot_be_normalised_is_taken_with_a_remark(person: Person) -> None:
    """Error 8001 stands inside the item and is no error reply."""
    put_code = person.has_added("work", a_work(doi="work:doi"))
    shown = person.get(f"work/{put_code}").json()["external-ids"]["external-id"][0]
    assert shown["external-id-normalized"] is None
    assert shown["external-id-normalized-error"] == {
        "error-code": "8001",
        "error-message": "Cannot normalize identifier value doi:work:doi",
        "transient": True,
    }


def test_the_keys_of_a_work_stand_in_orcids_order(person: Person) -> None:
    """All keys are there, null when unset (section 6.1); contributors are an empty list."""
    work = person.get(f"work/{person.has_added('work', a_work())}").json()
    assert list(work) == [
        "created-date", "last-modified-date", "source", "put-code", "path", "title", "journal-title",
        "short-description", "citation", "type", "publication-date", "external-ids", "url", "contributors",
        "language-code", "country", "visibility",
    ]  # fmt: skip
    assert work["contributors"] == {"contributor": []}
    assert work["source"]["source-client-id"] == {
        "uri": "https://orcid.org/client/APP-0RCIDSYNCSANDBOX",
        "path": "APP-0RCIDSYNCSANDBOX",
        "host": "orcid.org",
    }
