"""What is in play while a test runs: secrets as they come up, and what was put out other than into files.

It listens where secrets are made and outputs are read, so that no test has to tell of them, and none can forget to.
"""

import functools
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from mappers.secret import Secret
from state.vault import Vault
from tests.leaks.scanner import Leak, Scanner, files
from worker.sandbox.sandbox import CLIENT_SECRET
from worker.sandbox.server import RunningSandbox

SECRET_VARIABLES = {
    "ORCID_SYNC_VAULT_KEYS": "vault key",
    "ORCID_SYNC_CLIENT_SECRET": "client secret",
    "ORCID_SYNC_WEB_TOKEN": "web token",
    "ORCID_SYNC_KAFKA_SASL_PASSWORD": "password",
    "ORCID_SYNC_KAFKA_SSL_PASSWORD": "password",
    "ORCID_SYNC_STATE_PASSWORD": "password",
}

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

OUR_MARK = "cross-origin-opener-policy"
"""A header of every page of our web server; the stand-in's pages and ORCID's are no output of ours."""


class Watch:
    """One for all tests; `begin` at the start of each, `leaks` at its end."""

    def __init__(self) -> None:
        self._stand_ins: list[RunningSandbox] = []
        self._before: set[str] = set()
        self._secrets: dict[str, str] = {}
        self._outputs: list[tuple[str, bytes]] = []
        self._folders: list[Path] = []
        self._active = False

    def begin(self) -> None:
        """Forgets what was, but for stand-ins that run on: their secrets of before are not in play any more."""
        self._before = {secret for one in self._stand_ins for secret in secrets_of(one)}
        self._secrets, self._outputs, self._folders, self._active = {}, [], [], False

    def used(self, secret: str, kind: str) -> None:
        """A secret is in play."""
        self._secrets.setdefault(secret, kind)

    def put_out(self, place: str, content: bytes | str | None) -> None:
        """Something was put out that is in no file of the test's folder."""
        if content:
            self._outputs.append((place, content.encode() if isinstance(content, str) else content))

    def folder(self, path: Path) -> None:
        """A folder besides the test's own that is scanned: of what several tests share."""
        self._folders.append(path)

    def environment(self, environ: Mapping[str, str]) -> None:
        """A command was started with these settings."""
        for variable, kind in SECRET_VARIABLES.items():
            for secret in filter(None, environ.get(variable, "").split(",")):
                self.used(secret, kind)
                self._active = True

    def leaks(self, folder: Path | None, sections: list[tuple[str, str]]) -> list[Leak]:
        """All leaks of a test that had secrets: in its folder, outputs, and what pytest captured."""
        secrets = self._in_play()
        if not secrets:
            return []
        scanner = Scanner(secrets)
        places = [*self._outputs, *((name, text.encode(errors="replace")) for name, text in sections)]
        found = [leak for place in places for leak in scanner.leaks(*place)]
        for one in filter(None, [folder, *self._folders]):
            found += [leak for place in files(one) for leak in scanner.leaks(*place)]
        self._stand_ins = [one for one in self._stand_ins if one._thread.is_alive()]
        return found

    def _in_play(self) -> dict[str, str]:
        new = {
            secret: kind
            for one in self._stand_ins
            for secret, kind in secrets_of(one).items()
            if secret not in self._before or kind == "client secret"
        }
        return self._secrets | new if self._active or set(new.values()) - {"client secret"} else {}

    def listen(self) -> None:
        """Hears from now on of every stand-in, vault, secret, command and page of this process."""
        _after(RunningSandbox, "__init__", lambda it, *_, **__: self._stand_ins.append(it))
        _after(Vault, "__init__", self._vault)
        _after(Secret, "__init__", self._secret)
        _after(subprocess.Popen, "__init__", lambda _it, *_, **known: self.environment(known.get("env") or {}))
        _result(subprocess.Popen, "communicate", self._command)
        _result(httpx.Client, "send", self._page)

    def _vault(self, vault: Vault, keys: list[str]) -> None:
        del vault
        self._active = True
        for key in keys:
            self.used(key, "vault key")

    def _secret(self, secret: Secret, text: str) -> None:
        del secret
        if "://" not in text:  # an address of a state; what it may hold of a password has tests of its own
            self.used(text, "secret")

    def _command(self, process: subprocess.Popen[Any], streams: tuple[Any, Any]) -> None:
        command = str(process.args[0] if isinstance(process.args, list | tuple) else process.args)
        for name, content in zip(("stdout", "stderr"), streams, strict=True):
            self.put_out(f"{name} of {command}", content)

    def _page(self, _client: httpx.Client, reply: httpx.Response) -> None:
        if OUR_MARK not in reply.headers:
            return
        headers = "".join(f"{name}: {value}\n" for name, value in reply.headers.multi_items())
        self.put_out(f"headers of {reply.request.url.path}", headers)
        if reply.is_closed:
            self.put_out(f"page {reply.request.url.path}", reply.content)


def secrets_of(running: RunningSandbox) -> dict[str, str]:
    """What a stand-in gave out and what its clients have, each with its kind as far as one sees it."""
    secrets = running.secrets()
    return {
        one: "client secret" if one == CLIENT_SECRET else "token" if _UUID.match(one) else "code" for one in secrets
    }


def _after(owner: type, name: str, hear: Callable[..., object]) -> None:
    """`hear` gets what the method was called with, once it is done."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def heard(it: object, *given: Any, **known: Any) -> Any:
        result = method(it, *given, **known)
        hear(it, *given, **known)
        return result

    setattr(owner, name, heard)


def _result(owner: type, name: str, hear: Callable[[Any, Any], object]) -> None:
    """`hear` gets what the method returned."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def heard(it: object, *given: Any, **known: Any) -> Any:
        result = method(it, *given, **known)
        hear(it, result)
        return result

    setattr(owner, name, heard)


WATCH = Watch()
