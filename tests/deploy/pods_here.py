"""Pods on this machine: the processes of a built overlay, started with the very words, settings and files it gives."""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx

from tests.daemon.daemons import Daemon
from tests.deploy.manifests.containers import placed
from tests.deploy.manifests.objects import Object, Workload, content, of_kind, ports, workloads
from tests.kafka.brokers import free_port
from tests.leaks.scanner import INPUTS
from tests.leaks.watch import WATCH

PATIENCE = 60.0


@dataclass
class Cluster:
    """A built overlay, and the folder that stands for its nodes' disks."""

    objects: list[Object]
    folder: Path

    def give(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """What is another on this machine: settings, and the contents of secrets."""
        for one in of_kind(self.objects, "ConfigMap"):
            if "ORCID_SYNC_WEB_BIND" in content(one):
                one["data"] |= settings
        for one in of_kind(self.objects, "Secret"):
            one["data"] |= {name: base64.b64encode(text.encode()).decode() for name, text in secrets.items()}

    def pod(self, name: str) -> "Pod":
        """A pod of this workload, not started; its port is a free one of this machine."""
        (workload,) = (one for one in workloads(self.objects) if one.name == name)
        (container,) = workload.containers
        port, offered = free_port(), container["ports"][0]
        words = [str(port) if word == str(offered["containerPort"]) else word for word in container["args"]]
        offered["containerPort"], container["args"] = port, words
        if container.get("envFrom"):
            self.give({"ORCID_SYNC_WEB_BIND": f"0.0.0.0:{port}"}, {})
        root = self.folder / INPUTS / f"{name}-{port}"
        started = placed(self.objects, workload, container, root)
        environ = {"PATH": os.environ["PATH"], "TMPDIR": str(root / "tmp"), **started.environ}
        WATCH.environment(environ)
        return Pod(workload, container, Daemon(environ, self.folder / f"{name}-{port}.log", started.words), root)


@dataclass
class Pod:
    """One container's process."""

    workload: Workload
    container: Object
    process: Daemon
    root: Path

    def probe(self, name: str) -> int | None:
        """The status that a probe of the container gets; None where nobody answers."""
        asked: Any = self.container[name]["httpGet"]
        port = ports(self.container)[asked["port"]]
        try:
            return httpx.get(f"http://127.0.0.1:{port}{asked['path']}", timeout=5, trust_env=False).status_code
        except httpx.TransportError:
            return None

    def until_ready(self) -> None:
        """Waits as the kubelet does: until it has started, then until it is alive and ready."""
        for name in ("startupProbe", "livenessProbe", "readinessProbe"):
            deadline = monotonic() + PATIENCE
            while (status := self.probe(name)) != 200:
                assert self.process.runs, f"it ended before its {name} was answered: {self.process.tail()}"
                assert monotonic() < deadline, f"{name}: {status}: {self.process.tail()}"
                sleep(0.02)

    def until_done(self) -> int:
        """Waits for the end of what ends; its exit code."""
        assert self.process.process is not None, "it was not started"
        return self.process.process.wait(PATIENCE)
