"""Matching: whether what stands on a record says what is wanted, as far as a version of the API can tell. Pure."""

from mappers.documents import Document, digest
from mappers.forms import Version
from mappers.wire.reading import ListedItem, without_own_ids
from mappers.wire.v2_1 import narrowed


def says_the_same(stands: Document, wanted: Document, version: Version) -> bool:
    """Whether both say the same in this version: v2.1 neither takes nor shows all of a document."""
    told = [_told(one, version) for one in (stands, wanted)]
    return None not in told and told[0] == told[1]


def _told(document: Document, version: Version) -> str | None:
    carried = narrowed(document).document if version is Version.V2_1 else document
    return digest(carried) if carried is not None else None


def left_out(document: Document, version: Version) -> str:
    """The names of what v2.1 has no place for: of an affiliation its identifiers, our own included. Else empty."""
    if version is not Version.V2_1:
        return ""
    ours = {"external-ids"} if document.section.is_affiliation else set[str]()
    return ", ".join(sorted({*narrowed(document).dropped, *ours}))


def shows(entry: ListedItem, wanted: Document, own_id: str | None, version: Version) -> bool:
    """Whether a list that tells whole items shows just this, but for our own id; or just what v2.1 took of it."""
    if entry.document is None:
        return False
    bare, _ = without_own_ids(entry.document, (own_id,) if own_id else ())
    if says_the_same(bare, wanted, version):
        return True
    taken = narrowed(wanted).document
    return taken is not None and says_the_same(bare, taken, Version.V3_0)


def contents_shown(entry: ListedItem, version: Version) -> set[str]:
    """By what an item that is shown whole can be found."""
    if entry.document is None:
        return set()
    return {digest(entry.document), _told(entry.document, version) or ""} - {""}


def contents_wanted(wanted: Document, version: Version) -> set[str]:
    """What `contents_shown` of an entry holds one of, if it says what is wanted and carries no id of our own."""
    taken = narrowed(wanted).document
    return {_told(wanted, version) or "", digest(taken) if taken is not None else ""} - {""}
