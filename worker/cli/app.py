"""The command group, and how failures become one line and an exit code (CONTRACT.md section 2)."""

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from worker.cli.context import Context, NotKnownError, plain
from worker.interrupts import end_at_once

EXIT_ERROR, EXIT_USAGE, EXIT_UNSETTLED = 1, 2, 3


COMMANDS = {
    "run": "running",
    "replay": "replaying",
    "sync": "replaying",
    "remap": "replaying",
    "plan": "looking",
    "status": "looking",
    "explain": "looking",
    "held": "held",
    "approve": "held",
    "reject": "held",
    "permission": "permission",
    "dead-letters": "dead_letters",
    "pause": "braking",
    "resume": "braking",
    "suppress": "suppressing",
    "unsuppress": "suppressing",
    "resend": "suppressing",
    "source": "source",
    "gap": "gaps",
    "person": "person",
    "forget": "forgetting",
    "export": "forgetting",
    "state": "state",
    "job": "jobs",
    "verify": "verifying",
    "adopt": "verifying",
    "sandbox": "sandbox",
    "web": "web",
    "demo": "demo",
}
"""In which file each command is. It is read when the command is called, so that none waits for the others' parts."""


class Commands(click.Group):
    """The commands, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, for --help."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, None when there is none."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"worker.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="orcid-sync")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="TOML file with settings.")
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """Keep ORCID records right: change events in, the right items on researchers' records out.

    \b
    Examples:
      orcid-sync demo                          see it work, on built-in data
      orcid-sync sandbox                       a local ORCID to rehearse with
      orcid-sync replay hr.jsonl works.jsonl   feed event logs, then reconcile
      orcid-sync run                           the daemon: Kafka in, ORCID out

    Settings are environment variables ORCID_SYNC_…, or the same names in the file given with --config.
    """
    context.obj = Context(config)


def main() -> None:
    """Runs a command; every expected failure is one line on stderr and an exit code, never a traceback."""
    if os.getpid() == 1:  # of a container: without a handler it could not be told to stop while it is starting
        signal.signal(signal.SIGTERM, end_at_once)
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        _complain(["interrupted; what was taken in is kept: `orcid-sync sync` goes on"])
        sys.exit(EXIT_ERROR)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has left: nothing more to say to anybody
        sys.exit(EXIT_ERROR)
    except Exception as error:  # noqa: BLE001 - told apart just below; what is unexpected is raised again
        sys.exit(_failed(error))
    sys.exit(code if isinstance(code, int) else 0)


def _failed(error: Exception) -> int:
    from worker.failures import failure_of

    if isinstance(error, NotKnownError):
        _complain([str(error)])
        return EXIT_ERROR
    if isinstance(error, UnicodeEncodeError):
        odd = error.object[error.start : error.end]
        _complain([f"{odd!r} in an argument, or in what is to be shown, is no {error.encoding}"])
        return EXIT_ERROR
    failure = failure_of(error)
    if failure is None:
        raise error
    _complain(failure.lines)
    return failure.exit_code


def _complain(lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(f"orcid-sync: {plain(line)}", err=True)
