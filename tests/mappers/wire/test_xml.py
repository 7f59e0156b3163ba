"""ORCID's XML: elements, order and namespaces of each version; read without ever trusting it."""

import time

import pytest

from mappers.documents import ExternalId, PersonExternalId
from mappers.forms import Form, Format, Version
from mappers.sections import Section
from mappers.wire.json_reply import Unreadable
from mappers.wire.writing import write, write_works
from mappers.wire.xml import MAX_BYTES, XmlError, error_of_xml, read_xml
from tests.mappers.builders import employment, work

OWN = "abcdefghijklmnopqrstuvwxyz"
WORK = "http://www.orcid.org/ns/work"
COMMON = "http://www.orcid.org/ns/common"
LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))


def test_an_employment_of_v3_0_shares_its_elements() -> None:
    """In the common namespace, our own identifier included (API_FACTS.md 6.3)."""
    written = write(
        employment(role_title="R&D <lead>", start_date=None),
        Form(Version.V3_0, Format.XML),
        own_id=OWN,
        put_code=7,
    ).decode()

    assert written == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<employment:employment xmlns:employment="http://www.orcid.org/ns/employment"'
        f' xmlns:common="{COMMON}" put-code="7">'
        "<common:role-title>R&amp;D &lt;lead&gt;</common:role-title>"
        "<common:organization><common:name>Example University</common:name>"
        "<common:address><common:city>Boston</common:city><common:region>MA</common:region>"
        "<common:country>US</common:country></common:address>"
        "<common:disambiguated-organization>"
        "<common:disambiguated-organization-identifier>https://ror.org/05gvnxz63"
        "</common:disambiguated-organization-identifier>"
        "<common:disambiguation-source>ROR</common:disambiguation-source>"
        "</common:disambiguated-organization></common:organization>"
        "<common:external-ids><common:external-id>"
        "<common:external-id-type>source-work-id</common:external-id-type>"
        f"<common:external-id-value>{OWN}</common:external-id-value>"
        "<common:external-id-relationship>self</common:external-id-relationship>"
        "</common:external-id></common:external-ids></employment:employment>"
    )


def test_an_employment_of_v2_1_has_elements_of_its_own() -> None:
    """In its own namespace, and without our own identifier."""
    written = write(employment(), Form(Version.V2_1, Format.XML), own_id=OWN).decode()

    assert "<employment:role-title>" in written
    assert "<common:start-date>" in written
    assert "<employment:organization><common:name>" in written
    assert OWN not in written


def test_an_identifier_of_the_person_says_that_it_is_their_own() -> None:
    """ORCID takes no other relationship, and wants to be told (9020)."""
    document = PersonExternalId(type="Loop profile", value="1", url="https://example.org/1")

    written = write(document, Form(Version.V3_0, Format.XML), own_id=OWN).decode()

    assert "<common:external-id-relationship>self</common:external-id-relationship>" in written
    assert OWN not in written


@pytest.mark.parametrize("version", [pytest.param(version, id=version.value) for version in Version])
def test_a_bulk_holds_works_one_by_one(version: Version) -> None:
    """Visibility is each work's own."""
    form = Form(version, Format.XML)

    written = write_works([(work(), OWN), (work(title="On kiwis"), None)], form, visibility="public").decode()

    assert written.count('<work:work visibility="public">') == 2
    assert written.count(OWN) == 1


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\ud800", "\ufffe"])
def test_a_character_that_xml_cannot_carry_is_never_written(character: str) -> None:
    """The rules refuse it before; nothing malformed goes out even if they did not."""
    with pytest.raises(ValueError, match=r"."):
        write(work(title=f"On{character}moas"), Form(Version.V3_0, Format.XML))


def item(inner: str, root: str = "work:work", before: str = "") -> bytes:
    """A work with these elements in it."""
    return f'{before}<{root} xmlns:work="{WORK}" xmlns:c="{COMMON}">{inner}</{root}>'.encode()


TITLE = "<work:title><c:title>On moas</c:title></work:title><work:type>book</work:type>"


def test_a_smallest_work_is_read() -> None:
    """Comments, instructions and white space say nothing; a missing relationship is `self`."""
    ids = "<c:external-ids> <c:external-id><c:external-id-type>doi</c:external-id-type>"
    ids += "<c:external-id-value>10.1234/a</c:external-id-value></c:external-id>\n</c:external-ids>"

    found = read_xml(Section.WORK, Version.V3_0, item(f"\n<!-- hm -->{TITLE}<?hm?>{ids}"))

    assert found.document == work(type="book", external_ids=(ExternalId(type="doi", value="10.1234/a"),))
    assert (found.put_code, found.client_id) == (None, None)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(b"", "reply: is not XML", id="nothing"),
        pytest.param(b"<html><br></html>", "reply: is not XML", id="html"),
        pytest.param(b"{}", "reply: is not XML", id="json"),
        pytest.param(b"<?xml version='1.0' encoding='no-such'?><work/>", "reply: is not XML", id="encoding"),
        pytest.param(b"<work/>", "reply: is not a work", id="no-namespace"),
        pytest.param(item(TITLE, "c:work"), "reply: is not a work", id="other-root"),
        pytest.param(item(""), "title.title: is missing", id="empty"),
        pytest.param(item("<work:title><c:title/></work:title>"), "title.title: is missing", id="empty-title"),
        pytest.param(item("<work:title>x</work:title>"), "title: is not an object", id="flat-title"),
        pytest.param(item("<c:title/>"), "work.title: is not of this version's namespace", id="namespace"),
        pytest.param(
            item(TITLE + "<work:url>https://example.org</work:url>"),
            "work.url: is not of this version's namespace",
            id="an-element-of-v2.1",
        ),
        pytest.param(item(TITLE + TITLE), "title: is not an object", id="twice"),
        pytest.param(
            item("<work:title><c:title>&x;</c:title></work:title>", before='<!DOCTYPE w [<!ENTITY x "y">]>'),
            "reply: has a document type",
            id="entity",
        ),
        pytest.param(
            item(TITLE, before='<!DOCTYPE w SYSTEM "http://127.0.0.1:9/x.dtd">'),
            "reply: has a document type",
            id="foreign-dtd",
        ),
        pytest.param(
            item("&x;", before='<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
            "reply: has a document type",
            id="foreign-entity",
        ),
        pytest.param(
            item("<c:a>" * 500 + "</c:a>" * 500), "reply: is not XML|is not of this version's namespace", id="deep"
        ),
        pytest.param(b" " * (MAX_BYTES + 1), "reply: has more than", id="long"),
    ],
)
def test_what_is_no_item_is_told(body: bytes, told: str) -> None:
    """One line names what could not be read."""
    with pytest.raises(Unreadable, match=told):
        read_xml(Section.WORK, Version.V3_0, body)


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param("<work:title>&l12;</work:title>", id="in-a-text"),
        pytest.param('<work:title a="&l12;"/>', id="in-an-attribute"),
    ],
)
def test_entities_that_grow_are_not_followed(inner: str) -> None:
    """A few lines that would be terabytes are refused at once."""
    began = time.monotonic()

    with pytest.raises(Unreadable):
        read_xml(Section.WORK, Version.V3_0, item(inner, before=f'<!DOCTYPE w [<!ENTITY l0 "ha">{LAUGHS}]>'))

    assert time.monotonic() - began < 5


ERROR = (
    '<error xmlns="http://www.orcid.org/ns/error"><response-code>{}</response-code>'
    "<developer-message> It is there: put-code 7. </developer-message><error-code>{}</error-code></error>"
)


def test_an_error_is_read() -> None:
    """Its codes, and the words that name a put-code (API_FACTS.md 2.1)."""
    found = error_of_xml(ERROR.format(409, 9021).encode())

    assert found == XmlError(409, 9021, "It is there: put-code 7.")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html><head/><body>502</body></html>", id="page"),
        pytest.param(b'{"error-code": 9021}', id="json"),
        pytest.param(ERROR.format("4o9", 9021).encode(), id="no-number"),
        pytest.param(ERROR.format("9" * 5000, 9021).encode(), id="long-number"),
        pytest.param(ERROR.format(409, "").encode(), id="no-code"),
        pytest.param(b'<!DOCTYPE e [<!ENTITY x "409">]>' + ERROR.format("&x;", 9021).encode(), id="entity"),
    ],
)
def test_what_is_no_error_of_orcids_is_none(body: bytes) -> None:
    """A proxy's page, say."""
    assert error_of_xml(body) is None
