"""Every page that a researcher may come to, and the way there: walked by the tests and by `make screenshots`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from tests.benchmarks.institution import person_id
from tests.browser.researcher import Researcher
from tests.browser.site import Site
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET

TEXTS = Path(__file__).parents[2] / "worker" / "web" / "consent" / "texts"
LANGUAGES = sorted(path.stem for path in TEXTS.glob("*.toml"))

Walk = Callable[[Site, Researcher], None]


@dataclass(frozen=True, slots=True)
class Way:
    """The page that is shown in the end, and the walk there by a researcher of this site."""

    page: str
    walk: Walk


def _connect(site: Site, researcher: Researcher) -> None:
    researcher.open(site.link(site.new_person()))


def _confirm(site: Site, researcher: Researcher) -> None:
    person = site.new_person()
    researcher.consent(site.link(person), site.institution.orcid(person))


def _granted(site: Site, researcher: Researcher) -> None:
    _confirm(site, researcher)
    researcher.answer("yes")


def _declined(site: Site, researcher: Researcher) -> None:
    _confirm(site, researcher)
    researcher.answer("no")


def _denied(site: Site, researcher: Researcher) -> None:
    person = site.new_person()
    researcher.open(site.link(person)).continue_to_orcid().sign_in(site.institution.orcid(person)).decide("deny")


def _moves(site: Site, researcher: Researcher) -> None:
    person = site.new_person()
    site.institution.permit(person)
    other = site.institution.orcid(person + 500)
    site.control.create_record(other, name="Sofia Garcia")
    researcher.consent(site.link(person), other)


def _held(site: Site, researcher: Researcher) -> None:
    person = site.new_person(name_at_orcid="Bertrand Quigley")
    researcher.consent(site.link(person), site.institution.orcid(person)).answer("yes")


def _id_taken(site: Site, researcher: Researcher) -> None:
    person, colleague = site.new_person(), site.new_person()
    site.institution.permit(colleague)
    researcher.open(site.link(person)).continue_to_orcid().sign_in(site.institution.orcid(colleague))


def _superseded(site: Site, researcher: Researcher) -> None:
    person = site.new_person()
    researcher.consent(site.link(person), site.institution.orcid(person))
    site.institution.permit(person)
    researcher.answer("yes")


def _link_forged(site: Site, researcher: Researcher) -> None:
    researcher.open(f"{site.web}/connect/not-one-of-ours")


def _link_expired(site: Site, researcher: Researcher) -> None:
    researcher.open(site.old_link(site.new_person()))


def _state_forged(site: Site, researcher: Researcher) -> None:
    researcher.open(f"{site.web}/callback?code=abcdef&state=not-one-of-ours")


def _other_browser(site: Site, researcher: Researcher) -> None:
    person = site.new_person()
    researcher.open(site.link(person)).continue_to_orcid().sign_in(site.institution.orcid(person))
    researcher.forget_cookies().decide("approve")


def _form_refused(site: Site, researcher: Researcher) -> None:
    _connect(site, researcher)
    researcher.forget_cookies().continue_to_orcid()


def _code_expired(site: Site, researcher: Researcher) -> None:
    site.control.permission_rules(code_seconds=0)
    _confirm(site, researcher)
    site.control.permission_rules(code_seconds=86_400)


def _client_refused(site: Site, researcher: Researcher) -> None:
    person = site.new_person()
    researcher.open(site.link(person)).continue_to_orcid().sign_in(site.institution.orcid(person))
    site.control.change_client(secret=CLIENT_SECRET[::-1])
    researcher.decide("approve")
    site.control.change_client(secret=CLIENT_SECRET)


def _unavailable(site: Site, researcher: Researcher) -> None:
    site.control.fault("503:section=token")
    _confirm(site, researcher)
    site.control.clear_faults()


def _at_orcid(site: Site, researcher: Researcher) -> tuple[int, str]:
    """A walk that has come to ORCID's pages: the person, and the state that ORCID is to give back."""
    person = site.new_person()
    researcher.open(site.link(person)).continue_to_orcid()
    return person, parse_qs(urlsplit(researcher.page.url).query)["state"][0]


def _back(site: Site, state: str, code: str) -> str:
    """Where ORCID sends the browser."""
    return f"{site.web}/callback?{urlencode({'code': code, 'state': state})}"


def _redirect_mismatch(site: Site, researcher: Researcher) -> None:
    person, state = _at_orcid(site, researcher)
    code = site.control.code(site.institution.orcid(person), redirect_uri="https://elsewhere.example.edu/callback")
    researcher.open(_back(site, state, code))


def _code_reused(site: Site, researcher: Researcher) -> None:
    person, state = _at_orcid(site, researcher)
    code = site.control.code(site.institution.orcid(person), redirect_uri=f"{site.web}/callback")
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "authorization_code", "code": code}
    form |= {"redirect_uri": f"{site.web}/callback"}
    assert httpx.post(f"{site.institution.base_url}/oauth/token", data=form).status_code == 200
    researcher.open(_back(site, state, code))


def _state_used(site: Site, researcher: Researcher) -> None:
    person, state = _at_orcid(site, researcher)
    researcher.open(_back(site, state, f"unknown-{person}"))
    researcher.open(_back(site, state, f"another-{person}"))


def _state_expired(site: Site, researcher: Researcher) -> None:
    person = site.new_person()
    researcher.consent(site.link(person), site.institution.orcid(person)).sees("confirm")
    site.institution.permit(person)
    # An end to all that the person allowed ends what is under way, too.
    assert site.institution.run("permission", "revoke", person_id(person)).returncode == 0
    researcher.answer("yes")


def _busy(site: Site, researcher: Researcher) -> None:
    person, state = _at_orcid(site, researcher)
    code = site.control.code(site.institution.orcid(person), redirect_uri=f"{site.web}/callback")
    fault = site.control.fault("slow:section=token,seconds=3")
    researcher.new_page().evaluate(f"location.href = '{_back(site, state, code)}'")
    site.until(lambda: site.control.faults()[-1]["hits"] == 1)
    researcher.open(_back(site, state, code))
    site.control.clear_faults(fault)


def _other_user(site: Site, researcher: Researcher) -> None:
    behind_sign_on = site.start("web", ORCID_SYNC_SSO_HEADER="X-Remote-User", ORCID_SYNC_WEB_BIND="127.0.0.1:0")
    (started,) = behind_sign_on.said("web_started")
    researcher.open(site.link(site.new_person()).replace(site.web, started["web"]))


def _nothing(site: Site, researcher: Researcher) -> None:
    researcher.open(f"{site.web}/callback")


WAYS = {
    way.page: way
    for way in (
        Way("connect", _connect),
        Way("confirm", _confirm),
        Way("granted", _granted),
        Way("moves", _moves),
        Way("held", _held),
        Way("denied", _denied),
        Way("declined", _declined),
        Way("id_taken", _id_taken),
        Way("superseded", _superseded),
        Way("link_forged", _link_forged),
        Way("link_expired", _link_expired),
        Way("state_forged", _state_forged),
        Way("other_browser", _other_browser),
        Way("form_refused", _form_refused),
        Way("code_expired", _code_expired),
        Way("client_refused", _client_refused),
        Way("unavailable", _unavailable),
        Way("redirect_mismatch", _redirect_mismatch),
        Way("code_reused", _code_reused),
        Way("state_used", _state_used),
        Way("state_expired", _state_expired),
        Way("busy", _busy),
        Way("other_user", _other_user),
        Way("nothing", _nothing),
    )
}

OPERATORS = {
    "overview": "/",
    "people": "/people",
    "person": "/person?id=E00001",
    "held-steps": "/held",
    "dead-letters": "/dead-letters",
}
"""The operators' pages: each by its path."""


def fill(site: Site, researcher: Researcher) -> None:
    """Gives the operators something to look at: who is connected, who waits, and a dead letter."""
    _granted(site, researcher)
    site.sync()
    site.institution.run("replay", "--no-send", site.institution.log("bad.jsonl", b"{"))
