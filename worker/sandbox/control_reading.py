"""What a request to the control API says: its body, and the numbers in its address."""

import json
from collections.abc import Callable
from typing import Any

from worker.sandbox.messages import Request
from worker.sandbox.sandbox import Sandbox, UnusableError

Answer = tuple[int, object]
"""A status and the content, None for none."""
Act = Callable[[Sandbox, Request, list[str]], Answer]
"""What an address does; the words are those of its path after `/sandbox/`."""
Route = tuple[str, tuple[str, ...], Act]
"""A method, the words of a path (`*` is any), and what happens there."""


def read_json(request: Request) -> Any:
    """The body; raises `UnusableError` when it is not JSON."""
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise UnusableError("the body is not JSON") from None


def read_number(text: str) -> int:
    """A number in an address; raises `UnusableError` when it is none."""
    if not text.isdecimal() or len(text) > 18:
        raise UnusableError(f"{text!r} is not a number")
    return int(text)
