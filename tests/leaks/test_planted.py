"""A test that leaks a secret fails: shown on leaks that are planted on purpose, in each kind of place."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.leaks import planted

ROOT = Path(__file__).parents[2]


def test_a_test_with_a_leak_fails() -> None:
    """Each planted one is found by the scan that all tests have, with its kind and place; the innocent one passes."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(planted.__file__)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    found = dict(re.findall(r"^ERROR \S+::test_(\w+) - (?:\w+: )?(.+) at byte \d+$", ran.stdout, re.MULTILINE))
    leaks = {name.removeprefix("test_") for name in vars(planted) if name.startswith("test_")}
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert set(found) == leaks - {"innocent"}, ran.stdout
    assert f"{len(leaks)} passed, {len(leaks) - 1} errors" in ran.stdout
    assert found["store"] == "token in state.db"
