"""Version 2.1 of a document: what it leaves out, calls otherwise and demands (API_FACTS sections 5.1, 5.9 and 6.2)."""

from collections.abc import Callable, Mapping
from typing import Any

from worker.sandbox.forms.v2_1_words import RELATIONSHIPS_2_1
from worker.sandbox.forms.xml_grammar import Content, Element, Group, Run, Text, Value
from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.shapes import Breach, wrong_shape

_MAY_BE_EMPTY = frozenset({"journal-title", "subject-container-name"})
"""Texts that may be blank in v2.1, and then say nothing."""


def shown_in_2_1(element: Element, content: JsonObject) -> JsonObject:
    """v3.0's content of a reply as v2.1 has it: fewer keys, flat lists, its own words, still in lower case.

    `element` is v2.1's. Types that only v3.0 has become `other`, identifiers with a relationship that v2.1 lacks are
    left out, contributors lose a role that it lacks.
    """
    shown: JsonObject = _shown(element.content, content)
    return shown


def named_in_2_1(element: Element, content: JsonObject) -> JsonObject:
    """What `shown_in_2_1` gave, with the upper-case names of enums that v2.1's JSON has for words."""
    named: JsonObject = _named(element.content, content)
    return named


def read_2_1(element: Element, value: Any) -> Any:
    """A body in v2.1's JSON in the words of v3.0; 9047 for a key or a word that v2.1 does not know.

    Values that are of another type than their place wants are left for the shape to refuse.
    """
    return _read(element.content, value, element.name)


def without_blanks(content: Any) -> Any:
    """The content without the texts that v2.1 takes although they are blank."""
    if not isinstance(content, dict):
        return content
    return {key: None if key in _MAY_BE_EMPTY and _is_blank(part) else part for key, part in content.items()}


def missing_in_2_1(element: Element, content: Any) -> list[Breach]:
    """What v2.1's schema requires and a body in v3.0's names does not have."""
    found: list[Breach] = []
    _check(element.content, content, element.name, found)
    return found


def _shown(shape: Content, value: Any) -> Any:
    match shape:
        case Group():
            return _shown_group(shape, _flattened(value))
        case Value():
            return {**value, "value": _shown(shape.text, value["value"])}
        case Text() if isinstance(value, str):
            return shape.down(value)
        case _:
            return value


def _shown_group(group: Group, content: JsonObject) -> JsonObject:
    known = group.by_key
    shown: JsonObject = {}
    for key, value in content.items():
        if key in group.attributes:
            shown[key] = _shown(group.attributes[key], value)
        elif key in group.json_only:
            shown[key] = value
        elif (child := known.get(key)) is not None:
            shown[key] = _shown_child(child, value)
    return shown


def _shown_child(child: Element | Run, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(child, Run):
        options = {option.name: option for option in child.options}
        return [{name: _shown(options[name].content, part) for name, part in member.items()} for member in value]
    if child.many:
        members = [part for part in value if child.name != "external-id" or _has_known_relationship(part)]
        return [_shown(child.content, part) for part in members]
    return _shown(child.content, value)


def _has_known_relationship(identifier: JsonObject) -> bool:
    relationship = identifier.get("external-id-relationship")
    return relationship is None or relationship in RELATIONSHIPS_2_1


def _flattened(content: JsonObject) -> JsonObject:
    """Lists without the groups that v3.0 has around their summaries."""
    if "affiliation-group" in content:
        flat: JsonObject = {}
        for group in content["affiliation-group"]:
            for member in group["summaries"]:
                for name, part in member.items():
                    flat.setdefault(name, []).append(part)
        name = next(iter(flat), f"{_singular(content)}-summary")
        return _replaced(content, "affiliation-group", name, flat.get(name, []))
    if "peer-review-group" in content:
        members = [part for group in content["peer-review-group"] for part in group["peer-review-summary"]]
        return _replaced(content, "peer-review-group", "peer-review-summary", members)
    return content


def _singular(content: JsonObject) -> str:
    return str(content["path"]).rpartition("/")[2].removesuffix("s")


def _replaced(content: JsonObject, old: str, new: str, value: list[Any]) -> JsonObject:
    return {new if key == old else key: value if key == old else part for key, part in content.items()}


def _named(shape: Content, value: Any) -> Any:
    match shape:
        case _ if value is None:
            return None
        case Group():
            return {key: _named_part(shape, key, part) for key, part in value.items()}
        case Value():
            return {**value, "value": _named(shape.text, value["value"])}
        case Text() if shape.named:
            return _name(value)
        case _:
            return value


def _named_part(group: Group, key: str, value: Any) -> Any:
    child = group.by_key.get(key)
    if child is None or value is None:
        return _named(group.attributes[key], value) if key in group.attributes else value
    if isinstance(child, Run):
        options = {option.name: option for option in child.options}
        return [{name: _named(options[name].content, part) for name, part in member.items()} for member in value]
    return [_named(child.content, part) for part in value] if child.many else _named(child.content, value)


def _name(word: str) -> str:
    return word.upper().replace("-", "_")


def _read(shape: Content, value: Any, at: str) -> Any:
    match shape:
        case Group() if isinstance(value, dict):
            known = shape.by_key
            allowed = known.keys() | shape.attributes.keys() | shape.json_only
            for key in value:
                if key not in allowed:
                    raise wrong_shape(at, f"Unrecognized field '{key}' (known: {', '.join(sorted(allowed))})")
            return {key: _read_part(shape, known, key, part, at) for key, part in value.items()}
        case Value() if isinstance(value, dict):
            return {key: _read_value(shape, key, part, f"{at}.{key}") for key, part in value.items()}
        case Text() if shape.words is not None and isinstance(value, str):
            return _read_word(shape, value, at)
        case _:
            return value


def _read_value(shape: Value, key: str, value: Any, at: str) -> Any:
    scalar = shape.text if key == "value" else shape.attributes.get(key)
    return value if scalar is None else _read(scalar, value, at)


def _read_part(group: Group, known: Mapping[str, Element | Run], key: str, value: Any, at: str) -> Any:
    child = known.get(key)
    if child is None:
        return _read(group.attributes[key], value, f"{at}.{key}") if key in group.attributes else value
    if isinstance(child, Run):
        options = {option.name: option for option in child.options}
        return _each(value, lambda part, place: _read_member(options, part, f"{at}[{place}]"))
    if child.many:
        return _each(value, lambda part, place: _read(child.content, part, f"{at}.{key}[{place}]"))
    return _read(child.content, value, f"{at}.{key}")


def _read_member(options: dict[str, Element], member: Any, at: str) -> Any:
    if not isinstance(member, dict):
        return member
    return {
        name: _read(options[name].content, part, f"{at}.{name}") if name in options else part
        for name, part in member.items()
    }


def _each(value: Any, read: Callable[[Any, int], Any]) -> Any:
    """Every element of a list; a single object stands for a list of one."""
    if isinstance(value, list):
        return [read(part, place) for place, part in enumerate(value)]
    return value if value is None else read(value, 0)


def _read_word(text: Text, value: str, at: str) -> str:
    names = {_name(word) if text.named else word: word for word in text.words or ()}
    if value not in names:
        raise wrong_shape(at, f"value {value!r} is not one of: {', '.join(sorted(names))}")
    return text.up(names[value])


def _check(shape: Content, value: Any, at: str, found: list[Breach]) -> None:
    if not isinstance(shape, Group) or not isinstance(value, dict):
        return
    for child in shape.children:
        if isinstance(child, Run):
            continue
        part = value.get(child.name)
        if part is None and child.required:
            found.append(Breach(f"{at}.{child.name}", "is required"))
        for place, one in enumerate(part if isinstance(part, list) else [part]):
            _check(child.content, one, f"{at}.{child.name}[{place}]" if child.many else f"{at}.{child.name}", found)


def _is_blank(text: Any) -> bool:
    value = text.get("value") if isinstance(text, dict) else text
    return isinstance(value, str) and not value.strip()
