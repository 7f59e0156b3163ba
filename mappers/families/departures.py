"""Departures (`hr.person.left`, ended by `hr.person.returned`): their data. They want no item of their own."""

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from mappers.dates import FuzzyDate
from mappers.drafts import Draft
from mappers.events.data import DateForm, Part, Person
from mappers.mapping_file import MappingFile


def _exists(text: str) -> str:
    """There is no document that could be refused for it, so a date that does not exist is the event's own fault."""
    try:
        FuzzyDate.parse(text)
    except ValueError as error:
        raise PydanticCustomError("wrong_form", "{wrong}", {"wrong": str(error)}) from None
    return text


class DepartureData(Part):
    """The data of `hr.person.left` and of `hr.person.returned`."""

    person: Person
    date: Annotated[DateForm, AfterValidator(_exists)] | None = None


def draft_departure(_data: DepartureData, _mapping: MappingFile) -> tuple[Draft, ...]:
    """Nothing: who leaves keeps what the records of other sources say, until the policy says otherwise."""
    return ()
