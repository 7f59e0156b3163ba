"""Replies: the one-line JSON that machines get."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response


def one_line(status: int, facts: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """A reply of one line of JSON."""
    body = json.dumps(facts, separators=(",", ":")) + "\n"
    return Response(body, status, headers, media_type="application/json")


async def refused(_: Request, error: Exception) -> Response:
    """What is not there (404), or not for this method (405)."""
    if not isinstance(error, HTTPException):
        raise error
    return one_line(error.status_code, {"error": error.detail}, error.headers)


async def failed(_: Request, __: Exception) -> Response:
    """What failed inside us; the server logs it."""
    return one_line(500, {"error": "this failed inside orcid-sync; its log says why"})
