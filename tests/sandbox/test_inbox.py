"""The researcher's inbox (API_FACTS section 10): one message per change a client makes."""

from tests.sandbox.people import Person, a_work, an_employment, an_organization


def test_each_write_is_one_message(person: Person) -> None:
    """Create, update and delete name section, put-code and item."""
    put_code = person.has_added("employment", an_employment())
    person.put("employment", put_code, an_employment(organization=an_organization(name="Elsewhere")))
    person.delete("employment", put_code)
    told = [
        (message.section, item.action, item.put_code, item.name) for message in person.inbox() for item in message.items
    ]
    assert told == [
        ("employment", "CREATE", put_code, "Example University"),
        ("employment", "UPDATE", put_code, "Elsewhere"),
        ("employment", "DELETE", put_code, "Elsewhere"),
    ]
    assert {message.client_id for message in person.inbox()} == {"APP-0RCIDSYNCSANDBOX"}


def test_a_bulk_is_one_message(person: Person) -> None:
    """It names the works that were added, and only those."""
    person.bulk(a_work("10.1/a"), a_work("10.1/b", title=None), a_work("10.1/c", title={"title": "Kea"}))
    (message,) = person.inbox()
    assert [(item.action, item.name) for item in message.items] == [("CREATE", "Moa"), ("CREATE", "Kea")]


def test_refusals_and_reads_are_no_message(person: Person) -> None:
    """Nor is a work that did not change, or what the researcher does."""
    put_code = person.has_added("work", a_work())
    person.post("work", a_work())
    person.put("work", put_code, a_work())
    person.get("works")
    person.control.edit_as_researcher(person.orcid, put_code, visibility="private")
    person.control.remove_as_researcher(person.orcid, put_code)
    person.delete("work", put_code)
    assert len(person.inbox()) == 1
