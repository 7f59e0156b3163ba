"""Forms: in which API version and which format a message is written (API_FACTS.md 1.1, 6)."""

from dataclasses import dataclass
from enum import StrEnum


class Version(StrEnum):
    """A version of ORCID's API, as in its paths."""

    V2_1 = "v2.1"
    V3_0 = "v3.0"


class Format(StrEnum):
    """A format of ORCID's messages."""

    JSON = "json"
    XML = "xml"

    @property
    def media_type(self) -> str:
        """What names the format in a request's headers."""
        return f"application/vnd.orcid+{self.value}"


@dataclass(frozen=True, slots=True)
class Form:
    """The form of the documents that are sent. Replies are asked for as JSON, whatever it is."""

    version: Version = Version.V3_0
    format: Format = Format.JSON

    def __str__(self) -> str:
        return f"{self.version} {self.format}"
