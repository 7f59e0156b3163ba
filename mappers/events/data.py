"""The parts that the data of several event types share, and the reading of data by its model (CONTRACT.md section 4).

Here only the shape is checked: what is there, of which type, how much of it. ORCID's rules for the document come
later (mappers/rules/), for an event that breaks those is kept and shown as a refused item.
"""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from mappers.events.envelopes import MAX_NAME, name_fault
from mappers.events.faults import Fault, Rule

MAX_TEXT = 100_000
"""How many characters any text of an event may have: far more than ORCID takes of its longest field."""
MAX_LIST = 10_000
"""How many contributors, holders, identifiers or keywords an event may list."""


def _name(text: str) -> str:
    if wrong := name_fault(text):
        raise PydanticCustomError("wrong_form", "{wrong}", {"wrong": wrong})
    return text


Text = Annotated[str, StringConstraints(max_length=MAX_TEXT)]
Name = Annotated[str, StringConstraints(max_length=MAX_NAME), AfterValidator(_name)]
DateForm = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
"""A date by its form alone: 2024-02-31 passes here, and is refused where the document is made."""


class Part(BaseModel):
    """An object within an event's data: strict about types, deaf to unknown fields."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Person(Part):
    """One of the institution's people."""

    id: Name


class OrganizationData(Part):
    """An organization, named in ROR, or in another list by `identifier` and `identifier_source`."""

    name: Text | None = None
    city: Text | None = None
    region: Text | None = None
    country: Text | None = None
    ror: Text | None = None
    identifier: Text | None = None
    identifier_source: Text | None = None


class IdentifierData(Part):
    """An identifier of a publication, a funding or the like."""

    type: Text
    value: Text
    url: Text | None = None
    relationship: Text | None = None


Identifiers = Annotated[list[IdentifierData], Field(max_length=MAX_LIST)]


class TranslatedTitleData(Part):
    """A title in another language."""

    value: Text | None = None
    language: Text | None = None


class CitationData(Part):
    """A citation in one of ORCID's formats."""

    type: Text | None = None
    value: Text | None = None


Data = TypeVar("Data", bound=Part)


def trimmed(text: str | None) -> str | None:
    """The text without the white space around it; None when nothing is left: ORCID takes no blank texts."""
    return (text.strip() or None) if text else None


def squeezed(text: str | None) -> str | None:
    """The text trimmed, with each white space within as one space; None when nothing is left."""
    return " ".join(text.split()) or None if text else None


def read_data(model: type[Data], data: Any, root: str = "data") -> Data:
    """Reads an event's data by its model; raises Fault for the first thing wrong, its field as section 4 spells it."""
    if data is None:
        raise Fault(Rule.MISSING_FIELD, root, None, "is missing")
    if not isinstance(data, dict):
        raise Fault(Rule.WRONG_TYPE, root, None if isinstance(data, str) else data, "is not an object")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    raise _fault(faults[0], len(faults) - 1, root)


def _fault(error: ErrorDetails, more: int, root: str) -> Fault:
    field = "".join((root, *(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"])))
    field = field.removeprefix(".")
    value = None if error["type"] == "missing" else error["input"]
    if value is None:
        rule, text = Rule.MISSING_FIELD, "is missing"
    else:
        rule, text = _rule(error["type"], error.get("ctx", {}), error["msg"])
    rest = f" (and {more} more {'fault' if more == 1 else 'faults'})" if more else ""
    return Fault(rule, field, value, text + rest)


def _rule(kind: str, context: dict[str, Any], message: str) -> tuple[Rule, str]:
    """Pydantic's error type as our rule and its words."""
    match kind:
        case "string_too_long":
            return Rule.TOO_LONG, f"is longer than {context['max_length']} characters"
        case "too_long":
            return Rule.TOO_MANY, f"has {context['actual_length']} entries, more than {context['max_length']}"
        case "string_pattern_mismatch":
            return Rule.WRONG_FORM, "is not a date (YYYY, YYYY-MM or YYYY-MM-DD)"
        case "literal_error":
            return Rule.NOT_ALLOWED, f"is not {context['expected']}"
        case "wrong_form":
            return Rule.WRONG_FORM, message
        case _ if kind in _WANTED:
            return Rule.WRONG_TYPE, f"is not {_WANTED[kind]}"
        case _:
            return Rule.WRONG_FORM, f"is wrong: {message[:1].lower()}{message[1:]}"


_WANTED = {
    "string_type": "a string",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
