"""The Dockerfile as data, and its steps carried out without a container engine: in a folder in place of the root.

It reads as much of the format as our file uses, and nothing else (`make lint` holds the file to hadolint's parser too).
A step may name absolute paths in ENV, WORKDIR and COPY, where they are put under that folder; in RUN only through the
variables of ENV.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from string import Template

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
SIDE = ("ARG", "LABEL", "USER", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT")
"""What changes no file."""


@dataclass(frozen=True)
class Step:
    """One instruction: `words` are those of a JSON form or of a list; a shell line is one word."""

    kind: str
    flags: tuple[str, ...]
    words: tuple[str, ...]
    is_json: bool
    text: str

    @property
    def source(self) -> str | None:
        """The stage that a COPY takes from; None for what is beside the Dockerfile."""
        return next((flag.partition("=")[2] for flag in self.flags if flag.startswith("--from=")), None)


@dataclass(frozen=True)
class Stage:
    """One FROM with what follows it."""

    image: str
    name: str
    steps: tuple[Step, ...]

    def all(self, kind: str) -> list[Step]:
        """The steps of one kind."""
        return [step for step in self.steps if step.kind == kind]

    @cached_property
    def environment(self) -> dict[str, str]:
        """What ENV sets."""
        pairs = (word.partition("=") for step in self.all("ENV") for word in step.words)
        return {name: value for name, _, value in pairs}


@dataclass(frozen=True)
class Recipe:
    """A Dockerfile: what stands before the first FROM, and its stages."""

    arguments: dict[str, str | None]
    stages: tuple[Stage, ...]

    def stage(self, name: str) -> Stage:
        """The stage of that name; the last one has none."""
        return next(stage for stage in self.stages if stage.name == name)


def read_recipe(path: Path = DOCKERFILE) -> Recipe:
    """The stages of a Dockerfile; raises `AssertionError` naming a line that this does not understand."""
    arguments: dict[str, str | None] = {}
    stages: list[tuple[tuple[str, ...], list[Step]]] = []
    for step in _steps(path.read_text("utf-8")):
        if step.kind == "FROM":
            stages.append((step.words, []))
        elif stages:
            stages[-1][1].append(step)
        else:
            name, given, value = step.words[0].partition("=")
            arguments[name] = value if given else None
    return Recipe(
        arguments,
        tuple(Stage(words[0], words[2] if len(words) > 1 else "", tuple(steps)) for words, steps in stages),
    )


def _steps(text: str) -> Iterator[Step]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for whole in re.sub(r"\\\n", "\0", "\n".join(lines)).splitlines():
        match = re.fullmatch(r"([A-Z]+) +((?:--[a-z-]+=\S+[ \0]+)*)(\S.*)", whole)
        assert match is not None, f"not understood: {whole}"
        kind, flags, rest = match[1], match[2].replace("\0", " "), match[3].replace("\0", " ")
        assert "<<" not in rest, f"not understood: {rest}"
        is_json = rest.startswith("[")
        words = json.loads(rest) if is_json else [rest] if kind == "RUN" else shlex.split(rest)
        yield Step(kind, tuple(flags.split()), tuple(words), is_json, whole.replace("\0", "\\\n"))


@dataclass
class Machine:
    """Carries out stages one after the other, each in the same folder, which then gets the stage's name.

    A virtual environment is good for the place where it was made; so the last stage comes to stand where its builder
    stood. `interpreter` is the `python3` of the build stage.
    """

    folder: Path
    interpreter: Path
    built: dict[str, Path] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """Where the present stage has its root."""
        return self.folder / "root"

    def begin(self, files: Mapping[str, str]) -> None:
        """An empty root with what our steps expect of an image: a place for interpreters, and these files."""
        for path, target in {"usr/bin/.keep": "", "opt/.keep": "", **files}.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(target)

    def carry_out(self, stage: Stage) -> None:
        """Every step; raises `subprocess.CalledProcessError` with the output of a RUN that fails."""
        self.work = self.root
        for step in stage.steps:
            if step.kind == "WORKDIR":
                self.work = self.at(step.words[0])
                self.work.mkdir(parents=True, exist_ok=True)
            elif step.kind == "COPY":
                self._copy(step)
            elif step.kind == "RUN":
                self._run(step, stage.environment)
            else:
                assert step.kind in {*SIDE, "ENV"}, f"not known here: {step.text}"

    def end(self, name: str) -> None:
        """Puts the present root aside under the stage's name."""
        self.built[name] = self.folder / name
        self.root.rename(self.built[name])

    def at(self, path: str) -> Path:
        """Where a path of the image is."""
        return self.root / path.lstrip("/") if path.startswith("/") else self.work / path

    def _copy(self, step: Step) -> None:
        *sources, target = step.words
        of = step.source
        into = self.at(target)
        for source in sources:
            found = self.built[of] / source.lstrip("/") if of else ROOT / source
            if found.is_dir():
                # What a stage made changes no more: a link to it is as good as a copy, and quicker.
                ignore, copy = (None, os.link) if of else (shutil.ignore_patterns("__pycache__"), shutil.copyfile)
                shutil.copytree(found, into, symlinks=True, dirs_exist_ok=True, ignore=ignore, copy_function=copy)
            else:
                place = into / found.name if target.endswith("/") else into
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(found, place)

    def _run(self, step: Step, environment: Mapping[str, str]) -> None:
        words = list(step.words) if step.is_json else ["/bin/sh", "-ec", step.words[0]]
        program = str(self.at(words[0])) if step.is_json else words[0]
        ran = subprocess.run(
            [program, *words[1:]],
            cwd=self.work,
            env=self.environ(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert ran.returncode == 0, f"{step.text}\n{ran.stdout.decode()[-3000:]}"

    def environ(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Nothing of ours but where packages come from: pip's settings, its cache, the proxy's."""
        kept = {name: value for name, value in os.environ.items() if re.match(r"PIP_|(?i:https?_proxy|no_proxy)", name)}
        under = {
            name: ":".join(str(self.at(one)) if one.startswith("/") else one for one in value.split(":"))
            for name, value in environment.items()
        }
        tools = self.folder / "tools"
        return {"HOME": str(self.folder / "nowhere"), "LANG": "C.UTF-8", **kept, **under} | {
            "PATH": f"{under['PATH']}:/usr/bin:/bin" if "PATH" in under else f"{tools}:/usr/bin:/bin"
        }


def build(folder: Path, interpreter: Path, cache: Path) -> Machine:
    """The image's files, at `root` of what is returned: the build stage and the last one, upon stand-ins for the bases.

    Of a base image only that is there what our steps take from it: a standard library (one module of it) and the
    interpreter that the last stage starts.
    """
    recipe = read_recipe()
    environment = recipe.stage("build").environment
    library, python = environment["LIBRARY"].removeprefix("/base/"), environment["INTERPRETER"].lstrip("/")
    tools = folder / "tools"
    tools.mkdir()
    (tools / "python3").symlink_to(interpreter)
    machine = Machine(folder, interpreter)
    os.environ.setdefault("PIP_CACHE_DIR", str(cache))
    machine.begin({f"{library}/this.py": "print('Namespaces')\n"})
    machine.end("base")
    machine.begin({})
    machine.carry_out(recipe.stage("build"))
    machine.end("build")
    machine.begin({f"{library}/this.py": "print('Namespaces')\n"})
    (machine.root / python).symlink_to(interpreter)
    machine.carry_out(recipe.stages[-1])
    return machine


def copies(recipe: Recipe) -> Iterator[tuple[Stage, str | None, str, str]]:
    """Every COPY as (stage, the stage it takes from, source, target)."""
    for stage in recipe.stages:
        for step in stage.all("COPY"):
            for source in step.words[:-1]:
                yield stage, step.source, source, step.words[-1]


def filled(text: str, arguments: Mapping[str, str | None]) -> str:
    """A text with its ${NAME}s replaced by the defaults of arguments; those without one stay."""
    return Template(text).safe_substitute({name: value for name, value in arguments.items() if value is not None})
