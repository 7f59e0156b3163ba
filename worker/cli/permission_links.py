"""`permission invite` and `permission link`: addresses that lead a researcher to a permission."""

import time

import click

from mappers.events.envelopes import MAX_NAME, name_fault
from mappers.identifiers import OrcidId, parse_orcid_id
from state.store import Store
from worker.cli.context import SENDING, Context, NotKnownError
from worker.reports.status import person_status
from worker.settings.settings import CALLBACK, Settings, SettingsFaults, variable_of

DAY = 86_400.0

lang_option = click.option("--lang", metavar="CODE", default="", help="Language of the page: en, es, fr …")


@click.command()
@click.argument("person")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it serves; ORCID_SYNC_LINK_DAYS without it.")
@lang_option
@click.pass_obj
def invite(context: Context, person: str, days: int | None, lang: str) -> int:
    """Print the link to send to a researcher, who then connects an iD in the browser.

    Whoever has the link may use it until it expires: send it to that person alone. Nothing is sent or stored.

    \b
    Example:
      orcid-sync permission invite E1024 --lang es
    """
    from worker.permission.links import connect_address
    from worker.wiring import consents_of

    context.needs = (*SENDING, "redirect_uri")
    with context.store() as store:
        settings = context.settings
        base = pages_base(settings)
        known = canonical(store, person)
        if person_status(store, known) is None:
            click.echo(f"note: no event and no permission has named {person} so far: is it spelt right?", err=True)
        signed = consents_of(settings, store).links.person_link(known, _until(settings, days))
    click.echo(connect_address(base, signed, lang))
    return 0


def _orcid(_: click.Context, __: click.Parameter, value: str) -> OrcidId | str:
    try:
        return parse_orcid_id(value) if value else ""
    except ValueError as error:
        raise click.BadParameter(f"{value!r} {error}") from None


@click.command()
@click.argument("person")
@click.option("--orcid", metavar="ID", default="", callback=_orcid, help="The iD to sign in with, filled in at ORCID.")
@click.option("--email", metavar="ADDRESS", default="", help="The same with an e-mail address.")
@lang_option
@click.pass_obj
def link(context: Context, person: str, orcid: str, email: str, lang: str) -> int:
    """Print ORCID's authorization URL, for an exchange on the command line.

    The researcher opens it, agrees, and arrives at ORCID_SYNC_REDIRECT_URI; give the address they arrived at, or its
    code, to `permission exchange`. The web pages refuse it, for it belongs to no browser.

    \b
    Example:
      orcid-sync permission link E1024 --email sofia@example.edu
    """
    from worker.permission.authorization import Hints
    from worker.wiring import consents_of

    context.needs = (*SENDING, "redirect_uri")
    with context.store() as store:
        consents = consents_of(context.settings, store)
        state = consents.links.operator_state(canonical(store, person), _until(context.settings, None))
    click.echo(consents.authorize_url(state, Hints(orcid, email, lang)))
    return 0


def canonical(store: Store, person: str) -> str:
    """Whom an operator means. Raises NotKnownError for who was forgotten, UsageError for what no event can name."""
    if wrong := name_fault(person):
        raise click.UsageError(f"PERSON {wrong}")
    if len(person) > MAX_NAME:
        raise click.UsageError(f"PERSON is longer than {MAX_NAME} characters")
    known = store.people.canonical(person)
    if store.blocks.blocks_person(known):
        raise NotKnownError(f"{person} was forgotten: `orcid-sync forget --undo-block {person}` allows them again")
    return known


def _until(settings: Settings, days: int | None) -> float:
    return time.time() + DAY * (days or settings.link_days)


def pages_base(settings: Settings) -> str:
    """The address of our pages. Raises SettingsFaults when the redirect URI does not tell it."""
    uri = settings.redirect_uri or ""
    if not uri.endswith(CALLBACK):
        where = (
            f"{variable_of('redirect_uri')}: {uri!r} does not end in {CALLBACK}, where our pages take ORCID's answer,"
        )
        raise SettingsFaults(
            [f"{where} so it does not tell where they are: use `permission link`, or register such one"]
        )
    return uri.removesuffix(CALLBACK)
