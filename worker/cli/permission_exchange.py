"""`permission exchange`: a code of ORCID's becomes a permission, without the web pages."""

import secrets
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import click

from worker.cli.context import SENDING, Context, json_option, print_json, say
from worker.cli.permission_links import canonical

if TYPE_CHECKING:
    from worker.permission.consents import Consents, Shown
    from worker.permission.outcomes import Outcome
    from worker.settings.settings import Settings

MOST = 64
"""Characters of a code: an authorization URL given by mistake is longer."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an operator gave us: a code, or ORCID's whole answer as it stands in the address bar."""

    code: str = field(repr=False)
    state: str = ""
    error: str = ""


@click.command()
@click.argument("person")
@click.argument("code")
@click.option("--move", is_flag=True, help="Connect this iD in place of the one that the person is connected to.")
@json_option
@click.pass_obj
def exchange(context: Context, person: str, code: str, move: bool, as_json: bool) -> int:
    """Exchange ORCID's authorization code for a token, and store the permission.

    CODE may be the whole address that the researcher arrived at. A code is exchanged once: the second time this
    shows what became of it. Items on the iD that a person moves away from are held until `approve`.

    \b
    Examples:
      orcid-sync permission exchange E1024 Q70Y3A
      orcid-sync permission exchange E1024 'https://example.edu/callback?code=Q70Y3A'
    """
    from worker.wiring import bind, consents_of

    context.needs = (*SENDING, "client_secret")
    with context.store() as store:
        bind(store, context.settings)
        person = canonical(store, person)
        consents = consents_of(context.settings, store)
        shown = _exchanged(context.settings, consents, person, _told(code), move=move)
    return _report(person, shown, as_json=as_json)


def _told(text: str) -> Told:
    if "://" not in text:
        if not text.strip() or len(text) > MOST:
            raise click.UsageError("CODE is empty, or none of ORCID's: give the code, or the address with it")
        return Told(text.strip())
    parts = urlsplit(text.strip())
    found = parse_qs(parts.query) or parse_qs(parts.fragment)
    told = Told(*(found.get(name, [""])[0] for name in ("code", "state", "error")))
    if not told.code and not told.error:
        raise click.UsageError("CODE: this address has no code in it")
    return told


def _exchanged(settings: "Settings", consents: "Consents", person: str, told: Told, *, move: bool) -> "Shown":
    from worker.permission.consents import Exchange, Shown
    from worker.permission.outcomes import Outcome
    from worker.sending.orcid_client import OrcidClient, OwnAccess

    if refused := _not_theirs(consents, person, told.state):
        return Shown(refused)
    if told.error or not told.code:
        return Shown(consents.refused(person, told.error, time.time()))
    begun = consents.take_code(person, told.code, time.time(), nonce=secrets.token_urlsafe(24))
    if isinstance(begun, Exchange):
        own = OwnAccess(settings.auth_url, settings.client_id or "", settings.client_secret)
        with closing(OrcidClient(settings.api_url, own, lanes=1)) as orcid:
            reply = orcid.send(begun.call)
        begun = consents.exchanged(begun.walk, reply, time.time())
    if begun.outcome in (Outcome.OFFERED, Outcome.MOVES):
        return consents.settle_code(person, told.code, time.time(), move=move)
    return begun


def _not_theirs(consents: "Consents", person: str, state: str) -> "Outcome | None":
    """Why an answer with this `state` is none to a link of `permission link` for the person; None when it has none."""
    from worker.permission.links import LinkError, LinkFault
    from worker.permission.outcomes import Outcome

    if not state:
        return None
    try:
        named = consents.links.read_operator_state(state, time.time())
    except LinkError as error:
        return Outcome.STATE_EXPIRED if error.fault is LinkFault.EXPIRED else Outcome.STATE_FORGED
    return None if consents.store.people.canonical(named) == person else Outcome.STATE_FORGED


def _report(person: str, shown: "Shown", *, as_json: bool) -> int:
    from worker.permission.names import differ_clearly
    from worker.permission.outcomes import LINES, Outcome

    granted = shown.outcome is Outcome.GRANTED
    if granted and differ_clearly(shown.name, shown.orcid_name):
        click.echo(f"orcid-sync: mind that ORCID's name is {shown.orcid_name!r}, and ours {shown.name!r}", err=True)
    if as_json:
        told = {"outcome": shown.outcome.value, "person": person, "orcid": shown.orcid, "name": shown.orcid_name}
        print_json({**told, "former_orcid": shown.former, "scopes": sorted(shown.scopes)})
    elif granted:
        say(f"{person} is connected to {shown.orcid} ({shown.orcid_name or 'no public name'}): {_listed(shown.scopes)}")
    else:
        line = LINES[shown.outcome]
        if shown.outcome is Outcome.MOVES:
            line = f"{person} is connected to {shown.former}: add --move to connect {shown.orcid} instead"
        click.echo(f"orcid-sync: {line}", err=True)
    return 0 if granted else 1


def _listed(scopes: frozenset[str]) -> str:
    return " ".join(sorted(scopes)) or "no scopes"
