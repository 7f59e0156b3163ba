"""An external identifier's normalised value: ORCID finds duplicates and groups items by it (API_FACTS section 4.1)."""

import re
from collections.abc import Callable
from html import unescape
from typing import Final

from worker.sandbox.messages import JsonObject

_CASE_SENSITIVE: Final = frozenset({"bibcode", "ark", "rrid", "ethos", "ol", "uri", "empiar", "emdb", "k10plus", "cgn"})
_DOI: Final = re.compile(r"10(\.[0-9a-zA-Z]+)+/(?:(?![\"&'])\S)+")
_ARXIV: Final = re.compile(r"\d{4}\.\d{4,5}(?:v\d+)?|[a-z][a-z.\-]*/\d{7}(?:v\d+)?")
_ISSN: Final = re.compile(r"(\d{4})-?(\d{3}[\dx])")
_PMID: Final = re.compile(r"\d+")
_PMC: Final = re.compile(r"(?<!\d)\d{5,9}(?!\d)")
_BIBCODE: Final = re.compile(r"\d{4}[\w.&]{14}[A-Za-z.:]")
_RRID: Final = re.compile(r"(?:RRID:)?\s*((?:AB|CVCL|SCR|IMSR|Addgene|BDSC|MMRRC|ZFIN|nlx|nif|rid)[_:][\w:.\-]+)")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")


def normalise(identifier_type: str, value: str) -> str:
    """The value that ORCID compares, or an empty text when it finds none in `value`."""
    if identifier_type not in _CASE_SENSITIVE:
        value = value.lower()
    find = _NORMALISERS.get(identifier_type)
    return value if find is None else find(value)


def with_normalised(identifier: JsonObject) -> JsonObject:
    """The identifier as ORCID answers it: the value as sent, with its normalised form or the error 8001 beside it."""
    kind, value = identifier["external-id-type"], identifier["external-id-value"]
    normalised = normalise(kind, value) if kind and value else ""
    error = {
        "error-code": "8001",
        "error-message": f"Cannot normalize identifier value {kind}:{value}",
        "transient": True,
    }
    return {
        "external-id-type": kind,
        "external-id-value": value,
        "external-id-normalized": {"value": normalised, "transient": True} if normalised else None,
        "external-id-normalized-error": None if normalised else error,
        "external-id-url": identifier["external-id-url"],
        "external-id-relationship": identifier["external-id-relationship"],
    }


def without_normalised(identifier: JsonObject) -> JsonObject:
    """The identifier as ORCID answers it in a funding, where it normalises nothing."""
    return {**with_normalised(identifier), "external-id-normalized": None, "external-id-normalized-error": None}


def _first(pattern: re.Pattern[str], prefix: str = "") -> Callable[[str], str]:
    def find(value: str) -> str:
        found = pattern.search(value)
        return "" if found is None else prefix + found[0]

    return find


def _doi(value: str) -> str:
    found = _DOI.search(unescape(value))
    return "" if found is None else found[0].lower()


def _isbn(value: str) -> str:
    digits = re.sub(r"[^\dx]", "", value).upper()
    return digits if len(digits) in {10, 13} else ""


def _issn(value: str) -> str:
    found = _ISSN.search(value)
    return "" if found is None else f"{found[1]}-{found[2]}".upper()


def _rrid(value: str) -> str:
    found = _RRID.search(value)
    return "" if found is None else f"RRID:{found[1]}"


def _uri(value: str) -> str:
    return value if _SCHEME.match(value) else f"http://{value}"


_NORMALISERS: Final[dict[str, Callable[[str], str]]] = {
    "doi": _doi,
    "arxiv": _first(_ARXIV, "arXiv:"),
    "isbn": _isbn,
    "issn": _issn,
    "pmid": _first(_PMID),
    "pmc": _first(_PMC),
    "bibcode": _first(_BIBCODE),
    "rrid": _rrid,
    "uri": _uri,
}
