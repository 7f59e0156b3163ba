"""What processes use, as Linux tells it: processor seconds and memory."""

import os
import re
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
MEGABYTE = 1024.0
"""Kilobytes, which is what Linux tells memory in."""


def processor_seconds(*pids: int) -> float:
    """Seconds that these processes have had so far, with those of their children that have ended; ended ones aside."""
    return sum(sum(map(int, _stat(pid)[11:15])) for pid in pids if parent_of(pid)) / TICKS


def family(pid: int) -> list[int]:
    """A process and its children that run now, as a database server has one for each connection."""
    children = [int(one.name) for one in PROC.iterdir() if one.name.isdigit() and parent_of(int(one.name)) == pid]
    return [pid, *children]


def peak_memory(pid: int) -> float:
    """The most resident memory that it had so far, in megabytes; 0 when it has ended."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", (PROC / str(pid) / "status").read_text(), re.MULTILINE)
    return int(found[1]) / MEGABYTE if found else 0.0


def parent_of(pid: int) -> int:
    """The process that started it; 0 when it has ended."""
    try:
        return int(_stat(pid)[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _stat(pid: int) -> list[str]:
    """The fields behind the name, which may hold blanks and brackets itself: state, parent, … (proc(5))."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
