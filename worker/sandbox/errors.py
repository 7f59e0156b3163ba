"""An ORCID error: its code, HTTP status and body, as in API_FACTS sections 2.1 and 3."""

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from worker.sandbox.messages import JsonObject

MORE_INFO: Final = "https://members.orcid.org/api/resources/troubleshooting"
_PLACEHOLDER: Final = re.compile(r"\$\{(\w+)\}")
_XML_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<error xmlns="http://www.orcid.org/ns/error">'
)


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A row of section 3."""

    code: int
    status: int
    developer_message: str
    user_message: str


def _load_codes() -> dict[int, ErrorCode]:
    table: dict[str, Any] = tomllib.loads(Path(__file__).with_name("error_codes.toml").read_text("utf-8"))
    return {
        int(code): ErrorCode(int(code), row["status"], row["developer-message"], row["user-message"])
        for code, row in table.items()
    }


ERROR_CODES: Final = _load_codes()


class OrcidError(Exception):
    """What ORCID answers instead of doing what was asked.

    `detail` follows the template as ORCID's exception message does; `parameters` fill the template's placeholders,
    and those without a value stay in the text literally, as they do at ORCID.
    """

    def __init__(
        self,
        code: int,
        detail: str | None = None,
        *,
        status: int | None = None,
        location: str | None = None,
        row: ErrorCode | None = None,
        **parameters: object,
    ) -> None:
        """The error of this code; `status`, `row` only where they are not the code's own, `location` for a header."""
        super().__init__(f"{code}: {detail or ''}")
        self.row = row or ERROR_CODES[code]
        self.status = status or self.row.status
        self.detail = detail
        self.location = location
        self.parameters = {name: str(value) for name, value in parameters.items()}

    def body(self, client_name: str | None = None) -> JsonObject:
        """The error body with its keys in ORCID's order; `client_name` fills `${clientName}` when known."""
        known = self.parameters if client_name is None else {"clientName": client_name, **self.parameters}
        developer = _fill(self.row.developer_message, known)
        if self.detail is not None:
            developer = f"{developer} Full validation error: {self.detail}".lstrip()
        return {
            "response-code": self.status,
            "developer-message": developer,
            "user-message": _fill(self.row.user_message, known),
            "error-code": self.row.code,
            "more-info": MORE_INFO,
        }


def deprecated(orcid: str, primary: str, *, reading: bool, location: str) -> OrcidError:
    """9007: the record was merged into another; 301 to readers, 409 to writers with a text of its own (section 8)."""
    old, new = f"https://orcid.org/{orcid}", f"https://orcid.org/{primary}"
    row = ERROR_CODES[9007]
    if reading:
        return OrcidError(9007, status=301, location=location, orcid=new, deprecated_orcid=old)
    return OrcidError(9007, row=replace(row, developer_message=row.user_message), location=location, orcid=new)


def error_xml(body: JsonObject) -> bytes:
    """The same error for a client that accepts XML (section 2.1)."""
    lines = (f"    <{key}>{escape(str(value))}</{key}>" for key, value in body.items())
    return "\n".join((_XML_HEAD, *lines, "</error>\n")).encode()


def _fill(template: str, parameters: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: parameters.get(found[1], found[0]), template)
