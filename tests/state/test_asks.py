"""Permission requests in inboxes at ORCID, over every store."""

import pytest

from state.permission_facts import Ask
from state.store import Store
from tests.state.helpers import JOSIAH, LAURE, an_ask


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(an_ask(), id="sent"),
        pytest.param(an_ask(2**53 + 1, looked_at=2.0, read_at=3.0, acted_at=4.0, archived_at=5.0), id="all-told"),
        pytest.param(an_ask(read_at=0.0), id="times-may-be-zero"),
    ],
)
def test_a_request_comes_back_as_it_was(store: Store, ask: Ask) -> None:
    """Written anew by record and put-code."""
    store.asks.put(an_ask(ask.put_code, "p2"))
    store.asks.put(ask)

    assert store.asks.newest("p1") == ask
    assert store.asks.newest("p2") is None


def test_requests_are_told_newest_first(store: Store) -> None:
    """Everybody's newest by person; of two at once, by record, the higher put-code first."""
    asks = [an_ask(3, asked_at=5.0), an_ask(9, asked_at=2.0, orcid=LAURE), an_ask(8), an_ask(7)]
    others = an_ask(7, "p2", orcid=LAURE)
    for ask in (*reversed(asks), others):
        store.asks.put(ask)

    assert store.asks.of_person("p1") == asks
    assert store.asks.newest("p1") == asks[0]
    assert list(store.asks.all()) == [asks[0], others]


def test_a_request_that_was_never_sent_is_forgotten(store: Store) -> None:
    """Only that one; to forget it again is no error."""
    store.asks.put(an_ask(7))
    store.asks.put(an_ask(8))

    store.asks.drop(JOSIAH, 8)
    store.asks.drop(JOSIAH, 8)

    assert list(store.asks.all()) == [an_ask(7)]
