"""The vault: what it seals, with which keys, and what it never shows."""

import hashlib
import hmac
from base64 import urlsafe_b64decode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.vault import Vault, VaultError, new_key

OLD, NEW = new_key(), new_key()

NO_KEY = "is not 32 bytes in URL-safe base64"


@pytest.mark.parametrize(
    "plain",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"token", id="token"),
        pytest.param(bytes(range(256)) * 100, id="any-bytes"),
    ],
)
def test_what_is_sealed_opens(plain: bytes) -> None:
    """And is not to be read, or told from another sealing of the same, while it is sealed."""
    vault = Vault([new_key()])

    sealed = vault.seal(plain)

    assert vault.open(sealed) == plain
    assert not plain or plain.decode("latin-1") not in sealed
    assert vault.seal(plain) != sealed


def test_keys_rotate_newest_first() -> None:
    """The newest seals, any opens; without its key a sealing stays shut."""
    old, new = new_key(), new_key()
    sealed_by_old = Vault([old]).seal(b"token")
    rotated = Vault([new, old])

    assert rotated.open(sealed_by_old) == b"token"
    assert Vault([new]).open(rotated.seal(b"token")) == b"token"
    with pytest.raises(VaultError, match=r"^[^\n]+$"):
        Vault([old]).open(rotated.seal(b"token"))


@given(plain=st.binary(max_size=200))
def test_what_is_rotated_opens_with_the_newest_key_alone(plain: bytes) -> None:
    """Whatever it is, and whichever key sealed it before."""
    both = Vault([NEW, OLD])
    for before in (Vault([OLD]), Vault([NEW])):
        rotated = both.rotate(before.seal(plain))
        assert Vault([NEW]).open(rotated) == plain
        assert not Vault([OLD]).opens(rotated)
        assert both.is_newest(rotated)
        assert not Vault([OLD, NEW]).is_newest(rotated)


def test_what_no_key_fits_is_not_rotated() -> None:
    """It would be lost."""
    with pytest.raises(VaultError, match=r"^[^\n]+$"):
        Vault([NEW]).rotate(Vault([OLD]).seal(b"token"))
    with pytest.raises(VaultError, match=r"^[^\n]+$"):
        Vault([NEW]).rotate("")


@given(purpose=st.binary(max_size=50))
def test_derived_keys_are_one_of_each_key_newest_first(purpose: bytes) -> None:
    """By HKDF as RFC 5869 has it, so that another program may derive them, too; never a key itself."""

    def expected(key: str) -> bytes:
        extracted = hmac.digest(bytes(32), urlsafe_b64decode(key), hashlib.sha256)
        return hmac.digest(extracted, purpose + b"\x01", hashlib.sha256)

    derived = Vault([NEW, OLD]).derived(purpose)

    assert derived == (expected(NEW), expected(OLD))
    assert derived[1:] == Vault([OLD]).derived(purpose)
    assert all(len(key) == 32 and key not in {urlsafe_b64decode(NEW), urlsafe_b64decode(OLD)} for key in derived)


@given(purposes=st.lists(st.binary(max_size=20), min_size=2, max_size=5, unique=True))
def test_each_purpose_has_keys_of_its_own(purposes: list[bytes]) -> None:
    """A link is no cookie."""
    vault = Vault([NEW])

    assert len({vault.derived(purpose) for purpose in purposes}) == len(purposes)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda sealed: sealed[:-8], id="cut"),
        pytest.param(lambda sealed: sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:], id="changed"),
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda _: "nothing sealed", id="nothing-sealed"),
    ],
)
def test_what_was_spoiled_does_not_open(spoil: Callable[[str], str]) -> None:
    """The vault tells that it was not sealed so."""
    vault = Vault([new_key()])
    with pytest.raises(VaultError, match=r"^[^\n]+$"):
        vault.open(spoil(vault.seal(b"a token that is long enough")))


def test_a_check_value_tells_whether_keys_fit() -> None:
    """Before anything else is opened with them."""
    key = new_key()
    check = Vault([key]).check_value()

    assert Vault([key]).fits(check)
    assert Vault([new_key(), key]).fits(check)
    assert not Vault([new_key()]).fits(check)
    assert not Vault([key]).fits("no check value")
    assert not Vault([key]).fits(Vault([key]).seal(b"something else"))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        pytest.param([], "no key was given", id="none"),
        pytest.param(["secret-marker"], f"key 1 {NO_KEY}", id="no-key"),
        pytest.param([""], f"key 1 {NO_KEY}", id="empty"),
        pytest.param(["schlüssel-ß"], f"key 1 {NO_KEY}", id="no-ascii"),
        pytest.param([new_key(), "c2VjcmV0LW1hcmtlcg=="], f"key 2 {NO_KEY}", id="second-too-short"),
    ],
)
def test_a_bad_key_is_named_by_its_place(keys: list[str], message: str) -> None:
    """Never by what it says; nor does the cause of the error say it."""
    with pytest.raises(VaultError) as error:
        Vault(keys)

    assert str(error.value) == message
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_a_vault_shows_nothing() -> None:
    """Neither its repr nor its str holds a key."""
    key = new_key()
    vault = Vault([key])
    raw = urlsafe_b64decode(key)

    for text in (repr(vault), str(vault), f"{vault}", repr([vault])):
        assert key not in text
        assert key[:8] not in text
        assert repr(raw)[2:10] not in text


def test_new_keys_are_keys() -> None:
    """Each another."""
    keys = {new_key() for _ in range(20)}

    assert len(keys) == 20
    Vault(sorted(keys))
