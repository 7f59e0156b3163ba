"""ORCID's own schemas and samples, in the folder that `ORCID_MODEL_DIR` names: a test that needs them skips without."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

_NAMED = os.environ.get("ORCID_MODEL_DIR", "")
_FOLDER = Path(_NAMED).resolve() if _NAMED and Path(_NAMED).is_dir() else None
_NOWHERE = Path("orcids-files-are-not-here")
FACTS = (_FOLDER or _NOWHERE) / "API_FACTS.md"
"""What the project knows of ORCID's API."""
NAMESPACE = "http://www.orcid.org/ns/"

needs_orcids_files = pytest.mark.skipif(
    _FOLDER is None, reason="ORCID_MODEL_DIR names no folder: nothing was checked against ORCID's own files"
)


def sample(version: str, name: str) -> bytes:
    """A sample by its path below the samples of a version (`v3.0`, `v2.1`)."""
    return ((_FOLDER or _NOWHERE) / "samples" / version / name).read_bytes()


def sample_json(version: str, name: str) -> Any:
    """The same, parsed."""
    return json.loads(sample(version, name))


def sample_names(version: str, folder: str, ending: str) -> list[str]:
    """The samples of a folder, none where there are no files of ORCID's."""
    files = sorted((_FOLDER / "samples" / version / folder).glob(f"*.{ending}")) if _FOLDER else []
    return [f"{folder}/{file.name}" for file in files]


def schema_file(version: str, name: str) -> bytes:
    """A schema by its path below the schemas of a version."""
    return ((_FOLDER or _NOWHERE) / "xsd" / version / name).read_bytes()


def schema_errors(version: str, document: bytes) -> list[str]:
    """What in a document breaks ORCID's schema of a version."""
    root = etree.fromstring(document)
    schema = _schema(version, str(etree.QName(root).namespace).removeprefix(NAMESPACE))
    schema.validate(root)
    return [str(error.message) for error in schema.error_log]


@cache
def _schema(version: str, prefix: str) -> etree.XMLSchema:
    number = version.removeprefix("v")
    folders = {"group-id": f"group-id-{number}", "notification": f"notification_{number}"}
    folder = folders.get(prefix, f"record_{number}")
    stems = {"external-identifier": "person-external-identifier", "notification": "notification-permission"}
    stem = stems.get(prefix, prefix)
    return etree.XMLSchema(etree.parse((_FOLDER or _NOWHERE) / "xsd" / version / folder / f"{stem}-{number}.xsd"))
