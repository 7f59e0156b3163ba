"""The permission notification: what a researcher reads in their inbox, in each version and language."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from mappers.documents import (
    Affiliation,
    Document,
    ExternalId,
    Funding,
    Keyword,
    Organization,
    PeerReview,
    Relationship,
    ResearchResource,
    Work,
)
from mappers.forms import Version
from mappers.sections import Section
from tests.orcid_files import needs_orcids_files, schema_file
from tests.worker.builders import JOSIAH, a_work, an_employment
from worker.permission.notification import (
    LONGEST_NAME,
    MOST_ITEMS,
    Language,
    NamedItem,
    named_items,
    path_of,
    write_notification,
)

URL = "https://sync.example.edu/connect/abc.def"
PLACE = Organization(name="Example University", city="Boston", country="US")
DOI = ExternalId(type="doi", value="10.5555/a", url="https://doi.org/10.5555/a")
ISSN = ExternalId(type="issn", value="1234-5679", relationship=Relationship.PART_OF)

REVIEW: dict[str, Any] = {
    "reviewer_role": "reviewer",
    "review_type": "review",
    "completion_date": "2024",
    "review_group_id": "issn:1234-5679",
    "organization": PLACE,
}


def told(documents: list[Document], version: Version = Version.V3_0, **rest: Any) -> dict[str, Any]:
    """The notification about these documents, read back."""
    known: dict[str, Any] = {"waiting": len(documents), "url": URL, "institution": None, "language": Language.ENGLISH}
    body = write_notification(named_items(documents, version), version=version, **{**known, **rest})
    read: dict[str, Any] = json.loads(body)
    return read


def test_the_whole_message() -> None:
    """Keys, and their order, are those of API_FACTS.md section 10."""
    work = a_work("10.1/a", "Tidal mixing")

    assert told([work, an_employment()], institution="Example University") == {
        "notification-type": "permission",
        "authorization-url": {"uri": URL},
        "notification-subject": "Update your ORCID record",
        "notification-intro": "Example University would like to add what is listed here to your ORCID record, and to"
        " keep what it added up to date, so that you need not. Nothing is written unless you allow it, and you can take"
        " your permission back at any time: in your ORCID account, under Trusted parties.",
        "items": {
            "item": [
                {"item-type": "employment", "item-name": "Lecturer, Example University"},
                {
                    "item-type": "work",
                    "item-name": "Tidal mixing",
                    "external-id": {
                        "external-id-type": "doi",
                        "external-id-value": "10.1/a",
                        "external-id-relationship": "self",
                    },
                },
            ]
        },
    }


def test_v2_1_has_its_words_in_capitals() -> None:
    """As its JSON has all words of ORCID's lists."""
    review = PeerReview(**REVIEW, external_ids=(DOI,))
    message = told([review], Version.V2_1)

    assert message["notification-type"] == "PERMISSION"
    assert message["items"]["item"] == [
        {
            "item-type": "PEER_REVIEW",
            "item-name": "Example University",
            "external-id": {
                "external-id-type": "doi",
                "external-id-value": "10.5555/a",
                "external-id-url": {"value": "https://doi.org/10.5555/a"},
                "external-id-relationship": "SELF",
            },
        }
    ]


@needs_orcids_files
@pytest.mark.parametrize("section", list(Section), ids=str)
@pytest.mark.parametrize("version", list(Version), ids=str)
def test_only_item_types_of_the_version_are_named(section: Section, version: Version) -> None:
    """Exactly those that the version's schema lists."""
    number = version.removeprefix("v")
    schema = etree.fromstring(schema_file(version, f"notification_{number}/notification-permission-{number}.xsd"))
    listed = schema.find("{*}simpleType[@name='activity-type']")
    assert listed is not None
    known = {one.get("value") for one in listed.iter("{*}enumeration")}

    assert {one.section.value for one in named_items([_document(section)], version)} == known & {section.value}


def _document(section: Section) -> Document:
    match section:
        case Section.WORK:
            return a_work()
        case Section.FUNDING:
            return Funding(title="A grant", type="grant", organization=PLACE)
        case Section.PEER_REVIEW:
            return PeerReview(**REVIEW)
        case Section.RESEARCH_RESOURCE:
            return ResearchResource(title="Beam time", hosts=(PLACE,), resources=())
        case _ if section.is_affiliation:
            return Affiliation.model_validate({"section": section, "organization": PLACE})
        case _:
            return Keyword(content="tides")


@pytest.mark.parametrize(
    ("document", "name", "external_id"),
    [
        pytest.param(Affiliation(organization=PLACE), "Example University", None, id="employment-without-role"),
        pytest.param(
            Affiliation(organization=PLACE, department_name="Physics"),
            "Physics, Example University",
            None,
            id="department",
        ),
        pytest.param(Work(title="Moa", type="book", external_ids=(ISSN,)), "Moa", None, id="no-id-of-its-own"),
        pytest.param(Work(title="Moa", type="book", external_ids=(ISSN, DOI)), "Moa", DOI, id="first-self"),
        pytest.param(Work(title=" A \n  title ", type="book"), "A title", None, id="folded"),
    ],
)
def test_an_item_is_named(document: Document, name: str, external_id: ExternalId | None) -> None:
    """By what the researcher knows it as, and its own identifier."""
    assert named_items([document], Version.V3_0) == [NamedItem(document.section, name, external_id)]


@pytest.mark.parametrize("language", list(Language), ids=str)
def test_the_subject_is_short(language: Language) -> None:
    """ORCID advises less than 25 characters."""
    assert len(told([a_work()], language=language)["notification-subject"]) < 25


def test_each_language_has_its_own_words() -> None:
    """No text is left in another language."""
    messages = [told([a_work()], language=language, waiting=9) for language in Language]

    for key in ("notification-subject", "notification-intro"):
        assert len({message[key] for message in messages}) == len(Language)
    assert all("8" in message["notification-intro"] for message in messages)


def test_a_long_list_is_cut() -> None:
    """Fifty items are named, and the text says how many more wait."""
    message = told([a_work(f"10.1/{number}", f"Title {number:03}") for number in range(60)], waiting=70)

    assert [item["item-name"] for item in message["items"]["item"]] == [
        f"Title {number:03}" for number in range(MOST_ITEMS)
    ]
    assert message["notification-intro"].endswith(" 20 more wait.")


def test_nothing_to_name_is_no_notification() -> None:
    """ORCID's schema wants an item."""
    with pytest.raises(ValueError, match="names one item at least"):
        told([Keyword(content="tides")])


@given(title=st.text(min_size=1, max_size=3000), institution=st.text(max_size=3000), language=st.sampled_from(Language))
def test_texts_keep_within_orcids_bounds(title: str, institution: str, language: Language) -> None:
    """However long a title or the institution's name is."""
    message = told([a_work("10.1/a", title)], institution=institution, language=language, waiting=10**9)

    assert len(message["items"]["item"][0]["item-name"]) <= LONGEST_NAME
    assert len(message["notification-intro"]) <= 1000


def test_paths() -> None:
    """Where it is posted, and read."""
    assert path_of(Version.V3_0, JOSIAH) == f"/v3.0/{JOSIAH}/notification-permission"
    assert path_of(Version.V2_1, JOSIAH, 7) == f"/v2.1/{JOSIAH}/notification-permission/7"
