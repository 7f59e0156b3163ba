"""The leak scanner: finds secrets in bytes, in each form in which they may have got there. Pure but for `files`."""

import html
import json
import re
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

SHORTEST = 6
"""Characters of the shortest secret that is looked for: ORCID's codes have as many. Shorter ones are half of words."""

INPUTS = "inputs"
"""The folder of what a test itself wrote with secrets in it; it is no output, and is not scanned."""

FEW = 400
"""Up to so many needles one search each is quickest; more are looked for by one expression."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret where none may be: which kind, where, and at which byte."""

    kind: str
    place: str
    at: int

    def __str__(self) -> str:
        return f"{self.kind} in {self.place} at byte {self.at}"


def forms(secret: str) -> frozenset[bytes]:
    """How a secret looks in plain, JSON, HTML and URLs, in base64 alone or amid other bytes, and as raw key bytes."""
    escaped = json.dumps(secret)[1:-1]
    texts = {secret, escaped, escaped.replace("/", "\\/"), html.escape(secret)}
    texts |= {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    found = {text.encode() for text in texts}
    found |= _base64_forms(secret.encode())
    raw = _raw_key(secret)
    return frozenset(found if raw is None else {*found, raw})


def _base64_forms(plain: bytes) -> set[bytes]:
    """The characters that only the secret decides, for each place in a group of three bytes where it may begin."""
    found = set()
    for skipped in range(3):
        begin, end = -(-skipped * 8 // 6), (skipped + len(plain)) * 8 // 6
        core = b64encode(bytes(skipped) + plain)[begin:end]
        found |= {core, core.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def _raw_key(secret: str) -> bytes | None:
    """The 32 bytes of a vault key."""
    return urlsafe_b64decode(secret) if re.fullmatch(r"[\w-]{43}=", secret, re.ASCII) else None


class Scanner:
    """Looks for secrets, given by what they are and what kind they are."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._kinds = {
            form: kind for secret, kind in secrets.items() if len(secret) >= SHORTEST for form in forms(secret)
        }
        longest_first = sorted(self._kinds, key=len, reverse=True)
        self._pattern = re.compile(_any_of(longest_first)) if len(self._kinds) > FEW else None

    def leaks(self, place: str, content: bytes) -> list[Leak]:
        """What is found in this content: one leak of each kind, the first."""
        found: dict[str, Leak] = {}
        for at, kind in sorted(self._hits(content)):
            found.setdefault(kind, Leak(kind, place, at))
        return list(found.values())

    def _hits(self, content: bytes) -> Iterator[tuple[int, str]]:
        if self._pattern is None:
            hits = ((content.find(form), kind) for form, kind in self._kinds.items())
            return (hit for hit in hits if hit[0] >= 0)
        return ((hit.start(), self._kinds[hit[0]]) for hit in self._pattern.finditer(content))


def _any_of(needles: Iterable[bytes], depth: int = 4) -> bytes:
    """An expression for any of the needles that branches at each of the first characters, not at each needle."""
    branches: dict[bytes, list[bytes]] = {}
    for needle in needles:
        branches.setdefault(needle[:1], []).append(needle[1:])
    if not depth or b"" in branches:
        return b"(?:" + b"|".join(map(re.escape, needles)) + b")"
    return b"(?:" + b"|".join(re.escape(head) + _any_of(rest, depth - 1) for head, rest in branches.items()) + b")"


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, by name and content: no links, and nothing below a folder of inputs."""
    for path in sorted(folder.rglob("*")):
        if INPUTS in path.relative_to(folder).parts or path.is_symlink() or not path.is_file():
            continue
        yield str(path.relative_to(folder)), path.read_bytes()
        yield f"the name of {path.relative_to(folder)}", str(path.relative_to(folder)).encode()
