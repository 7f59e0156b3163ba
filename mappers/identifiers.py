"""Identifiers: ORCID iDs, external-ids normalised as ORCID does (API_FACTS.md 4.1), and our own opaque one."""

import html
import re
from base64 import b32encode
from hashlib import sha256
from typing import NewType

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_2

OrcidId = NewType("OrcidId", str)
"""A bare ORCID iD with a right checksum: `0000-0001-2345-6789`."""

OWN_TYPE = "source-work-id"
"""The external-id type that carries our own opaque identifier."""

MAX_VALUE = 500
"""Beyond so many characters a value is compared as it stands: ORCID's patterns take too long to find nothing."""

_ORCID_ID = re.compile(
    r"(?:https?://(?:[a-z.]+\.)?orcid\.org/)?(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dX])/?",
    re.IGNORECASE | re.ASCII,
)
_CASE_SENSITIVE = frozenset({"bibcode", "ark", "rrid", "ethos", "ol", "uri", "empiar", "emdb", "k10plus", "cgn"})
_DOI = re.compile(r"10(?:\.[0-9a-zA-Z]+)+/[^\s\"&']+")
_XML_ESCAPE = re.compile(r"&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_ARXIV = re.compile(r"(?:[0-9]{4}\.[0-9]{4,5}|(?<![a-z.-])[a-z.-]+/[0-9]{7})(?:v[0-9]+)?", re.IGNORECASE)
_ISSN = re.compile(r"([0-9]{4})-?([0-9]{3}[0-9xX])")
_PMC = re.compile(r"[0-9]{5,9}")
_BIBCODE = re.compile(r"[0-9]{4}\S{14}[A-Za-z.:]")
_RRID = re.compile(r"RRID:\s*\S+", re.IGNORECASE)


def parse_orcid_id(text: str) -> OrcidId:
    """Reads an iD, bare or as a URL; raises ValueError naming the rule it breaks (shape, or ISO 7064 11-2 checksum)."""
    found = _ORCID_ID.fullmatch(text.strip())
    if found is None:
        raise ValueError("is not an ORCID iD (four groups of four digits)")
    bare = "-".join(found.groups()).upper()
    try:
        mod_11_2.validate(bare.replace("-", ""))
    except ValidationError:
        raise ValueError("is not an ORCID iD (its last character does not match the others)") from None
    return OrcidId(bare)


def normalised(kind: str, value: str) -> str:
    """The value as ORCID compares it within type `kind`; the value as it stands where ORCID's rule finds nothing."""
    text = value.strip()
    if len(text) > MAX_VALUE:
        return text
    cased = text if kind in _CASE_SENSITIVE else text.lower()
    return _by_type(kind, cased) or text


def _by_type(kind: str, text: str) -> str:
    match kind:
        case "doi":
            found = _DOI.search(_XML_ESCAPE.sub(lambda escape: html.unescape(escape[0]), text))
            return found.group().lower() if found else ""
        case "arxiv":
            found = _ARXIV.search(text)
            return f"arXiv:{found.group()}" if found else ""
        case "isbn":
            digits = re.sub(r"[^0-9xX]", "", text).upper()
            return digits if len(digits) in (10, 13) else ""
        case "issn":
            found = _ISSN.search(text)
            return f"{found[1]}-{found[2].upper()}" if found else ""
        case "pmid":
            return re.sub(r"[^0-9]", "", text)
        case "pmc":
            found = _PMC.search(text)
            return found.group() if found else ""
        case "bibcode":
            found = _BIBCODE.search(text)
            return found.group() if found else ""
        case "rrid":
            found = _RRID.search(text)
            return found.group() if found else ""
        case "uri":
            return text if "://" in text else f"http://{text}"
        case _:
            return text


def opaque_id(namespace: str, entity: str, subject: str) -> str:
    """Our own identifier of a source record: 26 lower-case base32 characters that tell nothing about it.

    Lower case because ORCID lower-cases this type; opaque because HR keys do not belong on a public record.
    """
    named = f"{namespace}\x00{entity}\x00{subject}".encode()
    return b32encode(sha256(named).digest()).decode().lower()[:26]
