"""The leak scanner finds a planted secret in each form, and nothing in what is innocent."""

import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.vault import Vault, new_key
from tests.leaks.scanner import FEW, INPUTS, Scanner, files, forms

TOKEN = "4bed1e13-7792-4129-9f07-aaf7b88ba88f"
ODD = 'a/b+c "d" & é<'
SECRETS = st.text(st.characters(codec="utf-8"), min_size=6, max_size=40)


@pytest.mark.parametrize("secret", [pytest.param(TOKEN, id="token"), pytest.param(ODD, id="odd-characters")])
@pytest.mark.parametrize(
    "written",
    [
        pytest.param(str.encode, id="plain"),
        pytest.param(lambda text: quote(text).encode(), id="in-a-path"),
        pytest.param(lambda text: quote(text, safe="").encode(), id="in-a-query"),
        pytest.param(lambda text: json.dumps({"why": text}).encode(), id="json"),
        pytest.param(lambda text: b64encode(text.encode()), id="base64"),
        pytest.param(lambda text: urlsafe_b64encode(b"client:" + text.encode()), id="base64-of-a-login"),
        pytest.param(lambda text: b64encode(b"{'a': '" + text.encode() + b"', 'b': 2}"), id="base64-amid-others"),
    ],
)
def test_a_secret_is_found_in_each_form(secret: str, written: Callable[[str], bytes]) -> None:
    """Wherever it begins in what is around it."""
    (leak,) = Scanner({secret: "token"}).leaks("a log", b"\x00before " + written(secret) + b" after\xff")

    assert (leak.kind, leak.place) == ("token", "a log")


@given(SECRETS, st.binary(max_size=40), st.binary(max_size=40))
def test_any_secret_is_found_amid_anything(secret: str, before: bytes, after: bytes) -> None:
    """In plain, and in the base64 of all of it together."""
    scanner = Scanner({secret: "token"})
    content = before + secret.encode() + after

    assert scanner.leaks("x", content)
    assert scanner.leaks("x", b64encode(content))
    assert scanner.leaks("x", urlsafe_b64encode(content))


@pytest.mark.parametrize("others", [pytest.param(0, id="alone"), pytest.param(FEW, id="among-many")])
@pytest.mark.parametrize("form", range(4))
def test_many_secrets_are_found_as_few_are(others: int, form: int) -> None:
    """Whichever way the looking goes."""
    secrets = {f"{TOKEN[:-4]}{number:04x}": "token" for number in range(others)} | {TOKEN: "the token"}
    written = sorted(forms(TOKEN))[form % len(forms(TOKEN))]

    assert [leak.kind for leak in Scanner(secrets).leaks("x", b"..." + written + b"...")] == ["the token"]


def test_a_vault_key_is_found_as_its_bytes_too() -> None:
    """What encrypts is the 32 bytes, not their text."""
    key = new_key()

    assert Scanner({key: "vault key"}).leaks("x", b"\x00" + urlsafe_b64decode(key) + b"\x00")


def test_what_is_sealed_or_only_like_it_is_no_leak() -> None:
    """Encrypted, shortened, another token, or what is too short to be looked for."""
    sealed = Vault([new_key()]).seal(TOKEN.encode()).encode()
    scanner = Scanner({TOKEN: "token", "ab": "token"})

    assert scanner.leaks("x", sealed + TOKEN[:-1].encode() + b" abab " + TOKEN[::-1].encode()) == []


def test_every_file_is_read_but_inputs_and_links(tmp_path: Path) -> None:
    """In folders, hidden ones too, with their names; what a test wrote itself is not what the program put out."""
    for name in ("state.db-wal", ".hidden/backup.gz", f"{INPUTS}/grants.jsonl", f"a/{INPUTS}/grants.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (tmp_path / "link").symlink_to(tmp_path / INPUTS / "grants.jsonl")

    contents = {name: content for name, content in files(tmp_path) if not name.startswith("the name of")}

    assert contents == {name: name.encode() for name in ("state.db-wal", ".hidden/backup.gz")}
    assert ("the name of state.db-wal", b"state.db-wal") in list(files(tmp_path))
