"""The mapping mark: whether the mapping file still is what it was."""

from hashlib import sha256

from worker.settings.settings import Settings


def mapping_mark(settings: Settings) -> str:
    """A digest of its bytes; a word of its own for none, and for one that can't be read."""
    if settings.mapping_file is None:
        return "none"
    try:
        return sha256(settings.mapping_file.read_bytes()).hexdigest()
    except OSError:
        return "unread"
