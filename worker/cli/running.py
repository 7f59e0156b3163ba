"""`run`: the daemon."""

import click

from worker.cli.context import SENDING, Context


@click.command()
@click.pass_obj
def run(context: Context) -> int:
    """Run the daemon: Kafka in, ORCID out, pages, probes and metrics beside; until SIGTERM.

    \b
    Example:
      ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 orcid-sync --config orcid-sync.toml run
    """
    from worker.daemon import run_daemon

    context.needs, context.waits = SENDING, True
    with context.store() as store:
        run_daemon(context.settings, store)
    return 0
