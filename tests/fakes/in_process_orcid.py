"""The transport without a network: the stand-in's own core, asked in the same process."""

from urllib.parse import unquote

from worker.ports import Answer, HttpCall, Reply
from worker.sandbox.member_api import answer
from worker.sandbox.messages import Request
from worker.sandbox.sandbox import Sandbox


class InProcessOrcid:
    """Answers as the stand-in does, one call after another; its faults and its limit belong to HTTP."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def send(self, call: HttpCall) -> Reply:
        """The stand-in's reply."""
        headers = {
            "authorization": f"Bearer {call.token.reveal()}",
            "accept": call.media_type or "",
            "host": "orcid.test",
        }
        if call.body is not None:
            headers["content-type"] = call.media_type or ""
        request = Request(call.method, unquote(call.path), headers=headers, body=call.body or b"")
        with self._sandbox.lock:
            response = answer(self._sandbox, request)
        return Answer(response.status, dict(response.headers), response.body)

    def close(self) -> None:
        """Nothing stays open."""
