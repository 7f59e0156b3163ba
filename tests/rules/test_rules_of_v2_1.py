"""What v3.0 takes and v2.1 does not: left out, or waited for by name, and v2.1's answer to the document as it was."""

import json

import httpx
import pytest

from mappers.forms import Form, Format, Version
from mappers.wire.v2_1 import narrowed, respelled
from mappers.wire.writing import write
from tests.mappers.builders import mapped
from tests.rules.narrow_events import NARROW_EVENTS, NarrowEvent
from tests.rules.same_document import OWN_ID
from tests.sandbox.people import JSON, Person, error_of

EACH_RULE = [pytest.param(one, id=one.name) for one in NARROW_EVENTS]
IN_3_0 = Form(Version.V3_0, Format.JSON)
IN_2_1 = Form(Version.V2_1, Format.JSON)


@pytest.mark.parametrize("narrow", EACH_RULE)
def test_what_v2_1_does_not_take(person: Person, narrow: NarrowEvent) -> None:
    """No rule of v3.0 is broken; v2.1 refuses the document as v3.0 takes it, and takes what is left of it, if any."""
    document = mapped(narrow.data, type=narrow.type)[0].document
    assert document is not None
    found = narrowed(document)
    own_id = None if document.section.is_affiliation else OWN_ID
    whole = respelled(json.loads(write(document, IN_3_0, own_id=own_id)), capitals=True)

    assert (found.lacks, ", ".join(found.dropped)) == (narrow.lacks, narrow.drops)
    assert error_of(_post(person, document.section, json.dumps(whole).encode())) == narrow.answer
    if narrow.lacks:
        with pytest.raises(ValueError, match=narrow.lacks):
            write(document, IN_2_1)
    else:
        assert _post(person, document.section, write(document, IN_2_1, own_id=OWN_ID)).status_code == 201


def _post(person: Person, section: str, content: bytes) -> httpx.Response:
    headers = {"authorization": f"Bearer {person.token}", "accept": JSON, "content-type": JSON}
    return person.http.request("POST", f"/v2.1/{person.orcid}/{section}", content=content, headers=headers)
