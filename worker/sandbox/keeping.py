"""What the stand-in keeps in a file from one run to the next: what ORCID would have in its database.

Records with their inboxes, clients, permissions, group-id records and the numbers given out. Faults, limits and what
else the control API sets are of one run, and so are sessions, the history that stale lists show, and the statistics.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from worker.sandbox.grants import Client, Code, Grant
from worker.sandbox.groups import GroupIdRecord
from worker.sandbox.inbox import Inbox
from worker.sandbox.records import Item, Record, RecordState
from worker.sandbox.sandbox import Sandbox, UnusableError


@dataclass(frozen=True, slots=True)
class _KeptRecord:
    orcid: str
    name: str | None
    visibility: str
    state: RecordState
    primary: str | None
    email: str | None
    inbox: Inbox
    items: list[Item]


@dataclass(frozen=True, slots=True)
class _Kept:
    last_put_code: int
    last_change: int
    records: list[_KeptRecord]
    clients: list[Client]
    grants: list[Grant]
    codes: list[Code]
    groups: list[GroupIdRecord]


_FORM: Final = TypeAdapter(_Kept)


def keep(sandbox: Sandbox, path: Path) -> None:
    """Writes the file anew: the old one stays whole until the new one is. Only its owner may read it (tokens).

    Raises `OSError` when it cannot be written.
    """
    with sandbox.lock:
        content = _FORM.dump_json(_kept(sandbox), indent=1)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    with new.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    new.replace(path)


def recall(sandbox: Sandbox, path: Path) -> None:
    """Lets a new stand-in have what the file says; a file that is not there says nothing.

    Raises `OSError` when it cannot be read and `UnusableError` when it is no such file.
    """
    if not path.exists():
        return
    try:
        kept = _FORM.validate_json(path.read_bytes())
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise UnusableError(f"{path}: not a file of the stand-in: {where}: {fault['msg']}") from None
    with sandbox.lock:
        sandbox.go_on_from(kept.last_put_code, kept.last_change)
        for one in kept.records:
            record = sandbox.create_record(one.orcid, one.name, one.visibility)
            record.state, record.primary, record.email, record.inbox = one.state, one.primary, one.email, one.inbox
            record.fill(one.items)
        sandbox.grants.fill(kept.clients, kept.grants, kept.codes)
        sandbox.groups.fill(kept.groups)


def _kept(sandbox: Sandbox) -> _Kept:
    return _Kept(
        last_put_code=sandbox.next_put_code(),
        last_change=sandbox.tick(),
        records=[_kept_record(record) for record in sandbox.records.values()],
        clients=[*sandbox.grants.clients.values()],
        grants=sandbox.grants.all(),
        codes=sandbox.grants.codes(),
        groups=sandbox.groups.all(),
    )


def _kept_record(record: Record) -> _KeptRecord:
    return _KeptRecord(
        record.orcid,
        record.name,
        record.visibility,
        record.state,
        record.primary,
        record.email,
        record.inbox,
        record.items(),
    )
