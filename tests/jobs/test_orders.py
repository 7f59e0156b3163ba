"""Orders: what a job is asked to do comes back as it was put."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.jobs.orders import Order, ReplayOrder, VerifyOrder, kind_of, packed, unpacked, words_of

texts = st.lists(st.text(max_size=9), max_size=3).map(tuple)
seconds = st.floats(0, 1e9)
orders = st.builds(ReplayOrder, texts, st.none() | seconds, texts, st.booleans(), seconds) | st.builds(
    VerifyOrder, st.booleans(), seconds
)


@given(orders)
def test_an_order_comes_back(order: Order) -> None:
    """Whatever its logs are called."""
    assert unpacked(kind_of(order), packed(order)) == order


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        pytest.param("replay", '{"logs": 7}', "logs", id="another-shape"),
        pytest.param("verify", "", "JSON", id="nothing"),
        pytest.param("mow", "{}", "no such kind", id="another-kind"),
    ],
)
def test_what_is_no_order_is_not_understood(kind: str, text: str, why: str) -> None:
    """It is shown by its kind, and never done."""
    with pytest.raises(ValueError, match=why):
        unpacked(kind, text)
    assert words_of(kind, text) == kind


def test_an_order_is_shown_as_it_would_be_typed() -> None:
    """Ready for a shell."""
    logs = ReplayOrder(("/a b.jsonl",), complete=("/hr",), send=False)

    assert logs.words == "replay '/a b.jsonl' --complete /hr --no-send"
    assert ReplayOrder(since=0.0).words == "replay --from-kafka --since 1970-01-01T00:00:00+00:00"
    assert VerifyOrder(repair=True).words == "verify --repair"
