"""The vault: seals tokens and dead letters at rest, and tells a wrong key at once."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from state.store import StoreError

CHECK = b"orcid-sync vault"


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

    def seal(self, plain: bytes) -> str:
        """Encrypted and authenticated, as text."""
        return self._fernet.encrypt(plain).decode()

    def open(self, sealed: str) -> bytes:
        """What was sealed; raises VaultError when no key fits."""
        try:
            return self._fernet.decrypt(sealed)
        except (InvalidToken, ValueError):
            raise VaultError("what was sealed does not open with these keys") from None

    def check_value(self) -> str:
        """To be kept beside what is sealed, for `fits`."""
        return self.seal(CHECK)

    def fits(self, check_value: str) -> bool:
        """Whether these keys open what the keys behind the check value sealed."""
        try:
            return self.open(check_value) == CHECK
        except VaultError:
            return False


def new_key() -> str:
    """A fresh random key."""
    return Fernet.generate_key().decode()
