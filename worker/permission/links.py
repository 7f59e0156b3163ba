"""Signed texts: links, `state`, browser cookies, form tokens. A salt for each, so that none passes for another.

Whose link it is can't be read in it.
"""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from hmac import digest
from typing import Any
from urllib.parse import urlencode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import BadData, Signer, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

LONGEST = 4000
"""Characters of a signed text that are looked at: a person's id is the longest thing in one."""
_SIGNED = re.compile(r"[\w.-]+", re.ASCII)


class LinkFault(StrEnum):
    """Why a signed text is not taken."""

    FORGED = "forged"
    EXPIRED = "expired"


class LinkError(Exception):
    """A signed text that is not taken. It tells nothing about who it may have been for."""

    def __init__(self, fault: LinkFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Links:
    """Signs with the newest key, reads with any. `keys` newest first; give keys that serve nothing else."""

    keys: Sequence[bytes] = field(repr=False)

    def person_link(self, person: str, until: float) -> str:
        """What a researcher is invited by; it expires at `until` (seconds since 1970)."""
        return self._sign("person link", self._sealed(person, until))

    def read_person_link(self, text: str, now: float) -> str:
        """The person of a link. Raises LinkError."""
        return self._read_until("person link", text, now)

    def operator_state(self, person: str, until: float) -> str:
        """The `state` of an authorization that an operator ends on the command line."""
        return self._sign("operator state", self._sealed(person, until))

    def read_operator_state(self, text: str, now: float) -> str:
        """The person of such a `state`. Raises LinkError."""
        return self._read_until("operator state", text, now)

    def state(self, nonce: str) -> str:
        """The `state` that a browser takes to ORCID and back."""
        return self._sign("state", nonce)

    def read_state(self, text: str) -> str:
        """The nonce of a `state`. Raises LinkError."""
        return self._read_nonce("state", text)

    def browser(self, nonce: str) -> str:
        """The value of the cookie that a browser is known by."""
        return self._sign("browser", nonce)

    def read_browser(self, text: str) -> str:
        """The nonce of a cookie. Raises LinkError."""
        return self._read_nonce("browser", text)

    def csrf(self, cookie: str, purpose: str) -> str:
        """The token of a form for this purpose in the browser with this cookie."""
        return self._signer("form").get_signature(_named(cookie, purpose)).decode()

    def csrf_fits(self, text: str, cookie: str, purpose: str) -> bool:
        """Whether a form's token is for this browser and purpose. Never raises; without a cookie nothing fits."""
        if not cookie or not _is_canonical(text):
            return False
        return self._signer("form").verify_signature(_named(cookie, purpose), text)

    def digests(self, text: str) -> tuple[str, ...]:
        """What a code is known by: a keyed digest for each key, for codes are too short for a plain one."""
        plain = text.encode("utf-8", "surrogatepass")
        return tuple(digest(key, b"code\x00" + plain, "sha256").hex()[:32] for key in self.keys)

    def _signer(self, purpose: str) -> Signer:
        salt = f"orcid-sync {purpose}"
        return Signer([*reversed(self.keys)], salt, key_derivation="hmac", digest_method=sha256)

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        how = {"key_derivation": "hmac", "digest_method": sha256}
        return URLSafeSerializer([*reversed(self.keys)], f"orcid-sync {purpose}", signer_kwargs=how)

    def _sign(self, purpose: str, value: Any) -> str:
        return str(self._serializer(purpose).dumps(value))

    def _read(self, purpose: str, text: str) -> Any:
        if not _is_canonical(text.rpartition(".")[2]) or len(text) > LONGEST or not _SIGNED.fullmatch(text):
            raise LinkError(LinkFault.FORGED)
        try:
            return self._serializer(purpose).loads(text)
        except BadData:
            raise LinkError(LinkFault.FORGED) from None

    def _read_until(self, purpose: str, text: str, now: float) -> str:
        try:
            person, until = json.loads(self._seal().decrypt(self._read(purpose, text)))
        except InvalidToken:
            raise LinkError(LinkFault.FORGED) from None
        if now > until:
            raise LinkError(LinkFault.EXPIRED)
        return str(person)

    def _sealed(self, person: str, until: float) -> str:
        """Encrypted: an address passes proxies, mail servers and ORCID, whom an id of ours is nothing to."""
        return self._seal().encrypt(json.dumps([person, until], ensure_ascii=False).encode()).decode()

    def _seal(self) -> MultiFernet:
        return MultiFernet([Fernet(urlsafe_b64encode(digest(key, b"sealed", "sha256"))) for key in self.keys])

    def _read_nonce(self, purpose: str, text: str) -> str:
        return str(self._read(purpose, text))


def connect_address(pages: str, link: str, lang: str = "") -> str:
    """Where a researcher opens a person link; `pages` is the address of our pages, `lang` their language, if chosen."""
    return f"{pages}/connect/{link}{'?' + urlencode({'lang': lang}) if lang else ''}"


def _named(cookie: str, purpose: str) -> bytes:
    return f"{len(cookie)} {cookie}{purpose}".encode("utf-8", "surrogatepass")


def _is_canonical(signature: str) -> bool:
    """Whether a signature is written the one way that we write it: base64 can spell the same bytes otherwise."""
    if not _SIGNED.fullmatch(signature):
        return False
    try:
        return base64_encode(base64_decode(signature)).decode() == signature
    except BadData:
        return False
