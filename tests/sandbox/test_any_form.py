"""Properties: whatever a client sends in whatever form, the stand-in answers as ORCID could, in every form."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.sandbox.form_documents import contents
from tests.sandbox.people import SMALLEST
from worker.sandbox.control_forms import GrantForm
from worker.sandbox.forms.bodies import Form, Kind, write
from worker.sandbox.forms.xml_roots import ROOTS
from worker.sandbox.member_api import answer
from worker.sandbox.messages import Request, Response
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.researchers import grant
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.sections.table import SECTIONS
from worker.sandbox.versions import BOTH, V2_1, V3_0

ORCID = orcid_id(1)
FORMS = [Form(version, is_json) for version in sorted(BOTH) for is_json in (False, True)]


def call(sandbox: Sandbox, token: str, form: Form, method: str, path: str, body: bytes = b"") -> Response:
    """One call in a form as the server would hand it on."""
    kind = "application/json" if form.is_json else "application/xml"
    headers = {"authorization": f"Bearer {token}", "accept": kind, "content-type": kind}
    return answer(sandbox, Request(method, f"/{form.version}/{ORCID}{path}", headers=headers, body=body))


def a_sandbox() -> tuple[Sandbox, str]:
    """A stand-in with a grant for everything."""
    sandbox = Sandbox()
    scopes = ["/activities/update", "/person/update", "/read-limited"]
    return sandbox, str(grant(sandbox, GrantForm(orcid=ORCID, scopes=scopes))["access_token"])


def is_well_formed(form: Form, reply: Response) -> bool:
    """Whether the body is a document of its kind."""
    return bool(json.loads(reply.body)) if form.is_json else etree.fromstring(reply.body) is not None


@st.composite
def damaged(draw: st.DrawFn, document: bytes) -> bytes:
    """The document with some of its elements moved, doubled, renamed, emptied or gone."""
    root = etree.fromstring(document)
    for _ in range(draw(st.integers(0, 3))):
        nodes = list(root.iter())
        node, other = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        parent = node.getparent()
        match draw(st.sampled_from(["move", "double", "rename", "empty", "drop"])):
            case "move" if parent is not None and node not in other.iterancestors() and node is not other:
                other.append(node)
            case "double" if parent is not None:
                parent.append(etree.fromstring(etree.tostring(node)))
            case "rename":
                node.tag = other.tag
            case "empty":
                node.text = None
            case "drop" if parent is not None:
                parent.remove(node)
            case _:
                node.set("moa", "x")
    return etree.tostring(root)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_any_document_gets_an_answer(data: st.DataObject) -> None:
    """It is created or a client error; what was created can be read in every form that has its section."""
    sandbox, token = a_sandbox()
    form = data.draw(st.sampled_from(FORMS))
    section = data.draw(st.sampled_from(sorted(SECTIONS.keys() & ROOTS[form.version].items.keys())))
    element = ROOTS[form.version].items[section]
    right = SMALLEST[section] | ({"url-name": "Moa"} if section == "researcher-urls" else {})
    content: dict[str, Any] = data.draw(st.just(right) | contents(element.content))
    body = write(form, section, Kind.ITEM, content)
    created = call(sandbox, token, form, "POST", f"/{section}", body if form.is_json else data.draw(damaged(body)))
    assert created.status == 201 or 400 <= created.status < 500
    if created.status != 201:
        assert is_well_formed(form, created)
        return
    path = "/" + created.headers["location"].split("/", 5)[5]
    for shown in (each for each in FORMS if section in ROOTS[each.version].items):
        item = call(sandbox, token, shown, "GET", path)
        assert (item.status, is_well_formed(shown, item)) == (200, True)
        listed = call(sandbox, token, shown, "GET", f"/{SECTIONS[section].plural}")
        assert (listed.status, is_well_formed(shown, listed)) == (200, True)


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_any_bulk_gets_an_answer(data: st.DataObject) -> None:
    """A slot for each work, or a client error and nothing saved."""
    sandbox, token = a_sandbox()
    form = Form(data.draw(st.sampled_from([V3_0, V2_1])), is_json=False)
    work = ROOTS[form.version].items["work"]
    works = data.draw(st.lists(st.just(SMALLEST["work"]) | contents(work.content), max_size=3))
    body = data.draw(damaged(write(form, "work", Kind.BULK, {"bulk": [{"work": one} for one in works]})))
    reply = call(sandbox, token, form, "POST", "/works", body)
    assert is_well_formed(form, reply)
    if reply.status != 200:
        assert 400 <= reply.status < 500
        assert sandbox.records[ORCID].items("work") == []


@settings(deadline=None, max_examples=100)
@given(body=st.binary(max_size=40) | st.text(max_size=40).map(str.encode), form=st.sampled_from(FORMS))
def test_any_bytes_get_an_answer(body: bytes, form: Form) -> None:
    """Noise is a 400."""
    sandbox, token = a_sandbox()
    assert call(sandbox, token, form, "POST", "/work", body).status == 400
