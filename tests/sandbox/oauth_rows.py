"""The register of rows of API_FACTS sections 7.1 to 7.5; `rows_of_*.py` fill it, `test_oauth_rows.py` runs it."""

from collections.abc import Callable

import httpx

from tests.sandbox.oauth_stage import Page, Stage

Check = Callable[[Stage], None]
OTHER = "APP-ANOTHERCLIENT001"
"""A client that is not the stage's."""
ROWS: dict[str, Check] = {}


def row(name: str) -> Callable[[Check], Check]:
    """The test of a row."""

    def keep(check: Check) -> Check:
        assert name not in ROWS
        ROWS[name] = check
        return check

    return keep


def refusal(response: httpx.Response) -> tuple[int, str, str]:
    """Status, error and description of a refused form."""
    body = response.json()
    assert list(body) == ["error", "error_description"]
    return response.status_code, body["error"], body["error_description"]


def is_page(response: httpx.Response, status: int = 200) -> Page:
    """A page, and no redirect."""
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html;charset=UTF-8")
    return Page(response.text)
