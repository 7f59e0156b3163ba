"""`permission ask`: a permission request in a researcher's inbox at ORCID."""

from typing import Any

import click

from worker.cli.context import SENDING, Context, json_option, print_json, say
from worker.cli.permission_links import pages_base
from worker.permission.asking import Answered, NotAsked
from worker.permission.notification import Language
from worker.reports.story import when


@click.command()
@click.argument("person")
@click.option("--orcid", metavar="ID", help="Where to ask somebody who never connected an ORCID iD.")
@click.option("--again", is_flag=True, help="Ask once more, or although the permission broke.")
@click.option(
    "--lang",
    type=click.Choice([one.value for one in Language]),
    default="en",
    show_default=True,
    help="Language of the request.",
)
@json_option
@click.pass_obj
def ask(context: Context, person: str, orcid: str | None, again: bool, lang: str, as_json: bool) -> int:
    """Put a request with what waits into the researcher's ORCID inbox; or tell how the last one stands.

    Your client needs ORCID's scope /premium-notification. Nobody is asked twice within ORCID_SYNC_ASK_AGAIN_DAYS,
    nor after a no.

    \b
    Example:
      orcid-sync permission ask E1024
    """
    from mappers.identifiers import parse_orcid_id
    from worker.wiring import asking

    try:
        address = None if orcid is None else parse_orcid_id(orcid)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--orcid") from None
    context.needs = (*SENDING, "client_secret", "redirect_uri")
    settings = context.settings
    pages = pages_base(settings)
    with context.bound_store() as store, asking(settings, store, pages) as asker:
        try:
            answered = asker.ask(person, address, Language(lang), again=again)
        except NotAsked as why:
            return _told_no(person, str(why), as_json=as_json)
    if as_json:
        print_json(_row(answered))
    else:
        _say(answered)
    return 1 if answered.trouble or answered.in_doubt else 0


def _told_no(person: str, why: str, *, as_json: bool) -> int:
    if as_json:
        print_json({"person": person, "result": "not_asked", "reason": why})
    else:
        click.echo(f"orcid-sync: {why}", err=True)
    return 1


def _row(answered: Answered) -> dict[str, Any]:
    ask, asked = answered.ask, "asked" if answered.is_new else "asked_before"
    return {
        "person": ask.person,
        "orcid": ask.orcid,
        "result": "in_doubt" if answered.in_doubt else asked,
        "reason": answered.trouble,
        "put_code": ask.put_code or None,
        "asked_at": when(ask.asked_at),
        "sent_at": when(answered.sent_at) or None,
        "read_at": when(ask.read_at) or None,
        "acted_on_at": when(ask.acted_at) or None,
        "archived_at": when(ask.archived_at) or None,
        "again_at": when(answered.again_at),
        "items": answered.listed,
        "waiting": answered.waiting,
    }


def _say(answered: Answered) -> None:
    ask = answered.ask
    if answered.in_doubt:
        why = f": {answered.trouble}" if answered.trouble else ""
        say(
            f"asked {ask.person} at {ask.orcid} on {when(ask.asked_at)}; nobody knows whether it arrived{why}", fg="red"
        )
    elif answered.is_new:
        named = f"{answered.listed} of {answered.waiting} items that wait are named"
        say(f"asked {ask.person} at {ask.orcid}, request {ask.put_code}: {named}")
    else:
        dates = (("sent", answered.sent_at), ("read", ask.read_at), ("acted on", ask.acted_at))
        told = ", ".join(f"{word} {when(at) or 'not yet'}" for word, at in (*dates, ("archived", ask.archived_at)))
        say(f"asked {ask.person} at {ask.orcid} on {when(ask.asked_at)}, request {ask.put_code}: {told}")
        if answered.trouble:
            say(f"  as ORCID told it on {when(ask.looked_at) or '(never)'}; not now: {answered.trouble}", fg="red")
    say(f"  again from {when(answered.again_at)} on, with --again")
