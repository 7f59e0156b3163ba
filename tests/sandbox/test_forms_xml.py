"""XML bodies: what ORCID's schema and parser refuse, with the code that each version has for it (API_FACTS 3, 5)."""

from collections.abc import Callable

import pytest

from tests.sandbox.form_documents import HOSTILE, XML_2_1, XML_3_0, a_bulk, a_work, an_identifier, shape_of, xml
from worker.sandbox.errors import OrcidError
from worker.sandbox.forms.bodies import Form, Kind, parse_bulk, parse_item, write
from worker.sandbox.messages import JsonObject

LATE = "<work:short-description>x</work:short-description>"
BOTH = pytest.mark.parametrize(
    ("form", "code"), [pytest.param(XML_3_0, 9012, id="v3.0"), pytest.param(XML_2_1, 9001, id="v2.1")]
)


def refused(read: Callable[[], object]) -> tuple[int, int, str]:
    """Code, status and detail of the error that reading ends with."""
    with pytest.raises(OrcidError) as caught:
        read()
    return caught.value.row.code, caught.value.status, str(caught.value.detail)


def work(form: Form, body: bytes) -> JsonObject:
    """A work as it is read."""
    return parse_item(form, "work", shape_of("work"), body)


@BOTH
def test_a_right_work_is_read(form: Form, code: int) -> None:
    """Comments, processing instructions, CDATA and a schema location say nothing."""
    root = (
        '<work:work put-code="7" visibility="public" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="a b">'
    )
    found = work(form, a_work(root=root, before="<!-- c --><?p i?>", after=""))
    assert found["title"]["title"] == {"value": "Moa"}
    assert (found["put-code"], found["visibility"], found["type"]) == (7, "public", "journal-article")
    title = "<work:work><work:title><common:title>a<!-- - -->b<![CDATA[<&]]></common:title></work:title>"
    body = xml(f"{title}<work:type>book</work:type>{an_identifier()}</work:work>")
    assert work(form, body)["title"]["title"]["value"] == "ab<&"


@BOTH
@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(a_work(after=LATE), "short-description", id="an element too late"),
        pytest.param(a_work(before="<work:moa>x</work:moa>"), "moa", id="an unknown element"),
        pytest.param(a_work(before="<common:short-description>x</common:short-description>"), "short-", id="namespace"),
        pytest.param(a_work(before="<short-description>x</short-description>"), "short-", id="no namespace"),
        pytest.param(a_work(before=LATE * 2), "twice", id="an element twice"),
        pytest.param(a_work(before="loose words"), "text is not allowed", id="text between elements"),
        pytest.param(a_work(root='<work:work colour="blue">'), "colour", id="an unknown attribute"),
        pytest.param(a_work(root='<work:work put-code="seven">'), "seven", id="a put-code that is no number"),
        pytest.param(a_work(root='<work:work visibility="PUBLIC">'), "PUBLIC", id="a visibility in capitals"),
        pytest.param(a_work(before=LATE.replace(">x<", "><b>x</b><")), "only text", id="an element in a text"),
        pytest.param(a_work(before=LATE.replace("x", "x" * 5001)), "5000", id="a text too long"),
        pytest.param(
            xml(f"<work:work><work:type>book</work:type>{an_identifier()}</work:work>"), "title", id="no title"
        ),
        pytest.param(
            a_work(after="<common:publication-date><common:month>02</common:month></common:publication-date>"),
            "year",
            id="a month without a year",
        ),
        pytest.param(
            a_work(after="<common:publication-date><common:year>1800</common:year></common:publication-date>"),
            "1800",
            id="a year too early",
        ),
        pytest.param(
            a_work(before="<common:created-date>yesterday</common:created-date>"),
            "created-date",
            id="a date out of place",
        ),
        pytest.param(b'<moa xmlns="http://www.orcid.org/ns/work"/>', "moa", id="an unknown root"),
    ],
)
def test_what_breaks_the_schema(form: Form, code: int, body: bytes, said: str) -> None:
    """9012 in v3.0, 9001 in v2.1, and the detail names the place or the value."""
    found, status, detail = refused(lambda: work(form, body))
    assert (found, status) == (code, 400)
    assert said in detail


@BOTH
def test_another_document_of_orcids(form: Form, code: int) -> None:
    """A bulk, or an employment, sent to `work` is 9006 (API_FACTS section 3)."""
    assert refused(lambda: work(form, xml("<bulk:bulk></bulk:bulk>")))[0] == 9006
    assert refused(lambda: work(form, xml("<employment:employment></employment:employment>")))[0] == 9006


@pytest.mark.parametrize(
    ("form", "code"), [pytest.param(XML_3_0, 9051, id="v3.0"), pytest.param(XML_2_1, 9001, id="v2.1")]
)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(a_work(kind="poem"), id="type"),
        pytest.param(a_work(kind="JOURNAL_ARTICLE"), id="v2.1's JSON name"),
        pytest.param(a_work(relationship="cousin"), id="relationship"),
    ],
)
def test_unknown_words(form: Form, code: int, body: bytes) -> None:
    """A word that no enum knows is 9051 in v3.0, where the schema knows no words; in v2.1 it breaks the schema."""
    assert refused(lambda: work(form, body))[:2] == (code, 400)


@pytest.mark.parametrize("relationship", ["version-of", "funded-by"])
def test_relationships_of_v3_0(relationship: str) -> None:
    """v2.1's schema does not know them."""
    body = a_work(relationship=relationship)
    assert work(XML_3_0, body)["external-ids"]["external-id"][0]["external-id-relationship"] == relationship
    assert refused(lambda: work(XML_2_1, body))[0] == 9001


def test_the_thesis() -> None:
    """v2.1's `dissertation` is v3.0's `dissertation-thesis`; neither version knows the other's word."""
    assert work(XML_2_1, a_work(kind="dissertation"))["type"] == "dissertation-thesis"
    assert refused(lambda: work(XML_3_0, a_work(kind="dissertation")))[0] == 9051
    assert refused(lambda: work(XML_2_1, a_work(kind="dissertation-thesis")))[0] == 9001


def test_aliases_of_types() -> None:
    """v3.0 reads them as the word they stand for."""
    assert work(XML_3_0, a_work(kind="dataset"))["type"] == "data-set"


def test_an_empty_journal_title() -> None:
    """v2.1's schema takes it, v3.0's does not (API_FACTS section 5.1)."""
    body = a_work(before="<work:journal-title/>")
    assert work(XML_2_1, body)["journal-title"] is None
    assert refused(lambda: work(XML_3_0, body))[0] == 9012


@BOTH
@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_documents(form: Form, code: int, body: bytes) -> None:
    """9001 with one line, at once."""
    found, status, detail = refused(lambda: work(form, body))
    assert (found, status) == (9001, 400)
    assert len(detail) < 300


def test_nothing_is_fetched(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An entity's file is not read, even where its text would do no harm."""
    secret = tmp_path_factory.mktemp("entities") / "secret"
    secret.write_text("Moa")
    body = f'<!DOCTYPE w [<!ENTITY f SYSTEM "{secret.as_uri()}">]>'.encode() + a_work(before=LATE.replace("x", "&f;"))
    assert "Moa" not in refused(lambda: work(XML_3_0, body))[2]


def test_characters_that_xml_cannot_have() -> None:
    """They are left out of replies (API_FACTS section 11)."""
    content = {"content": "a\x00b\x0b\ud800c\ufffe\U0001f4a9"}
    assert "<keyword:content>abc\U0001f4a9</keyword:content>".encode() in write(XML_3_0, "keywords", Kind.ITEM, content)


def slots(form: Form, *works: bytes) -> list[int | str]:
    """What a bulk's slots are read as: a type or an error-code."""
    found = parse_bulk(form, shape_of("work"), a_bulk(*works))
    return [slot.row.code if isinstance(slot, OrcidError) else str(slot["type"]) for slot in found]


def test_bulks_against_the_schema() -> None:
    """v3.0 does not look; in v2.1 it is that slot's 9001 (API_FACTS section 1.4)."""
    good, late, wrong = a_work(), a_work(after=LATE), a_work(relationship="version-of")
    no_type = a_work(kind="poem")
    assert slots(XML_3_0, good, late, wrong) == ["journal-article"] * 3
    assert slots(XML_2_1, good, late, wrong, no_type) == ["journal-article", 9001, 9001, 9001]


def test_unknown_words_in_a_bulk() -> None:
    """In v3.0 one is enough for the whole bulk."""
    assert refused(lambda: slots(XML_3_0, a_work(), a_work(kind="poem")))[0] == 9051


@BOTH
def test_strangers_in_a_bulk(form: Form, code: int) -> None:
    """Only works can be sent; an empty bulk is one."""
    assert refused(lambda: slots(form, xml("<address:address></address:address>")))[0] == code
    assert slots(form) == []
