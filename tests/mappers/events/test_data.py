"""Event data: its shape, and the words for what is wrong with it."""

from typing import Any

import pytest

from mappers.events.data import MAX_LIST, MAX_TEXT
from mappers.events.faults import Rule
from tests.mappers.builders import affiliation_data, bad_event, event, publication_data, record_event


@pytest.mark.parametrize(
    ("changes", "rule", "field", "message"),
    [
        pytest.param({"person": ...}, Rule.MISSING_FIELD, "data.person", "is missing", id="no-person"),
        pytest.param({"person": None}, Rule.MISSING_FIELD, "data.person", "is missing", id="null-person"),
        pytest.param({"person": "E1"}, Rule.WRONG_TYPE, "data.person", "E1 is not an object", id="person-string"),
        pytest.param({"person": {}}, Rule.MISSING_FIELD, "data.person.id", "is missing", id="no-person-id"),
        pytest.param({"person": {"id": 7}}, Rule.WRONG_TYPE, "data.person.id", "7 is not a string", id="number-person"),
        pytest.param({"person": {"id": " "}}, Rule.WRONG_FORM, "data.person.id", "is empty", id="blank-person-id"),
        pytest.param({"person": {"id": "E" * 256}}, Rule.TOO_LONG, "data.person.id", "255", id="long-person-id"),
        pytest.param({"person": {"id": "李" * 171}}, Rule.WRONG_FORM, "data.person.id", "512 bytes", id="many-bytes"),
        pytest.param({"kind": ...}, Rule.MISSING_FIELD, "data.kind", "is missing", id="no-kind"),
        pytest.param({"kind": "hobby"}, Rule.NOT_ALLOWED, "data.kind", "hobby is not 'employment'", id="unknown-kind"),
        pytest.param({"start_date": "1.9.2019"}, Rule.WRONG_FORM, "data.start_date", "is not a date", id="date-form"),
        pytest.param({"end_date": ""}, Rule.WRONG_FORM, "data.end_date", '"" is not a date', id="empty-date"),
        pytest.param(
            {"start_date": 2019}, Rule.WRONG_TYPE, "data.start_date", "2019 is not a string", id="year-number"
        ),
        pytest.param(
            {"start_date": "\uff12\uff10\uff11\uff19"},
            Rule.WRONG_FORM,
            "data.start_date",
            "is not a date",
            id="wide-digits",
        ),
        pytest.param(
            {"organization": {"city": ["Boston"]}}, Rule.WRONG_TYPE, "data.organization.city", "a list", id="city-list"
        ),
        pytest.param(
            {"department": "x" * (MAX_TEXT + 1)}, Rule.TOO_LONG, "data.department", f"than {MAX_TEXT}", id="long-text"
        ),
        pytest.param({"department": 1.5}, Rule.WRONG_TYPE, "data.department", "1.5 is not a string", id="fraction"),
    ],
)
def test_wrong_data_is_named_as_the_contract_spells_it(
    changes: dict[str, Any], rule: Rule, field: str, message: str
) -> None:
    """A fault within the data names its path, its value and the rule, and the record that it is about."""
    data = {name: value for name, value in affiliation_data(**changes).items() if value is not ...}

    found = bad_event(event(data))

    assert (found.rule, found.field) == (rule, field)
    assert message in found.message
    assert (found.source, found.entity, found.subject) == ("/hr", "hr.affiliation", "APPT-1")


@pytest.mark.parametrize(
    ("changes", "rule", "field"),
    [
        pytest.param({"title": None}, Rule.MISSING_FIELD, "data.title", id="null-title"),
        pytest.param({"contributors": None}, Rule.MISSING_FIELD, "data.contributors", id="null-contributors"),
        pytest.param({"contributors": {}}, Rule.WRONG_TYPE, "data.contributors", id="contributors-object"),
        pytest.param({"contributors": [None]}, Rule.MISSING_FIELD, "data.contributors[0]", id="null-contributor"),
        pytest.param(
            {"contributors": [{}, {"person": {"id": 1}}]},
            Rule.WRONG_TYPE,
            "data.contributors[1].person.id",
            id="number-in-a-list",
        ),
        pytest.param({"contributors": [{}] * (MAX_LIST + 1)}, Rule.TOO_MANY, "data.contributors", id="too-many"),
        pytest.param(
            {"identifiers": [{"type": "doi"}]}, Rule.MISSING_FIELD, "data.identifiers[0].value", id="no-value"
        ),
    ],
)
def test_wrong_publications_are_named(changes: dict[str, Any], rule: Rule, field: str) -> None:
    """Lists are numbered from nought in the path."""
    found = bad_event(event(publication_data(**changes), type="publication.changed"))

    assert (found.rule, found.field) == (rule, field)


def test_several_faults_are_one_line() -> None:
    """The first is told, the others are counted."""
    found = bad_event(event({}))

    assert found.message == "data.person: is missing (and 1 more fault)"


def test_unknown_fields_are_neither_kept_nor_counted() -> None:
    """What section 4 does not name changes nothing, and does not stay with us."""
    data = affiliation_data(salary=1.5, person={"id": "E1024", "birthday": "1970-01-01"})

    assert record_event(data, comexampleother="x") == record_event()


def test_what_is_null_counts_as_absent() -> None:
    """A system that writes out empty fields says the same as one that leaves them out."""
    assert record_event(affiliation_data(end_date=None, url=None)) == record_event()


def test_the_digest_is_over_content_alone() -> None:
    """The order of keys doesn't matter; a changed text does."""
    turned = dict(reversed(affiliation_data().items()))

    assert record_event(turned).digest == record_event().digest
    assert record_event(affiliation_data(department="Maths")).digest != record_event().digest
