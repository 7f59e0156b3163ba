"""`permission` on the command line: links, exchanges, their outcomes, and an end to it all."""

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from state.vault import Vault
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution
from tests.turning.worlds import employments
from worker.permission.links import Links
from worker.permission.outcomes import LINES, Outcome
from worker.sandbox.grants import TokenState
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET
from worker.sandbox.server import RunningSandbox

REDIRECT_URI = "https://connect.example.edu/orcid/callback"
PERSON = person_id(1)
OTHER = person_id(2)


@pytest.fixture
def site(institution: Institution) -> Institution:
    """An institution with a redirect URI."""
    institution.settings["ORCID_SYNC_REDIRECT_URI"] = REDIRECT_URI
    institution.control.change_client(redirect_uris=[REDIRECT_URI])
    institution.control.permission_rules(code_length=32)
    return institution


def line(site: Institution, *words: str, code: int = 0) -> str:
    """The only line that a command prints: on stdout when it went well, else on stderr, where the log is, too."""
    ran = site.run("permission", *words)
    assert ran.returncode == code, ran.stderr.decode()
    lines = (ran.stderr if code else ran.stdout).decode().splitlines()
    (said,) = [one for one in lines if not one.startswith('{"')]
    return said


def answer(site: Institution, person: str, number: int = 1, **more: Any) -> str:
    """The researcher opens the link; the address that ORCID sends the browser to."""
    return site.control.consent(line(site, "link", person), site.orcid(number), **more)


def code_of(address: str) -> str:
    """The code in an address."""
    return parse_qs(urlsplit(address).query)["code"][0]


def states(site: Institution) -> dict[tuple[str, str], str]:
    """The state of each grant, by person and iD."""
    rows = site.json("permission", "list")["permissions"]
    return {(row["person"], row["orcid"]): row["state"] for row in rows}


def test_an_invitation_is_a_link_of_ours(site: Institution) -> None:
    """Alone on its line; below the redirect URI's folder; for thirty days unless it is told otherwise."""
    said = line(site, "invite", PERSON, "--lang", "es")
    base, _, signed = said.removesuffix("?lang=es").rpartition("/connect/")
    links = Links(Vault([site.settings["ORCID_SYNC_VAULT_KEYS"]]).derived(b"orcid-sync links"))

    assert base == "https://connect.example.edu/orcid"
    assert links.read_person_link(signed, 0.0) == PERSON


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        pytest.param(None, "ORCID_SYNC_REDIRECT_URI: is not set and this command needs it", id="not set"),
        pytest.param("https://example.edu/landing", "does not end in /callback", id="another page"),
    ],
)
def test_an_invitation_needs_our_pages(institution: Institution, uri: str | None, said: str) -> None:
    """One line says what to set."""
    institution.settings.update({"ORCID_SYNC_REDIRECT_URI": uri} if uri else {})

    assert said in line(institution, "invite", PERSON, code=2)


@pytest.mark.parametrize(
    ("person", "said"),
    [
        pytest.param(" ", "PERSON is empty", id="empty"),
        pytest.param("E1 ", "PERSON has a space at its start or end", id="a space"),
        pytest.param("x" * 256, "PERSON is longer than 255 characters", id="too long"),
        pytest.param("E\udcff", "PERSON holds a character that can't be printed", id="no UTF-8"),
    ],
)
def test_whom_no_event_can_name_gets_no_permission(site: Institution, person: str, said: str) -> None:
    """It would serve nobody."""
    for words in (("invite", person), ("link", person), ("exchange", person, "abc"), ("revoke", person)):
        ran = site.run("permission", *words)
        assert (ran.returncode, f"Error: {said}" in ran.stderr.decode()) == (2, True), ran.stderr.decode()


def test_an_argument_that_is_no_text_is_told_in_one_line(site: Institution) -> None:
    """Whichever command it is for."""
    ran = site.run("status", "--person", "E\udcff")

    assert (ran.returncode, ran.stderr.decode().count("\n")) == (1, 1)
    assert "'\\udcff' in an argument" in ran.stderr.decode()


def test_a_link_leads_to_orcid(site: Institution) -> None:
    """With what ORCID's page takes (API_FACTS.md 7.1)."""
    said = line(site, "link", PERSON, "--orcid", site.orcid(1), "--email", "s+g@example.edu", "--lang", "fr")
    url = urlsplit(said)
    query = {name: value for name, (value,) in parse_qs(url.query).items()}

    assert said.startswith(f"{site.base_url}/oauth/authorize?")
    assert query.pop("state")
    assert query.pop("client_id")
    assert query == {
        "response_type": "code",
        "scope": "/activities/update /person/update /read-limited",
        "redirect_uri": REDIRECT_URI,
        "orcid": site.orcid(1),
        "email": "s+g@example.edu",
        "lang": "fr",
    }


@pytest.mark.parametrize("whole", [pytest.param(True, id="the address"), pytest.param(False, id="the code")])
def test_an_exchange_stores_a_permission(site: Institution, *, whole: bool) -> None:
    """And what waited goes out; a second time shows the same without a second exchange."""
    site.run("replay", "--no-send", site.log("a.jsonl", *employments(1, 2)))
    address = answer(site, PERSON, name="Sofia Garcia")
    given = address if whole else code_of(address)
    said = [line(site, "exchange", PERSON, given) for _ in range(2)]

    scopes = "/activities/update /person/update /read-limited"
    assert said == [f"{PERSON} is connected to {site.orcid(1)} (Sofia Garcia): {scopes}"] * 2
    assert states(site) == {(PERSON, site.orcid(1)): "active"}
    assert site.run("sync").returncode == 0
    assert len(site.titles(1)) == 2


def exchange_line(site: Institution, person: str, code: str, *words: str) -> str:
    """What a refused exchange says."""
    return line(site, "exchange", person, code, *words, code=1).removeprefix("orcid-sync: ")


def test_a_code_that_was_exchanged_by_others_is_reused(site: Institution) -> None:
    """ORCID says so."""
    code = code_of(answer(site, PERSON))
    spend(site, code)

    assert exchange_line(site, PERSON, code) == LINES[Outcome.CODE_REUSED]


def spend(site: Institution, code: str) -> None:
    """Somebody else exchanges the code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    form |= {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    assert httpx.post(f"{site.base_url}/oauth/token", data=form).status_code == 200


def test_a_code_for_one_person_is_none_for_another(site: Institution) -> None:
    """It was used before, whoever asks."""
    code = code_of(answer(site, PERSON))
    line(site, "exchange", PERSON, code)

    assert exchange_line(site, OTHER, code) == LINES[Outcome.CODE_REUSED]
    assert states(site) == {(PERSON, site.orcid(1)): "active"}


def test_an_unknown_code_is_refused(site: Institution) -> None:
    """So is one that expired."""
    expired = site.control.code(site.orcid(1), redirect_uri=REDIRECT_URI, expires_in=-1)

    assert exchange_line(site, PERSON, "nosuchcode") == LINES[Outcome.CODE_EXPIRED]
    assert exchange_line(site, PERSON, expired) == LINES[Outcome.CODE_EXPIRED]


def test_another_redirect_uri_is_told(site: Institution) -> None:
    """The setting is named."""
    code = code_of(answer(site, PERSON))
    site.settings["ORCID_SYNC_REDIRECT_URI"] = "https://elsewhere.example.edu/callback"

    assert exchange_line(site, PERSON, code) == LINES[Outcome.REDIRECT_MISMATCH]


def test_a_wrong_secret_is_told(site: Institution) -> None:
    """It is about us."""
    code = code_of(answer(site, PERSON))
    site.settings["ORCID_SYNC_CLIENT_SECRET"] = "not-the-secret"

    assert exchange_line(site, PERSON, code) == LINES[Outcome.CLIENT_REFUSED]


def test_without_a_secret_nothing_is_tried(site: Institution) -> None:
    """The code stays good."""
    code = code_of(answer(site, PERSON))
    site.settings["ORCID_SYNC_CLIENT_SECRET"] = ""

    assert "ORCID_SYNC_CLIENT_SECRET: is not set" in line(site, "exchange", PERSON, code, code=2)
    del site.settings["ORCID_SYNC_CLIENT_SECRET"]
    assert "is connected" in line(site, "exchange", PERSON, code)


def test_orcid_out_of_reach_is_told(site: Institution) -> None:
    """A code is tried once only."""
    code = code_of(answer(site, PERSON))
    site.settings["ORCID_SYNC_AUTH_URL"] = site.settings["ORCID_SYNC_API_URL"] = "http://127.0.0.1:9"

    assert exchange_line(site, PERSON, code) == LINES[Outcome.UNAVAILABLE]


def test_a_denial_is_told_and_remembered(site: Institution) -> None:
    """The researcher said no."""
    address = answer(site, PERSON, approve=False)

    assert exchange_line(site, PERSON, address) == LINES[Outcome.DENIED]
    (denial,) = site.json("permission", "list")["denials"]
    assert denial["person"] == PERSON
    assert denial["denied_at"].endswith("Z")


def test_an_answer_to_another_persons_link_is_refused(site: Institution) -> None:
    """So is one to no link of ours."""
    address = answer(site, PERSON)
    forged = f"{REDIRECT_URI}?{urlencode({'code': code_of(address), 'state': 'forged'})}"

    assert exchange_line(site, OTHER, address) == LINES[Outcome.STATE_FORGED]
    assert exchange_line(site, PERSON, forged) == LINES[Outcome.STATE_FORGED]
    assert "is connected" in line(site, "exchange", PERSON, address)


def live_tokens(stand_in: RunningSandbox, orcid: str) -> int:
    """How many tokens serve for an iD at ORCID."""
    with stand_in.sandbox.lock:
        return sum(one.state is TokenState.LIVE for one in stand_in.sandbox.grants.of(orcid))


def test_an_id_has_one_person(site: Institution, stand_in: RunningSandbox) -> None:
    """The second one is not told whose it is; that token is revoked, and the first one's serves on."""
    line(site, "exchange", PERSON, answer(site, PERSON))

    assert exchange_line(site, OTHER, answer(site, OTHER)) == LINES[Outcome.ID_TAKEN]
    assert live_tokens(stand_in, site.orcid(1)) == 2
    site.run("sync")
    assert live_tokens(stand_in, site.orcid(1)) == 1
    assert states(site) == {(PERSON, site.orcid(1)): "active"}
    assert site.run("replay", site.log("a.jsonl", *employments(1, 1))).returncode == 0
    assert len(site.titles(1)) == 1


def test_a_move_has_to_be_said(site: Institution) -> None:
    """Then the same code serves: it was exchanged already. The one before says no more that it is in force."""
    former = answer(site, PERSON, 1)
    line(site, "exchange", PERSON, former)
    code = code_of(answer(site, PERSON, 2))
    first, second = site.orcid(1), site.orcid(2)

    told = f"{PERSON} is connected to {first}: add --move to connect {second} instead"
    assert [exchange_line(site, PERSON, code) for _ in range(2)] == [told] * 2
    assert line(site, "exchange", PERSON, code, "--move").startswith(f"{PERSON} is connected to {second}")
    assert exchange_line(site, PERSON, former) == LINES[Outcome.SUPERSEDED]
    assert states(site) == {(PERSON, first): "replaced", (PERSON, second): "active"}


def test_names_that_differ_are_told_to_the_operator(site: Institution) -> None:
    """Who sits here decides: nothing is held."""
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/hr",
        "type": "hr.person.changed",
        "subject": PERSON,
        "time": "2026-01-01T00:00:00Z",
        "data": {"person": {"id": PERSON}, "name": "Sofia Garcia"},
    }
    site.run("replay", "--no-send", site.log("names.jsonl", event))
    ran = site.run("permission", "exchange", PERSON, answer(site, PERSON, name="Josiah Carberry"))

    assert ran.returncode == 0
    assert "ORCID's name is 'Josiah Carberry', and ours 'Sofia Garcia'" in ran.stderr.decode()


def test_a_revocation_ends_it_here_and_at_orcid(site: Institution, stand_in: RunningSandbox) -> None:
    """Removals that are due go out first; what stands stays; no token serves any more, former ones neither."""
    events = list(employments(1, 2))
    site.permit(1)
    line(site, "exchange", PERSON, answer(site, PERSON))
    assert site.run("replay", site.log("a.jsonl", *events)).returncode == 0
    gone = {**events[0], "id": "gone", "sequence": "9", "type": "hr.affiliation.removed", "data": {}}
    site.run("replay", "--no-send", site.log("b.jsonl", gone))

    said = line(site, "revoke", PERSON)

    assert said == f"{PERSON}: 1 removals sent, 2 of 2 tokens revoked at ORCID"
    assert live_tokens(stand_in, site.orcid(1)) == 0
    assert states(site) == {(PERSON, site.orcid(1)): "revoked"}
    assert len(site.titles(1)) == 1
    assert site.json("permission", "revoke", PERSON)["done"] is True


def test_a_revocation_that_orcid_does_not_hear_of_goes_on_later(site: Institution) -> None:
    """Exit code 3; the next `sync` ends it."""
    site.permit(1)
    number = site.control.fault("502-html:section=revoke")
    told = site.json("permission", "revoke", PERSON, "--wait", "0", code=3)
    site.control.clear_faults(number)

    assert (told["tokens_left"], told["done"]) == (1, False)
    assert site.run("sync").returncode in (0, 3)
    assert states(site) == {(PERSON, site.orcid(1)): "revoked"}


def test_who_has_allowed_nothing_is_told_so(site: Institution) -> None:
    """Exit code 1."""
    assert "E-nobody has allowed nothing" in line(site, "revoke", "E-nobody", code=1)


def test_a_revocation_needs_our_secret(site: Institution) -> None:
    """ORCID revokes nothing without it, so nothing is begun."""
    site.permit(1)
    site.settings["ORCID_SYNC_CLIENT_SECRET"] = ""

    assert "ORCID_SYNC_CLIENT_SECRET: is not set" in line(site, "revoke", PERSON, code=2)
    assert states(site) == {(PERSON, site.orcid(1)): "active"}


def test_a_list_tells_times_in_one_form(site: Institution) -> None:
    """As our events have them; tokens are in none of it."""
    site.permit(1)
    (row,) = site.json("permission", "list")["permissions"]

    assert list(row) == ["person", "orcid", "name", "state", "reason", "granted_at", "expires_at", "scopes"]
    for name in ("granted_at", "expires_at"):
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", row[name])
    assert PERSON in site.run("permission", "list").stdout.decode()


def test_a_move_leaves_what_stands_until_it_is_approved(site: Institution) -> None:
    """Everything is on the new record at once."""
    line(site, "exchange", PERSON, answer(site, PERSON, 1))
    assert site.run("replay", site.log("a.jsonl", *employments(1, 2))).returncode == 0
    line(site, "exchange", PERSON, answer(site, PERSON, 2), "--move")
    site.run("sync")

    assert (len(site.titles(1)), len(site.titles(2))) == (2, 2)
    (held,) = site.json("held", "list")["held"]
    assert site.run("approve", held["id"]).returncode == 0
    site.run("sync")
    assert (len(site.titles(1)), len(site.titles(2))) == (0, 2)
