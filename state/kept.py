"""What is kept as text, read back: documents, and the data of source records."""

import json
from typing import Any

from mappers.documents import Document, load
from state.store import DamagedError


def kept_document(text: str) -> Document:
    """A document as a store keeps it; raises DamagedError when the text is none."""
    try:
        return load(text)
    except ValueError as error:
        raise DamagedError(error) from error


def kept_data(text: str) -> Any:
    """The data of a source record, or a document as plain data; raises DamagedError when the text is no JSON."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise DamagedError(error) from error
