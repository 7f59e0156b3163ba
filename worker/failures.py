"""Failures: which exceptions are expected, each in lines for an operator and an exit code (CONTRACT.md section 2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappers.mapping_file import MappingFaults
from state.store import StoreError, UnkeptError
from state.vault import VaultError
from worker.intake.completing import IncompleteError
from worker.intake.flood import FloodError
from worker.kafka.replay_source import CannotReplayError
from worker.sandbox.faults import FaultSpecError
from worker.sandbox.sandbox import UnusableError
from worker.settings.settings import SettingsFaults
from worker.sources.logs import LogError
from worker.verifying.checking import UnknownPersonError
from worker.web.server import BindError

ERROR, USAGE = 1, 2


@dataclass(frozen=True, slots=True)
class Failure:
    """What is told of a failure, and the exit code that goes with it."""

    lines: Sequence[str]
    exit_code: int


def failure_of(error: Exception) -> Failure | None:
    """What to tell of an exception; None when nobody expects it."""
    match error:
        case SettingsFaults() | MappingFaults():
            return Failure(error.faults, USAGE)
        case FaultSpecError() | UnusableError():
            return Failure([str(error)], USAGE)
        case (
            IncompleteError()
            | FloodError()
            | UnknownPersonError()
            | StoreError()
            | UnkeptError()
            | VaultError()
            | LogError()
            | CannotReplayError()
            | BindError()
            | OSError()
        ):
            return Failure([str(error)], ERROR)
        case _:
            return None
