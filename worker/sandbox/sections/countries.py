"""A country of the researcher, in ORCID's section `address`: its shape and rules (API_FACTS sections 5.1 and 5.7)."""

from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.sections.common_shapes import item_shape
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.shapes import Choice, Fields
from worker.sandbox.sections.vocabulary import COUNTRIES

ADDRESS: Final = item_shape({"country": Fields({"value": Choice(COUNTRIES)})}, required=("country",))


def check_country(draft: Draft) -> None:
    """Raise the first of ORCID's rules that the address breaks; a duplicate is never found (section 4)."""
    if draft.document["country"]["value"] is None:
        raise OrcidError(9020, "Country cannot be null")
    draft.check_put_code()
    draft.check_visibility()
