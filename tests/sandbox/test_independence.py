"""The stand-in is a check on the worker, so it must know ORCID from API_FACTS alone."""

import ast
from pathlib import Path

import worker.sandbox

FOLDER = Path(worker.sandbox.__file__).parent
OURS = ("mappers", "state", "worker")


def imported(file: Path) -> set[str]:
    """The modules of this project that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name for name in names if name.partition(".")[0] in OURS}


def test_nothing_of_the_worker_is_imported() -> None:
    """Each file imports from this folder only, where the project is concerned."""
    strangers = {
        (file.name, name)
        for file in FOLDER.rglob("*.py")
        for name in imported(file)
        if not name.startswith("worker.sandbox")
    }
    assert strangers == set()
