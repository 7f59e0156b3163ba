"""Setting sources: finds the raw value of each setting in the environment, a TOML file and the files of secrets."""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mappers.secret import Secret

PREFIX = "ORCID_SYNC_"
LARGEST = 4 * 1024 * 1024
"""Bytes of a file with settings, a secret or the mapping that are read: /dev/zero has no end."""

# Kubernetes gives every container variables about the services beside it (ORCID_SYNC_PORT=tcp://10.0.0.7:8080 for
# one that is called orcid-sync): no settings of ours, and no fault of the operator's.
_SERVICE_LINK = re.compile(
    r"ORCID_SYNC_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
_SERVICE_URL = re.compile(r"(tcp|udp|sctp)://\S+")


@dataclass(frozen=True, slots=True)
class Raw:
    """A value as it was found, and the name one finds it under."""

    value: Any
    where: str


@dataclass
class Found:
    """Raw values by variable, and what was wrong with where they stood; `unread`: a secret's file told nothing."""

    values: dict[str, Raw] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)


def find(names: Collection[str], secrets: Collection[str], environ: Mapping[str, str], config: Path | None) -> Found:
    """The raw values of these variables; the environment goes before the file. Values of secrets come as Secret."""
    found = Found()
    given = {name: text for name, text in environ.items() if name.startswith(PREFIX) and not _is_link(name, text)}
    for origin, values in ((f" (in {config})", _read(config, found)), ("", given)):
        _take(names, secrets, values, origin, found)
    return found


def _is_link(name: str, text: str) -> bool:
    of_url = name.endswith("_PORT") and _SERVICE_URL.fullmatch(text) is not None
    return of_url or _SERVICE_LINK.fullmatch(name) is not None


def _read(config: Path | None, found: Found) -> Mapping[str, Any]:
    if config is None:
        return {}
    try:
        return tomllib.loads(read_bounded(config))
    except OSError as error:
        found.faults.append(f"--config: {config} cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        found.faults.append(f"--config: {config} is not UTF-8 text")
    except RecursionError:
        found.faults.append(f"--config: {config} is not TOML: it is nested too deep")
    except ValueError as error:  # not TOML, or too large
        found.faults.append(f"--config: {config} is not TOML: {error}")
    return {}


def read_bounded(file: Path) -> str:
    """The UTF-8 text of a file with settings; raises OSError, or ValueError for other bytes and for too many."""
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"it has more than {LARGEST} bytes")
    return content.decode("utf-8").replace("\r\n", "\n")


def _take(
    names: Collection[str], secrets: Collection[str], values: Mapping[str, Any], origin: str, found: Found
) -> None:
    files = {f"{name}_FILE": name for name in secrets}
    for variable in sorted(values):
        value, where = values[variable], f"{variable}{origin}"
        if variable in files and value == "":
            continue  # deployments hand on variables that nobody set
        if variable in files:
            name = files[variable]
            if name in values:
                found.faults.append(f"{where}: {name} is given as well: keep one of the two")
                continue
            _take_file(name, where, value, found)
        elif variable not in names:
            found.faults.append(f"{where}: is no setting of orcid-sync{_suggestion(variable, {*names, *files})}")
        elif not _is_simple(value):
            found.faults.append(f"{where}: is not text, a number or a list of texts: write it in quotes")
        else:
            found.values[variable] = Raw(_sealed(value) if variable in secrets else value, where)


def _take_file(name: str, where: str, value: Any, found: Found) -> None:
    # The path is not told: it may be the secret itself, put here by mistake.
    found.unread.add(name)
    try:
        text = read_bounded(Path(str(value)))
    except OSError as error:
        found.faults.append(f"{where}: the file it names cannot be read ({error.strerror}): give the path of one")
    except ValueError:
        found.faults.append(f"{where}: it does not name a file of UTF-8 text")
    else:
        text = text.removesuffix("\n").removesuffix("\r")
        found.values[name] = Raw(Secret(text), where)
        found.unread.discard(name)


def _is_simple(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _sealed(value: Any) -> Secret:
    return Secret(",".join(value) if isinstance(value, list) else str(value))


def _suggestion(variable: str, names: Collection[str]) -> str:
    asked = variable.upper() if variable.upper().startswith(PREFIX) else PREFIX + variable.upper()
    close = get_close_matches(asked, sorted(names), n=1, cutoff=0.75)
    return f": did you mean {close[0]}?" if close else ": take it away (README.md lists the settings)"
