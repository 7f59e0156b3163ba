"""ORCID's write samples, each in its own form over HTTP, read back in all of them (API_FACTS sections 1.1 and 6.4)."""

import json
from typing import Any

import httpx
import pytest
from lxml import etree

from tests.orcid_files import NAMESPACE, needs_orcids_files, sample, sample_names, schema_errors
from tests.sandbox.form_documents import HOSTILE, a_bulk, a_work, an_employment
from tests.sandbox.people import SMALLEST, Person, a_group, a_person, error_of, put_code_of
from worker.sandbox.control_client import SandboxControl

XML, JSON = "application/vnd.orcid+xml", "application/vnd.orcid+json"
MEDIA_TYPES = [f"application/{kind}{ending}" for ending in ("xml", "json") for kind in ("vnd.orcid+", "orcid+", "")]
WORDS = {
    "keyword": "keywords",
    "other-name": "other-names",
    "researcher-url": "researcher-urls",
    "external-identifier": "external-identifiers",
}
OVERVIEWS = ("activities", "person", "personal-details", "record")
SINGLE = [
    pytest.param(version, name, id=f"{version} {name.removeprefix('write/')}")
    for version in ("v3.0", "v2.1")
    for ending in ("xml", "json")
    for name in sample_names(version, "write", ending)
    if "bulk" not in name and "group-id.json" not in name
]
OLD_AND_NEW = pytest.mark.parametrize("version", ["v3.0", "v2.1"])


def ask(
    person: Person,
    version: str,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    accept: str = JSON,
    sent: str | None = None,
) -> httpx.Response:
    """One call below the person's iD; `sent` is the type of the body, the accepted one when it is not given."""
    headers = {"authorization": f"Bearer {person.token}", "accept": accept, "content-type": sent or accept}
    return person.http.request(method, f"/{version}/{person.orcid}/{path}", content=body, headers=headers)


def section_of(name: str, body: bytes) -> str:
    """The section that a sample is for."""
    if name.endswith("xml"):
        root = etree.QName(etree.fromstring(body)).localname
    else:
        stem = name.removeprefix("write/")
        kinds = ("research-resource", "researcher-url", "peer-review", "external-identifier", "invited-position")
        root = next((kind for kind in kinds if stem.startswith(kind)), stem.partition("-3.0")[0].partition("-")[0])
        root = {"other": "other-name", "keywords": "keyword"}.get(root, root)
    return WORDS.get(root, root)


def is_right(version: str, reply: httpx.Response) -> bool:
    """Whether a reply in XML is a 200 that ORCID's schema takes."""
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"].endswith("xml;charset=UTF-8")
    assert schema_errors(version, reply.content) == []
    return True


@needs_orcids_files
@pytest.mark.parametrize(("version", "name"), SINGLE or [pytest.param("", "", id="none")])
def test_samples_live_in_every_form(person: Person, version: str, name: str) -> None:
    """POST, GET as XML and JSON, PUT of what was read, in each form again, and all lists."""
    body = sample(version, name)
    section, form = section_of(name, body), XML if name.endswith("xml") else JSON
    put_code = put_code_of(ask(person, version, "POST", section, body, accept=form))
    for accept in (XML, JSON):
        item = ask(person, version, "GET", f"{section}/{put_code}", accept=accept)
        assert item.status_code == 200
        updated = ask(person, version, "PUT", f"{section}/{put_code}", item.content, accept=accept)
        assert updated.status_code == 200, updated.text
        again = ask(person, version, "GET", f"{section}/{put_code}", accept=accept)
        assert without_dates(again) == without_dates(item)
    plural = {"address": "address"}.get(section, section if section.endswith("s") else f"{section}s")
    assert is_right(version, ask(person, version, "GET", f"{section}/{put_code}", accept=XML))
    assert is_right(version, ask(person, version, "GET", plural, accept=XML))
    assert all(is_right(version, ask(person, version, "GET", path, accept=XML)) for path in OVERVIEWS)
    if section not in {*WORDS.values(), "address"}:
        assert is_right(version, ask(person, version, "GET", f"{section}/summary/{put_code}", accept=XML))


def without_dates(reply: httpx.Response) -> str:
    """The reply without its dates of change, which a PUT moves."""
    if reply.headers["content-type"].startswith(JSON):
        content = json.loads(reply.content)
        content.pop("last-modified-date")
        return json.dumps(content)
    root = etree.fromstring(reply.content)
    for dated in root.findall(f"{{{NAMESPACE}common}}last-modified-date"):
        root.remove(dated)
    return etree.tostring(root, encoding="unicode")


@needs_orcids_files
@OLD_AND_NEW
def test_bulk_samples(person: Person, version: str) -> None:
    """XML and JSON; v3.0 refuses the JSON sample's work that is only a part of another (API_FACTS section 6.4)."""
    number = version.removeprefix("v")
    for form, ending in ((XML, "xml"), (JSON, "json")):
        somebody = a_person(person.http, person.control)
        reply = ask(
            somebody, version, "POST", "works", sample(version, f"write/bulk-work-{number}.{ending}"), accept=form
        )
        assert reply.status_code == 200, reply.text
        works = reply.text.count("<work:work ") if form == XML else sum("work" in slot for slot in reply.json()["bulk"])
        assert works == (1 if (version, form) == ("v3.0", JSON) else 2)
        if form == XML:
            assert is_right(version, reply)
        codes = ",".join(str(item.put_code) for item in somebody.items("work"))
        assert is_right(version, ask(somebody, version, "GET", f"works/{codes},1", accept=XML))


@needs_orcids_files
@OLD_AND_NEW
def test_group_id_records(http: httpx.Client, control: SandboxControl, version: str) -> None:
    """XML in, XML out, alone and in a list."""
    token = control.grant(None, scopes=["/group-id-record/update"])["access_token"]
    headers = {"authorization": f"Bearer {token}", "accept": XML, "content-type": XML}
    number = version.removeprefix("v")
    body = sample(version, f"other/group-id-{number}/group-id-{number}.xml")
    body = body.replace(b"issn:xxxxxxxx", f"orcid-generated:moa-{number}".encode())
    location = http.post(f"/{version}/group-id-record", content=body, headers=headers).headers["location"]
    group = http.get(location, headers=headers)
    assert is_right(version, group)
    assert is_right(version, http.put(location, content=group.content, headers=headers))
    assert is_right(version, http.get(f"/{version}/group-id-record", headers=headers))
    assert http.get(location, headers={**headers, "accept": JSON}).json()["type"] == "publisher"
    document = json.dumps(a_group(f"orcid-generated:kea-{number}"))
    added = http.post(f"/{version}/group-id-record", content=document, headers={**headers, "content-type": JSON})
    assert added.status_code == 201


@needs_orcids_files
def test_the_whole_record_in_xml(person: Person) -> None:
    """Every section at once, in both versions; only v2.1 wants a name for a URL."""
    for section, document in SMALLEST.items():
        person.has_added(section, document | ({"url-name": "Moa"} if section == "researcher-urls" else {}))
    for version in ("v3.0", "v2.1"):
        assert all(is_right(version, ask(person, version, "GET", path, accept=XML)) for path in OVERVIEWS)


def test_the_whole_record_in_v2_1s_json(person: Person) -> None:
    """Its names, and none of v3.0's sections."""
    for section, document in SMALLEST.items():
        person.has_added(section, document)
    activities = ask(person, "v2.1", "GET", "activities").json()
    assert activities.keys() == {
        "last-modified-date", "educations", "employments", "fundings", "peer-reviews", "works", "path"
    }  # fmt: skip
    assert activities["works"]["group"][0]["work-summary"][0]["type"] == "JOURNAL_ARTICLE"
    assert activities["employments"]["employment-summary"][0]["visibility"] == "PUBLIC"
    keyword = ask(person, "v2.1", "GET", "person").json()["keywords"]["keyword"][0]
    assert (keyword["content"], keyword["visibility"], keyword["display-index"]) == ("moa", "PUBLIC", 1)


@pytest.mark.parametrize("accept", MEDIA_TYPES)
@pytest.mark.parametrize("sent", MEDIA_TYPES)
def test_all_media_types(person: Person, sent: str, accept: str) -> None:
    """The body's type and the reply's have nothing to do with each other (API_FACTS section 1.1)."""
    document = json.dumps({"bulk": [{"work": SMALLEST["work"]}]}).encode()
    body = a_bulk(a_work()) if sent.endswith("xml") else document
    reply = ask(person, "v3.0", "POST", "works", body, accept=accept, sent=sent)
    assert (reply.status_code, reply.headers["content-type"]) == (200, f"{accept};charset=UTF-8")
    assert reply.content.startswith(b"<?xml" if accept.endswith("xml") else b"{")
    assert len(person.items("work")) == 1


def test_without_an_accept_header(person: Person) -> None:
    """The body's type counts, and without a body it is XML (API_FACTS section 0)."""
    code = put_code_of(ask(person, "v3.0", "POST", "work", a_work(), accept="*/*", sent="application/orcid+xml"))
    body = a_work(root=f'<work:work put-code="{code}">')
    reply = ask(person, "v3.0", "PUT", f"work/{code}", body, accept="*/*", sent="application/orcid+xml")
    assert reply.headers["content-type"] == "application/orcid+xml;charset=UTF-8"
    assert b"<work:work " in reply.content


@OLD_AND_NEW
def test_the_dates_in_xml(person: Person, version: str) -> None:
    """Milliseconds and Z (API_FACTS section 6.1)."""
    code = put_code_of(ask(person, version, "POST", "work", a_work(), accept=XML))
    milliseconds = ask(person, version, "GET", f"work/{code}").json()["created-date"]["value"]
    text = ask(person, version, "GET", f"work/{code}", accept=XML).text
    created = text.partition("<common:created-date>")[2].partition("<")[0]
    assert created.endswith(f".{milliseconds % 1000:03}Z")
    assert created.startswith("20")


def test_v2_1s_words(person: Person) -> None:
    """What v3.0 wrote is read through v2.1 in its own words and namespaces, and the other way round."""
    thesis = {**SMALLEST["work"], "type": "dissertation-thesis"}
    work = person.has_added("work", thesis)
    assert ask(person, "v2.1", "GET", f"work/{work}").json()["type"] == "DISSERTATION"
    assert b"<work:type>dissertation</work:type>" in ask(person, "v2.1", "GET", f"work/{work}", accept=XML).content
    employment = put_code_of(ask(person, "v2.1", "POST", "employment", an_employment("employment"), accept=XML))
    assert person.get(f"employment/{employment}").json()["department-name"] == "Moas"
    newer = ask(person, "v3.0", "GET", f"employment/{employment}", accept=XML).content
    assert b"<common:department-name>" in newer
    older = ask(person, "v2.1", "GET", f"employment/{employment}", accept=XML).content
    assert b"<employment:department-name>" in older


@pytest.mark.parametrize(
    ("version", "status"), [pytest.param("v3.0", (400, 9012), id="v3.0"), pytest.param("v2.1", (400, 9001), id="v2.1")]
)
def test_elements_in_a_wrong_order(person: Person, version: str, status: tuple[int, int]) -> None:
    """A 400 with the version's own code, and nothing is saved."""
    body = a_work(after="<work:journal-title>Late</work:journal-title>")
    assert error_of(ask(person, version, "POST", "work", body, accept=JSON, sent=XML)) == status
    assert person.items("work") == ()


@OLD_AND_NEW
def test_slots_of_a_bulk(person: Person, version: str) -> None:
    """v2.1 looks at the schema slot by slot, v3.0 does not (API_FACTS section 1.4)."""
    body = a_bulk(a_work(doi="10.1/1"), a_work(doi="10.1/2", after="<work:journal-title>Late</work:journal-title>"))
    slots: list[Any] = ask(person, version, "POST", "works", body, accept=JSON, sent=XML).json()["bulk"]
    second = slots[1].get("error", {})
    assert (second.get("response-code"), second.get("error-code")) == (
        (400, 9001) if version == "v2.1" else (None, None)
    )
    assert len(person.items("work")) == (1 if version == "v2.1" else 2)


@OLD_AND_NEW
@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_documents_do_no_harm(person: Person, version: str, body: bytes) -> None:
    """400 with ORCID's body, and the next call is answered."""
    assert error_of(ask(person, version, "POST", "work", body, sent=XML)) == (400, 9001)
    assert ask(person, version, "GET", "works").json()["group"] == []
