"""Unknown items: those of ours on a record that the store does not know, as a list shows them. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from mappers.documents import Document
from mappers.forms import Version
from mappers.wire.reading import ListedItem
from worker.recording.matching import contents_shown, contents_wanted


class Unknown:
    """Found by an identity that they carry, or by all that they say; each is taken at most once, in their order."""

    def __init__(self, entries: Iterable[ListedItem], version: Version) -> None:
        self._version = version
        self._left = dict(enumerate(entries))
        self._by_identity: dict[str, list[int]] = defaultdict(list)
        self._by_content: dict[str, list[int]] = defaultdict(list)
        for place, entry in self._left.items():
            for identity in entry.self_ids:
                self._by_identity[identity].append(place)
            for content in contents_shown(entry, version):
                self._by_content[content].append(place)

    @property
    def shown_whole(self) -> bool:
        """Whether any of them is shown whole, so that it can be found by what it says."""
        return bool(self._by_content)

    def take(self, identities: AbstractSet[str]) -> ListedItem | None:
        """One that carries one of these."""
        return self._take(place for identity in identities for place in self._by_identity.get(identity, ()))

    def take_named(self, put_codes: AbstractSet[int | None]) -> ListedItem | None:
        """One under one of these put-codes."""
        return self._take(place for place, entry in self._left.items() if entry.put_code in put_codes)

    def take_saying(self, wanted: Document) -> ListedItem | None:
        """One that is shown whole, and says just this; or just what v2.1 took of it."""
        contents = contents_wanted(wanted, self._version)
        return self._take(place for content in contents for place in self._by_content.get(content, ()))

    def _take(self, places: Iterable[int]) -> ListedItem | None:
        first = min((place for place in places if place in self._left), default=None)
        return None if first is None else self._left.pop(first)
