"""`web`: the pages alone."""

import click

from worker.cli.context import SENDING, Context


@click.command()
@click.pass_obj
def web(context: Context) -> int:
    """Serve the pages alone, probes and metrics with them; until SIGTERM.

    For an institution that shows its consent pages to the world, and runs the daemon where nobody comes.

    \b
    Example:
      ORCID_SYNC_REDIRECT_URI=https://orcid.example.edu/callback orcid-sync --config orcid-sync.toml web
    """
    from worker.serving import serve_pages

    context.needs, context.waits = SENDING, True
    with context.bound_store() as store:
        serve_pages(context.settings, store)
    return 0
