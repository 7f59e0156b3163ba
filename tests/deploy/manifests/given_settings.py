"""Settings: what the containers are given is what the worker reads, and secrets come as files alone."""

import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tests.deploy.manifests.containers import Started, environment, placed
from tests.deploy.manifests.objects import Object, Workload, content, of_kind, ports, told, workloads
from worker.policies import read_mapping
from worker.settings.settings import SECRETS, Settings, SettingsFaults, load_settings, variable_of

NEEDED = ("vault_keys", "client_id", "client_secret", "redirect_uri")
"""What every shape has set, for its pages and its sending."""


def setting_faults(objects: Collection[Object]) -> Iterator[str]:
    """What the worker would refuse, or should not be given in the open; one line each."""
    for workload in workloads(objects):
        for container in workload.containers:
            where = f"{workload}: container {container.get('name')}"
            yield from (f"{where}: {fault}" for fault in _in_the_open(objects, workload, container))
            with tempfile.TemporaryDirectory() as folder:
                started = placed(objects, workload, container, Path(folder))
                faults = _read(started, container)
                yield from (f"{where}: {fault.replace(folder, '')}" for fault in faults)
    for one in of_kind(objects, "ConfigMap"):
        for name in content(one).keys() & {variable_of(secret) for secret in SECRETS} - {variable_of("state_url")}:
            yield f"{told(one)}: {name} is a secret, and a ConfigMap is none"


def _in_the_open(objects: Collection[Object], workload: Workload, container: Object) -> Iterator[str]:
    for one in container.get("env", ()):
        if "secretKeyRef" in one.get("valueFrom", {}):
            yield f"{one['name']} has a secret in the environment: mount it as a file"
        if one["name"] in {variable_of(secret) for secret in SECRETS} and one.get("value"):
            yield f"{one['name']} has a secret as its value: mount it as a file"
    if any("secretRef" in source for source in container.get("envFrom", ())):
        yield "has a Secret in the environment: mount it as files"
    url = environment(objects, workload, container).get(variable_of("state_url"), "")
    if urlsplit(url).password:
        yield f"{variable_of('state_url')} has a password in it: give it as ORCID_SYNC_STATE_PASSWORD_FILE"


def _read(started: Started, container: Object) -> Iterator[str]:
    if not started.environ:
        return
    try:
        settings = load_settings(started.environ, needs=NEEDED)
        read_mapping(settings)
    except SettingsFaults as error:
        yield from error.faults
        return
    yield from _web(settings, container)


def _web(settings: Settings, container: Object) -> Iterator[str]:
    if settings.web_bind.is_loopback:
        yield f"{variable_of('web_bind')}: {settings.web_bind} answers no probe from outside the pod"
    if ports(container).get("web") != settings.web_bind.port:
        yield f"its port web is not the one that {variable_of('web_bind')} ({settings.web_bind}) opens"
    if settings.log_format != "json":
        yield f"{variable_of('log_format')} is not json"
