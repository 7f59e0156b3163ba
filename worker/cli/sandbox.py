"""`sandbox`: the local ORCID stand-in."""

import click

from worker.cli.context import say


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 for any free one.")
@click.option("--fault", "faults", multiple=True, metavar="SPEC", help="A fault, e.g. 503:every=10 (repeatable).")
@click.option("--no-limit", is_flag=True, help="Do not enforce ORCID's 24 requests a second (burst 40).")
def sandbox(port: int, faults: tuple[str, ...], no_limit: bool) -> int:
    """Run a local stand-in for ORCID (member API and OAuth), to rehearse with. Nothing leaves this machine.

    \b
    Example:
      orcid-sync sandbox --port 8765 --fault 503:every=10 --fault reset-after:method=POST,times=1
    """
    from worker.sandbox.sandbox import CLIENT_ID, SandboxSettings
    from worker.sandbox.server import serve

    def announce(base_url: str) -> None:
        say(f"ORCID stand-in at {base_url}; in another shell:")
        say(f"  export ORCID_SYNC_API_URL={base_url} ORCID_SYNC_AUTH_URL={base_url} ORCID_SYNC_CLIENT_ID={CLIENT_ID}")

    serve(port, announce=announce, settings=SandboxSettings(faults=faults, rate_limit=not no_limit))
    return 0
