"""deploy/compose.yaml as data: its services, what each is given, and where that is on this machine."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.stages import ROOT

DEPLOY = ROOT / "deploy"
FILE = DEPLOY / "compose.yaml"
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


@dataclass(frozen=True)
class Service:
    """One service, with what its anchors brought."""

    name: str
    raw: Mapping[str, Any]

    @property
    def image(self) -> str:
        """Its image as it is written, with variables."""
        return str(self.raw["image"])

    @property
    def is_ours(self) -> bool:
        """Whether our image runs."""
        return "ORCID_SYNC_IMAGE" in self.image

    @property
    def ends(self) -> bool:
        """Whether it does one thing, and ends."""
        return str(self.raw["restart"]).startswith("on-failure")

    @property
    def command(self) -> list[str]:
        """The words behind its entry point."""
        return [str(word) for word in self.raw.get("command", [])]

    @property
    def environment(self) -> dict[str, str]:
        """What it is given, as text."""
        return {name: str(value) for name, value in self.raw.get("environment", {}).items()}

    @property
    def binds(self) -> dict[str, tuple[Path, str]]:
        """What of deploy/ it sees: the path in the container, the file or folder here, and how (`ro`)."""
        parts = [volume.split(":") for volume in self.raw.get("volumes", []) if volume.startswith(".")]
        return {target: (DEPLOY / source, mode) for source, target, mode in parts}

    @property
    def volumes(self) -> dict[str, str]:
        """Named volumes by the path in the container."""
        parts = [volume.split(":") for volume in self.raw.get("volumes", []) if not volume.startswith(".")]
        return {part[1]: part[0] for part in parts}

    @property
    def ports(self) -> list[str]:
        """What it publishes."""
        return [str(port) for port in self.raw.get("ports", [])]


@dataclass(frozen=True)
class FirstLook:
    """The whole file."""

    raw: Mapping[str, Any]

    @cached_property
    def services(self) -> dict[str, Service]:
        """All services by name."""
        return {name: Service(name, raw) for name, raw in self.raw["services"].items()}

    def settings_of(self, name: str, secrets: Path) -> dict[str, str]:
        """A service's environment with the files that it names where they are here; `secrets` is their folder."""
        service = self.services[name]
        here = {target: str(source) for target, (source, _) in service.binds.items()}
        here |= {f"/run/secrets/{secret}": str(secrets / secret) for secret in service.raw.get("secrets", [])}
        return {key: here.get(value, value) for key, value in service.environment.items()}


def read_first_look() -> FirstLook:
    """deploy/compose.yaml, its anchors merged."""
    return FirstLook(yaml.safe_load(FILE.read_text("utf-8")))


def without_variables(text: str) -> str:
    """A text in which every variable has its default."""
    return _VARIABLE.sub(lambda match: match[2] or "", text)


def make_secrets(folder: Path) -> Path:
    """What deploy/make-secrets makes, in a folder of its own."""
    script = folder / "make-secrets"
    if not script.exists():
        script.write_bytes((DEPLOY / "make-secrets").read_bytes())
        script.chmod(0o755)
    subprocess.run([script], check=True, capture_output=True)
    return folder / "secrets"
