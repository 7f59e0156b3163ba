"""Properties: whatever JSON a client sends, the stand-in answers as ORCID could, and never breaks."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.people import (
    JSON,
    SMALLEST,
    a_date,
    a_funding,
    a_peer_review,
    a_proposal,
    a_research_resource,
    a_researcher_url,
    a_work,
    an_employment,
    identifier,
    identifiers,
)
from worker.sandbox.control_forms import GrantForm
from worker.sandbox.member_api import answer
from worker.sandbox.messages import Request, Response
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.researchers import grant
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.sections.table import SECTIONS

ORCID = orcid_id(1)
FULL_WORK = a_work(
    publication_date=a_date("2024-02-29"),
    citation={"citation-type": "ris", "citation-value": "TY"},
    contributors={"contributor": [{"contributor-orcid": {"path": ORCID}, "credit-name": {"value": "Moa"}}]},
    language_code="en",
    country={"value": "US"},
)
SPAN: dict[str, Any] = {"start_date": a_date("2024-01"), "end_date": a_date("2024-02")}
AMOUNT = {"value": "1000.50", "currency-code": "EUR"}
LEADER = {"credit-name": {"value": "Moa"}, "contributor-attributes": {"contributor-role": "lead"}}
FULL: dict[str, Any] = {
    **SMALLEST,
    "work": FULL_WORK,
    "employment": an_employment(**SPAN, external_ids=identifiers(identifier("uri", "x"))),
    "funding": a_funding(**SPAN, amount=AMOUNT, contributors={"contributor": [LEADER]}),
    "peer-review": a_peer_review(
        subject_external_identifier=identifier("doi", "10.1/a"), subject_name={"title": {"value": "Moa"}}
    ),
    "research-resource": a_research_resource(proposal=a_proposal(**SPAN)),
    "researcher-urls": a_researcher_url(url_name="Moa"),
}
ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.just("\ud800"),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: {"value": None}),
    st.just("x" * 6000),
    st.sampled_from(["2024", "02", "self", "version-of", "doi", "10.1/a", "US", "en"]),
)


@st.composite
def damaged(draw: st.DrawFn, document: Any) -> Any:
    """The document with a few values replaced or taken away."""
    changed = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(0, 3))):
        place = changed
        while True:
            places = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not places:
                break
            key = draw(st.sampled_from(places))
            if isinstance(place[key], (dict, list)) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            place[key] = draw(ODD_VALUES)
            break
    return changed


def call(sandbox: Sandbox, token: str, method: str, path: str, document: object = None) -> Response:
    """One call as the server would hand it on."""
    headers = {"authorization": f"Bearer {token}", "accept": JSON, "content-type": JSON}
    body = json.dumps(document).encode() if document is not None else b""
    return answer(sandbox, Request(method, f"/v3.0/{ORCID}{path}", headers=headers, body=body))


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_any_document_gets_an_answer(data: st.DataObject) -> None:
    """A single item is created or a client error; what was created can be read, replaced by itself and deleted."""
    sandbox = Sandbox()
    scopes = ["/activities/update", "/person/update"]
    token = str(grant(sandbox, GrantForm(orcid=ORCID, scopes=scopes))["access_token"])
    section = data.draw(st.sampled_from(list(FULL)))
    listed = f"/{SECTIONS[section].plural}"
    sent = data.draw(damaged(FULL[section]))
    created = call(sandbox, token, "POST", f"/{section}", sent)
    assert created.status == 201 or 400 <= created.status < 500
    if created.status == 201:
        path = "/" + created.headers["location"].split("/", 5)[5]
        put_code = int(path.rpartition("/")[2])
        assert call(sandbox, token, "GET", listed).status == 200
        assert call(sandbox, token, "GET", "/record").status == 200
        assert call(sandbox, token, "PUT", path, {**sent, "put-code": put_code, "visibility": None}).status == 200
        assert call(sandbox, token, "DELETE", path).status == 204
    assert json.loads(call(sandbox, token, "GET", listed).body)["last-modified-date"] is None


@settings(deadline=None, max_examples=300)
@given(st.lists(damaged(FULL_WORK), max_size=4))
def test_any_bulk_gets_an_answer(works: list[Any]) -> None:
    """Each slot is a work or an error; without a 200 nothing was saved."""
    sandbox = Sandbox()
    token = str(grant(sandbox, GrantForm(orcid=ORCID, scopes=["/activities/update"]))["access_token"])
    reply = call(sandbox, token, "POST", "/works", {"bulk": [{"work": work} for work in works]})
    assert reply.status == 200 or 400 <= reply.status < 500 or json.loads(reply.body)["error-code"] == 9008
    saved = sandbox.records[ORCID].items("work")
    if reply.status != 200:
        assert saved == []
        return
    slots = json.loads(reply.body)["bulk"]
    assert len(slots) == len(works)
    assert [slot["work"]["put-code"] for slot in slots if "work" in slot] == [item.put_code for item in saved]
    assert call(sandbox, token, "GET", "/works").status == 200
