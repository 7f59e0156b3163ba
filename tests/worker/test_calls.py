"""Calls: the request that carries out a step, and the intents that note it beforehand."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mappers.documents import Document, dump
from mappers.forms import Form, Version
from mappers.identifiers import OWN_TYPE
from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import Method, Origin, Wanted
from tests.worker.builders import (
    JOSIAH,
    NOW,
    PERSON,
    a_key,
    a_work,
    an_employment,
    intent,
    published,
    wanted,
)
from worker.calling.calls import Request, Sender, intents_for, request_for
from worker.planning import steps

SENDER = Sender(PERSON, JOSIAH, epoch=3, call_seconds=30.0)
WORKS = {f"{number}": a_work(f"10.1/{number}", f"Moa {number}") for number in (1, 2)}
JOB = an_employment()
DOCUMENTS: dict[ItemKey, Document] = {
    **{a_key(subject): work for subject, work in WORKS.items()},
    a_key("3", Section.EMPLOYMENT): JOB,
}


def item(subject: str) -> Wanted:
    """The wanted item of one of the documents."""
    return wanted(subject, WORKS.get(subject, JOB))


ADDS = tuple(steps.Add(item(subject), None, "") for subject in ("1", "2"))
FOUND = tuple(steps.FoundItem(code, a_key(), Origin.CREATED) for code in (7, 8))
STEPS = [
    pytest.param(ADDS[0], "POST", "work", 0, "POST", id="add a work"),
    pytest.param(steps.Add(item("3"), "own", ""), "POST", "employment", 0, "POST", id="add an employment"),
    pytest.param(steps.AddWorks(ADDS), "POST", "works", 2, "POST_BULK", id="add works"),
    pytest.param(steps.Update(item("1"), published(7), None, ""), "PUT", "work/7", 0, "PUT", id="update"),
    pytest.param(steps.Remove(published(7, "3", JOB), ""), "DELETE", "employment/7", 0, "DELETE", id="remove"),
    pytest.param(steps.Repeat((intent(),)), "POST", "work", 0, "POST", id="repeat one work"),
    pytest.param(
        steps.Repeat((intent(), intent(subject="2"))), "POST", "works", 2, "POST_BULK", id="repeat works together"
    ),
    pytest.param(
        steps.Repeat((intent(subject="3", document=JOB),)), "POST", "employment", 0, "POST", id="repeat an employment"
    ),
    pytest.param(steps.ListSection(Section.WORK, ""), "GET", "works", 0, "GET", id="list works"),
    pytest.param(steps.ListSection(Section.EMPLOYMENT, ""), "GET", "employments", 0, "GET", id="list employments"),
    pytest.param(steps.ReadItems(Section.WORK, FOUND, NOW), "GET", "works/7,8", 0, "GET", id="read works"),
    pytest.param(
        steps.ReadItems(Section.EMPLOYMENT, FOUND[:1], NOW), "GET", "employment/7", 0, "GET", id="read an employment"
    ),
]


@pytest.mark.parametrize(("step", "verb", "path", "bulk", "kind"), STEPS)
def test_the_request_of_a_step(step: steps.RecordStep, verb: str, path: str, bulk: int, kind: str) -> None:
    """Method and path are those of ORCID's API guide, on the granted iD."""
    request = request_for(step, DOCUMENTS, SENDER)

    assert (request.verb, request.path) == (verb, f"/v3.0/0000-0002-1825-0097/{path}")
    assert (request.bulk, request.kind) == (bulk, kind)
    assert (request.body is not None) is (verb in ("POST", "PUT"))


def test_the_version_is_in_the_path() -> None:
    """The API version is chosen by settings."""
    form = Form(Version.V2_1)
    assert request_for(ADDS[0], DOCUMENTS, replace(SENDER, form=form)).path.startswith("/v2.1/")


def body(request: Request) -> Any:
    """A request's body, read."""
    return json.loads(request.body or b"null")


def ids(message: dict[str, Any]) -> list[tuple[str, str]]:
    """The external-ids of a message."""
    return [
        (one["external-id-type"], one["external-id-value"])
        for one in message.get("external-ids", {}).get("external-id", [])
    ]


def test_a_post_has_no_put_code_and_a_put_has_the_one_of_its_path() -> None:
    """ORCID refuses a POST with a put-code (9024), and a PUT whose put-code differs from its path (9019)."""
    add = body(request_for(ADDS[0], DOCUMENTS, SENDER))
    update = body(request_for(steps.Update(item("1"), published(7), None, ""), DOCUMENTS, SENDER))

    assert "put-code" not in add
    assert update == {"put-code": 7, **add}


def test_a_bulk_carries_its_works_in_order() -> None:
    """Slots of the reply are matched by index."""
    sent = body(request_for(steps.AddWorks(ADDS), DOCUMENTS, SENDER))

    assert [one["work"]["title"]["title"]["value"] for one in sent["bulk"]] == ["Moa 1", "Moa 2"]
    assert all("put-code" not in one["work"] for one in sent["bulk"])


def test_our_own_id_is_sent_where_the_step_says() -> None:
    """Our own identifier goes along as `source-work-id`."""
    with_own = steps.Add(item("3"), "own", "")
    without = steps.Add(item("1"), None, "")

    assert ids(body(request_for(with_own, DOCUMENTS, SENDER))) == [(OWN_TYPE, "own")]
    assert ids(body(request_for(without, DOCUMENTS, SENDER))) == [("doi", "10.1/1")]


def test_a_repeat_says_word_for_word_what_was_said_before() -> None:
    """The document and our own identifier are those of the intent."""
    first = request_for(steps.Add(item("3"), "own", ""), DOCUMENTS, SENDER)
    again = request_for(steps.Repeat((intent(subject="3", document=JOB, own_id="own"),)), DOCUMENTS, SENDER)

    assert again == first


def test_text_is_sent_as_it_is() -> None:
    """UTF-8, not escaped."""
    documents: dict[ItemKey, Document] = {a_key("1"): a_work("10.1/1", "Étude of 鳥")}

    assert "Étude of 鳥".encode() in (request_for(ADDS[0], documents, SENDER).body or b"")


@pytest.mark.parametrize(
    ("step", "noted"),
    [
        pytest.param(ADDS[0], [(Method.POST, "1", None)], id="add: a POST"),
        pytest.param(
            steps.AddWorks(ADDS), [(Method.POST, "1", None), (Method.POST, "2", None)], id="add works: a POST each"
        ),
        pytest.param(steps.Update(item("1"), published(7, "9"), None, ""), [(Method.PUT, "1", 7)], id="update: a PUT"),
        pytest.param(steps.Remove(published(7), ""), [(Method.DELETE, "1", 7)], id="remove: a DELETE"),
        pytest.param(
            steps.Repeat((intent(), intent(subject="2"))),
            [(Method.POST, "1", None), (Method.POST, "2", None)],
            id="repeat: a POST each",
        ),
        pytest.param(steps.ListSection(Section.WORK, ""), [], id="list: nothing"),
        pytest.param(steps.ReadItems(Section.WORK, FOUND, NOW), [], id="read: nothing"),
    ],
)
def test_the_intents_of_a_step(step: steps.RecordStep, noted: list[tuple[Method, str, int | None]]) -> None:
    """Every write is noted with its item and put-code before it is sent; a read needs no note."""
    texts = {key: dump(document) for key, document in DOCUMENTS.items()}
    made = intents_for(step, DOCUMENTS, texts, SENDER, NOW)

    assert [(one.method, one.item.record.subject, one.put_code) for one in made] == noted
    assert {one.orcid for one in made} <= {JOSIAH}
    assert {one.epoch for one in made} <= {3}
    assert {one.ripe_at for one in made} <= {NOW + 60.0}


def test_an_intent_carries_what_it_takes_to_repeat_and_to_recognise_it() -> None:
    """A POST is noted with its document, digest and every identity that ORCID could find it by."""
    step = steps.Add(item("3"), "own", "")
    (made,) = intents_for(step, DOCUMENTS, {step.item.key: dump(JOB)}, SENDER, NOW)

    assert (made.digest, made.document, made.own_id) == (step.item.digest, dump(JOB), "own")
    assert made.self_ids == {"source-work-id:own"}
    assert made.attempt == 1


def test_a_repeat_counts_its_attempts() -> None:
    """The next attempt is ripe later, under the lease of now, and is otherwise the same."""
    before = intent(own_id="own", attempt=2, epoch=1)
    (made,) = intents_for(steps.Repeat((before,)), {}, {}, SENDER, NOW)

    assert (made.attempt, made.epoch, made.opened_at, made.ripe_at) == (3, 3, NOW, NOW + 60.0)
    assert (made.item, made.digest, made.document, made.own_id) == (
        before.item,
        before.digest,
        before.document,
        before.own_id,
    )


def test_a_visibility_goes_with_what_is_created_and_never_with_an_update() -> None:
    """ORCID refuses an update that changes it (9035), and the researcher may have changed it since."""
    sender = replace(SENDER, visibilities={Section.WORK: "limited"})
    update = steps.Update(item("1"), published(7), None, "")

    assert body(request_for(ADDS[0], DOCUMENTS, sender))["visibility"] == "limited"
    bulk = body(request_for(steps.AddWorks(ADDS), DOCUMENTS, sender))["bulk"]
    assert [slot["work"]["visibility"] for slot in bulk] == ["limited", "limited"]
    assert "visibility" not in body(request_for(update, DOCUMENTS, sender))
    assert "visibility" not in body(request_for(ADDS[0], DOCUMENTS, SENDER))
    assert "visibility" not in body(request_for(steps.Add(item("3"), "own", ""), DOCUMENTS, sender))
