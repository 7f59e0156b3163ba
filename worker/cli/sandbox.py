"""`sandbox`: the local ORCID stand-in."""

import json
from pathlib import Path

import click

from worker.cli.context import say

REDIRECT_URI = "http://127.0.0.1:8080/callback"
KEY = "$(openssl rand -base64 32 | tr '+/' '-_')"


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 for any free one.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Where it listens; 0.0.0.0 in a container. What rehearsals do to it, under /sandbox/, stays for this machine.",
)
@click.option("--fault", "faults", multiple=True, metavar="SPEC", help="A fault, e.g. 503:every=10 (repeatable).")
@click.option("--no-limit", is_flag=True, help="Do not enforce ORCID's 24 requests a second (burst 40).")
@click.option(
    "--keep",
    "kept",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep records and permissions in this file from one run to the next; it is written at the end.",
)
@click.option("--person", "people", multiple=True, metavar="ID", help="With --grants: somebody who gives permission.")
@click.option("--grants", type=click.Path(path_type=Path, dir_okay=False), help="Write their permissions to this file.")
def sandbox(
    port: int,
    host: str,
    faults: tuple[str, ...],
    no_limit: bool,
    kept: Path | None,
    people: tuple[str, ...],
    grants: Path | None,
) -> int:
    """Run a local stand-in for ORCID (member API and OAuth), to rehearse with. Nothing leaves this machine.

    \b
    Examples:
      orcid-sync sandbox --fault 503:every=10 --fault reset-after:method=POST,times=1
      orcid-sync sandbox --grants grants.jsonl --person E1024 --person E2048
      orcid-sync sandbox --keep rehearsal.json
    """
    from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET, SandboxSettings, UnusableError
    from worker.sandbox.server import LOOPBACK, serve

    if bool(people) != bool(grants):
        raise click.UsageError("--grants FILE and --person ID go together")

    def announce(base_url: str) -> None:
        say(f"ORCID stand-in at {base_url}, its consent page at {base_url}/oauth/authorize; in another shell:")
        say(f"  export ORCID_SYNC_API_URL={base_url} ORCID_SYNC_AUTH_URL={base_url}")
        say(f"  export ORCID_SYNC_CLIENT_ID={CLIENT_ID} ORCID_SYNC_CLIENT_SECRET={CLIENT_SECRET}")
        say(f"  export ORCID_SYNC_REDIRECT_URI={REDIRECT_URI}")
        say(f'  export ORCID_SYNC_VAULT_KEYS="{KEY}"')
        if grants is not None:
            _write_grants(base_url, people, grants)
            say(f"  orcid-sync permission import {grants}")

    try:
        settings = SandboxSettings(faults=faults, rate_limit=not no_limit)
        serve(port, host=host, announce=announce, settings=settings, kept=kept)
    except UnusableError as error:
        raise click.UsageError(f"--keep {error}") from None
    except OSError as error:
        if error.filename is not None:
            raise click.UsageError(f"--keep {kept}: {error.strerror}") from None
        where = f"--port {port}" if host == LOOPBACK else f"--host {host} --port {port}"
        raise click.UsageError(f"{where}: {error.strerror}; take another, or 0 for any free one") from None
    return 0


def _write_grants(base_url: str, people: tuple[str, ...], grants: Path) -> None:
    """Each person permits everything, on an iD of their own."""
    from worker.sandbox.control_client import SandboxControl
    from worker.sandbox.orcid_id import orcid_id

    with SandboxControl(base_url) as control, grants.open("w", encoding="utf-8") as out:
        for number, person in enumerate(people, start=1):
            out.write(json.dumps({"person_id": person, **control.grant(orcid_id(number), name=person)}) + "\n")
