"""The vault: seals tokens and dead letters at rest, derives keys for other uses, and tells a wrong key at once."""

from base64 import urlsafe_b64decode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from state.store import StoreError

CHECK = b"orcid-sync vault"
NOT_OPENED = (
    "ORCID_SYNC_VAULT_KEYS: something in the state was sealed with a key that this process has not: see first that"
    " every process has all keys, the old and the new, and was restarted with them; then run `permission rekey`. Only"
    " where that key is lost for good, `permission drop-unreadable` goes on without what it sealed"
)


class VaultError(StoreError):
    """The keys do not fit what was sealed, or are no keys: one line that says so."""


class Vault:
    """Seals with the newest key, opens with any. Has no repr of its keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Takes keys newest first: 32 bytes each in URL-safe base64. Raises VaultError naming a bad one."""
        if not keys:
            raise VaultError("no key was given")
        fernets = []
        for number, key in enumerate(keys, start=1):
            try:
                fernets.append(Fernet(key))
            except ValueError:
                raise VaultError(f"key {number} is not 32 bytes in URL-safe base64") from None
        self._fernet = MultiFernet(fernets)
        self._newest = fernets[0]
        self._keys = [urlsafe_b64decode(key) for key in keys]

    def seal(self, plain: bytes) -> str:
        """Encrypted and authenticated, as text."""
        return self._fernet.encrypt(plain).decode()

    def open(self, sealed: str) -> bytes:
        """What was sealed; raises VaultError when no key fits."""
        try:
            return self._fernet.decrypt(sealed)
        except (InvalidToken, ValueError):
            raise VaultError(NOT_OPENED) from None

    def opens(self, sealed: str) -> bool:
        """Whether a key fits."""
        try:
            self.open(sealed)
        except VaultError:
            return False
        return True

    def is_newest(self, sealed: str) -> bool:
        """Whether the newest key sealed it."""
        try:
            self._newest.decrypt(sealed)
        except (InvalidToken, ValueError):
            return False
        return True

    def rotate(self, sealed: str) -> str:
        """The same, sealed with the newest key; raises VaultError when no key fits."""
        try:
            return self._fernet.rotate(sealed).decode()
        except (InvalidToken, ValueError):
            raise VaultError(NOT_OPENED) from None

    def derived(self, purpose: bytes) -> tuple[bytes, ...]:
        """Keys of 32 bytes for another use, one of each key, newest first. What they sign tells nothing of ours.

        By HKDF with SHA-256 (RFC 5869), the purpose as its info.
        """
        return tuple(HKDF(SHA256(), 32, salt=None, info=purpose).derive(key) for key in self._keys)

    def check_value(self) -> str:
        """To be kept beside what is sealed, for `fits`."""
        return self.seal(CHECK)

    def fits(self, check_value: str) -> bool:
        """Whether these keys open what the keys behind the check value sealed."""
        return self.opens(check_value) and self.open(check_value) == CHECK


def new_key() -> str:
    """A fresh random key."""
    return Fernet.generate_key().decode()
