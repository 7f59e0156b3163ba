"""`state`: the store as a whole."""

import click

from worker.cli.context import SENDING, Context, say


@click.group()
def state() -> None:
    """The state as a whole."""


@state.command()
@click.pass_obj
def rebind(context: Context) -> int:
    """Bind the state to the API, authorization server and client of the settings.

    Put-codes and permissions of one ORCID mean nothing to another: do this only when the same records are reached
    under another address, or by a client that took over the old one's items.

    \b
    Example:
      ORCID_SYNC_API_URL=https://api.orcid.org orcid-sync state rebind
    """
    from worker.wiring import binding_of

    context.needs = SENDING
    wanted = binding_of(context.settings)
    with context.store() as store, store.transaction():
        store.notes.put("binding", None)
        store.notes.bind(wanted)
    say(f"bound to {wanted.api_url}, {wanted.auth_url}, {wanted.client_id}")
    return 0
