"""Containers: the environment and the files a process would find, put under a folder of this machine."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.manifests.objects import Object, Workload, content, named

_VARIABLE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")


@dataclass(frozen=True, slots=True)
class Started:
    """How a container's process is started on this machine."""

    words: Sequence[str]
    environ: Mapping[str, str]


def environment(objects: Collection[Object], workload: Workload, container: Object) -> dict[str, str]:
    """The variables that the container gets, those of Secrets left out: what is not there is no variable."""
    found: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        held = named(objects, "ConfigMap", source.get("configMapRef", {}).get("name", ""))
        found |= {} if held is None else content(held)
    for one in container.get("env", ()):
        if "value" in one:
            found[one["name"]] = expanded(one["value"], found)
    return found


def expanded(text: str, values: Mapping[str, str]) -> str:
    """`$(NAME)` as Kubernetes replaces it in arguments and values; an unknown one stays."""
    return _VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)


def placed(objects: Collection[Object], workload: Workload, container: Object, root: Path) -> Started:
    """Puts what the container mounts under `root`, with the words and variables that name it there."""
    volumes = {volume["name"]: volume for volume in workload.pod.get("volumes", ())}
    places = [mount["mountPath"] for mount in container.get("volumeMounts", ())]
    for mount in container.get("volumeMounts", ()):
        folder = root / mount["mountPath"].lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in _files(objects, volumes.get(mount["name"], {})).items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o400)
    pattern = re.compile("|".join(f"(?<![A-Za-z0-9]){re.escape(place)}(?=/|$)" for place in places) or r"(?!)")

    def moved(text: str) -> str:
        return pattern.sub(lambda match: f"{root}{match[0]}", text)

    given = environment(objects, workload, container)
    words = [moved(expanded(word, given)) for word in (*container.get("command", ()), *container.get("args", ()))]
    return Started(words, {name: moved(value) for name, value in given.items()})


def _files(objects: Collection[Object], volume: Object) -> Mapping[str, str]:
    asked = volume.get("configMap", {}).get("name"), volume.get("secret", {}).get("secretName")
    for kind, name in zip(("ConfigMap", "Secret"), asked, strict=True):
        if name is not None and (held := named(objects, kind, name)) is not None:
            return content(held)
    return {}
