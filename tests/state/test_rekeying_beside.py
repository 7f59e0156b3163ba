"""New vault keys while others work on the same state: in short transactions, that end and begin anywhere."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from mappers.secret import Secret
from state.permission_facts import ConsentStage, Forgetting, GrantState
from state.sql.pages import FEW, PAGE
from state.store import StoreError
from state.vault import Vault, new_key
from tests.state.helpers import JOSIAH, LAURE, a_consent, a_grant, a_letter, a_token
from tests.state.places import PLACES, Place
from tests.state.stores import Clock
from tests.state.whole import whole

OLD, NEW = new_key(), new_key()
ALL = 2 * 2 + 1 + 1 + 1 + 2
"""Values that are sealed in the place: tokens of two grants, a token, what ORCID gave, a dead letter, two notes."""


class Watched(Vault):
    """A vault that does something before it seals a value anew."""

    def __init__(self, meanwhile: Callable[[str], None]) -> None:
        super().__init__([NEW, OLD])
        self.meanwhile = meanwhile

    def rotate(self, sealed: str) -> str:
        """As any vault, then."""
        self.meanwhile(self.open(sealed).decode("latin-1"))
        return super().rotate(sealed)


@pytest.fixture(params=list(PLACES))
def place(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Place]:
    """A state that the old key sealed, with something in every place; in each kind of database in turn."""
    with PLACES[request.param](request, tmp_path, Vault([OLD]), clock) as made:
        with closing(made.opened()) as store:
            store.grants.put(a_grant("p1", JOSIAH))
            store.grants.put(a_grant("p2", LAURE, access_token=Secret("access-2")))
            store.tokens.keep(a_token("m1"))
            store.consents.put(a_consent("c1", grant=a_grant(), stage=ConsentStage.OFFERED))
            store.letters.bury(a_letter("abcd"))
            store.blocks.begin(Forgetting("p9", remove_items=False, since=1.0))
            store.blocks.complete("p9", {})
        made.vault = Vault([NEW, OLD])
        yield made


def opened_by(place: Place, *keys: str) -> None:
    """Everything there is read with these keys; raises StoreError when something doesn't open."""
    place.vault = Vault(keys)
    with closing(place.opened()) as store:
        whole(store)
        assert list(store.grants.all())
        assert store.blocks.blocks_person("p9")


def test_others_write_meanwhile_and_keep_what_they_wrote(place: Place) -> None:
    """They wait for nobody, at whichever value it is; what they sealed, changed or dropped stays so."""
    done: list[str] = []
    newer = replace(a_grant("p1", JOSIAH), access_token=Secret("access-9"), refresh_token=Secret("refresh-9"))
    with closing(place.opened()) as other:

        def work(opened: str) -> None:
            other.notes.put("note", opened)
            if not done:
                other.grants.put(newer)
                other.tokens.drop("m1")
            done.append(opened)

        place.vault = Watched(work)
        with closing(place.opened()) as store:
            store.rekey()
            assert store.grants.active("p1") == newer
            assert store.tokens.of_person("p1") == []
            assert store.notes.get("note") == done[-1]

    opened_by(place, NEW)


def test_what_is_moved_past_the_pass_is_met_by_the_next(place: Place) -> None:
    """A merge of two people takes a grant, as it was sealed, from before the pass to where it has been."""
    place.vault = Vault([OLD])
    with closing(place.opened()) as store:
        store.grants.put(replace(a_grant("p8", LAURE), state=GrantState.REPLACED))
    done: list[str] = []
    place.vault = Vault([NEW, OLD])
    with closing(place.opened()) as other:

        def merge(opened: str) -> None:
            if not done:
                other.people.merge("p8", "p0")
            done.append(opened)

        place.vault = Watched(merge)
        with closing(place.opened()) as store:
            assert store.rekey() == ALL + 2

    opened_by(place, NEW)


def test_who_goes_on_sealing_with_the_old_key_is_told_of(place: Place) -> None:
    """It ends, the old key is asked for still, and all opens with both; when they have ended, it succeeds."""
    marks = count(2)
    place.vault = Vault([OLD, NEW])
    with closing(place.opened()) as other:
        place.vault = Watched(lambda _: other.tokens.keep(a_token(f"m{next(marks)}")))
        with closing(place.opened()) as store, pytest.raises(StoreError, match="goes on sealing with an older key"):
            store.rekey()
    with pytest.raises(StoreError, match=r"^ORCID_SYNC_VAULT_KEYS: none of the keys opens"):
        opened_by(place, NEW)
    place.vault = Vault([NEW, OLD])
    with closing(place.opened()) as store:
        store.rekey()

    opened_by(place, NEW)


@pytest.mark.parametrize(
    ("ends_at", "left"),
    [
        pytest.param(1, ALL, id="access-tokens"),
        pytest.param(3, ALL - 2, id="refresh-tokens"),
        pytest.param(6, ALL - 6, id="dead-letters"),
        pytest.param(8, 2, id="check-value"),
    ],
)
def test_who_was_interrupted_goes_on(place: Place, ends_at: int, left: int) -> None:
    """Till then all opens with both keys, and who has only the new one is told; no page is sealed anew twice."""
    seen: list[str] = []
    again: list[str] = []
    with closing(place.opened()) as store:
        before = whole(store)

    def end(opened: str) -> None:
        if len(seen) == ends_at:
            raise KeyboardInterrupt
        seen.append(opened)

    place.vault = Watched(end)
    with closing(place.opened()) as store, pytest.raises(KeyboardInterrupt):
        store.rekey()
    with pytest.raises(StoreError, match=r"^ORCID_SYNC_VAULT_KEYS: none of the keys opens"):
        opened_by(place, NEW)
    opened_by(place, NEW, OLD)
    place.vault = Watched(again.append)
    with closing(place.opened()) as store:
        assert store.rekey() == ALL
        assert whole(store) == before

    assert len(again) == left
    opened_by(place, NEW)


def test_more_than_a_page_is_sealed_anew(place: Place) -> None:
    """Of tokens, and of dead letters, of which a page has few; begun again, it finds nothing to do."""
    place.vault = Vault([OLD])
    with closing(place.opened()) as store, store.transaction():
        for number in range(PAGE):
            store.tokens.keep(a_token(f"more-{number}"))
        for number in range(FEW):
            store.letters.bury(a_letter(f"{number:04}"))
    sealed: list[str] = []
    place.vault = Watched(sealed.append)

    with closing(place.opened()) as store:
        counts = store.rekey(), store.rekey()

    assert counts == (ALL + PAGE + FEW,) * 2
    assert len(sealed) == ALL + PAGE + FEW
    place.vault = Vault([NEW])
    with closing(place.opened()) as store:
        assert len(list(store.tokens.all())) == PAGE + 1
        assert len(list(store.letters.open())) == FEW + 1
