"""The play: permissions, a log, the same log again, a change, a removal; in each form, against stand-ins of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

from mappers.events.faults import BadEvent
from mappers.events.messages import Place
from mappers.events.permissions import parse_grant
from mappers.forms import Form, Format, Version
from state.store import Store
from state.vault import new_key
from worker.permission.grants import Permissions, grant_of
from worker.replaying import How, Ran, Watch, replay
from worker.sandbox.control_client import InboxMessage, SandboxControl, WholeRecord
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET
from worker.sandbox.server import start_sandbox
from worker.settings.settings import Settings, load_settings
from worker.sources.logs import LogSource
from worker.wiring import open_store

PEOPLE = {
    "E1024": ("0000-0002-1825-0097", "Sofia Garcia"),
    "E2048": ("0000-0001-5109-3700", "Aoife O'Neill"),
    "E4096": ("0000-0002-9079-593X", "Mikkel Larsen"),
}
"""Who gives permission: person, ORCID iD, name. A fourth person in the log has not yet."""

FORMS = tuple(Form(version, format_) for version in (Version.V3_0, Version.V2_1) for format_ in Format)
"""Every form that documents are sent in."""


@dataclass(frozen=True, slots=True)
class Stage:
    """All that the play needs: settings, the state, and a hold on the stand-in."""

    settings: Settings
    store: Store
    control: SandboxControl

    def switched(self, form: Form) -> "Stage":
        """The same state, for a worker that is set to another form."""
        changed = {"api_version": form.version.value, "format": form.format.value}
        return replace(self, settings=self.settings.model_copy(update=changed))

    def connect(self) -> int:
        """The people give permission, as by `permission import`; returns how many."""
        for person, (orcid, name) in PEOPLE.items():
            self.control.create_record(orcid, name=name)
            response = self.control.grant(orcid, name=name)
            line = json.dumps({"person_id": person, **response}).encode()
            grant = parse_grant(line, Place("demo", 1), self.store.now())
            if isinstance(grant, BadEvent):
                raise TypeError(grant.message)
            with self.store.transaction():
                Permissions(self.store).grant(grant_of(grant))
        return len(PEOPLE)

    def play(self, act: str, watch: Watch) -> Ran:
        """Replays one of the built-in logs."""
        with as_file(files("worker.demo") / act) as log:
            source = LogSource([str(log)])
            try:
                return replay(self.settings, self.store, source, How(wait=10.0), watch)
            finally:
                source.close()

    def record(self, orcid: str) -> WholeRecord:
        """What is on a record now."""
        return self.control.record(orcid)

    def inbox(self, orcid: str) -> list[InboxMessage]:
        """What its researcher was told."""
        return self.control.inbox(orcid)


@contextmanager
def stage(form: Form) -> Iterator[Stage]:
    """Sets the stage: a stand-in on a free port, a state in a folder of its own. Nothing of it stays."""
    with TemporaryDirectory(prefix="orcid-sync-demo-") as folder, start_sandbox() as sandbox:
        settings = load_settings(
            {
                "ORCID_SYNC_API_URL": sandbox.base_url,
                "ORCID_SYNC_AUTH_URL": sandbox.base_url,
                "ORCID_SYNC_API_VERSION": form.version,
                "ORCID_SYNC_FORMAT": form.format,
                "ORCID_SYNC_CLIENT_ID": CLIENT_ID,
                "ORCID_SYNC_CLIENT_SECRET": CLIENT_SECRET,
                "ORCID_SYNC_STATE_URL": f"sqlite:///{Path(folder) / 'demo.db'}",
                "ORCID_SYNC_VAULT_KEYS": new_key(),
            }
        )
        store = open_store(settings)
        try:
            with SandboxControl(sandbox.base_url) as control:
                yield Stage(settings, store, control)
        finally:
            store.close()
