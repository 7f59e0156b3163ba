"""The big replay: 1,000 people and 20,000 works through the stand-in without its limit; calls, seconds, memory.

Run by `make bench`. Counts are exact; seconds are of this machine and this moment.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from state.vault import new_key
from tests.benchmarks.institution import lines, person_id, work_event
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.sandbox import CLIENT_ID

PEOPLE, WORKS = 1_000, 20
COMMAND = Path(sys.executable).parent / "orcid-sync"


def main() -> None:
    """Runs it; exits 1 when a bound of the design is broken."""
    with TemporaryDirectory(prefix="orcid-sync-bench-") as folder:
        sandbox = subprocess.Popen([COMMAND, "sandbox", "--port", "0", "--no-limit"], stdout=subprocess.PIPE, text=True)
        try:
            assert sandbox.stdout is not None
            base_url = sandbox.stdout.readline().split()[3].rstrip(",;")
            _measure(Path(folder), base_url)
        finally:
            sandbox.terminate()
            sandbox.wait()


def _measure(folder: Path, base_url: str) -> None:
    environ = _environ(folder, base_url)
    log = folder / "events.jsonl"
    with log.open("w") as out:
        out.writelines(lines(work_event(p, w) for p in range(PEOPLE) for w in range(WORKS)))
    grants = folder / "grants.jsonl"
    with SandboxControl(base_url) as control, grants.open("w") as out:
        for person in range(PEOPLE):
            response = control.grant(orcid_id(10_000 + person))
            out.write(json.dumps({"person_id": person_id(person), **response}) + "\n")
    subprocess.run([COMMAND, "permission", "import", grants], env=environ, check=True, stdout=subprocess.DEVNULL)
    print(f"{PEOPLE} people, {PEOPLE * WORKS} works, one log of {log.stat().st_size / 1e6:.1f} MB")
    first = _replay("first replay", log, environ)
    second = _replay("second replay", log, environ)
    broken = _broken(first, second)
    print("bounds hold" if not broken else f"BROKEN: {', '.join(broken)}")
    sys.exit(1 if broken else 0)


def _environ(folder: Path, base_url: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ORCID_SYNC_API_URL": base_url,
        "ORCID_SYNC_AUTH_URL": base_url,
        "ORCID_SYNC_CLIENT_ID": CLIENT_ID,
        "ORCID_SYNC_STATE_URL": f"sqlite:///{folder / 'bench.db'}",
        "ORCID_SYNC_VAULT_KEYS": new_key(),
        "ORCID_SYNC_REQUESTS_PER_SECOND": "10000",
        "ORCID_SYNC_BURST": "10000",
        "ORCID_SYNC_LOG_LEVEL": "error",
    }


def _replay(name: str, log: Path, environ: dict[str, str]) -> dict[str, Any]:
    began = monotonic()
    process = subprocess.Popen([COMMAND, "replay", "--json", log], env=environ, stdout=subprocess.PIPE)
    assert process.stdout is not None
    out = process.stdout.read()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds, memory = monotonic() - began, _megabytes(usage)
    summary: dict[str, Any] = json.loads(out)
    calls = {kind: number for kind, number in summary["calls"].items() if number}
    rate = summary["events"] / seconds
    print(f"{name}: exit {process.returncode}, calls {calls or 0}, {seconds:.1f} s ({rate:.0f} events/s),", end=" ")
    print(f"processor {usage.ru_utime + usage.ru_stime:.1f} s, peak memory {memory:.0f} MB")
    return summary | {"memory": memory}


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


def _broken(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """The bounds: a bulk call a person, no GET, nothing on the second replay, memory under 200 MB."""
    bounds = {
        "one bulk call a person": first["calls"]["POST_BULK"] == PEOPLE,
        "no GET": first["calls"]["GET"] == 0,
        "no single POST": first["calls"]["POST"] == 0,
        "everything in sync": first["items"]["in_sync"] == PEOPLE * WORKS,
        "no call on the second replay": not any(second["calls"].values()),
        "memory under 200 MB": max(first["memory"], second["memory"]) < 200,
    }
    return [name for name, holds in bounds.items() if not holds]


if __name__ == "__main__":
    main()
