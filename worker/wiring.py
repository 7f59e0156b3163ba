"""Wiring: the real parts behind the ports, put together by the settings."""

import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import structlog

from mappers.mapping_file import EMPTY, MappingFaults, MappingFile, parse_mapping
from state.facts import Binding
from state.sqlite_store import SqliteStore
from state.store import Store
from state.vault import Vault
from worker.intake.intake import Intake, Tempo
from worker.kafka.access import KafkaAccess
from worker.kafka.dead_letter_topic import DeadLetterTopic
from worker.kafka.source import KafkaSource
from worker.kafka.subscription import Subscription
from worker.machine_clock import MachineClock
from worker.note_names import FIRST_SEND, POLICY, RECOVERY
from worker.planning.policy import Policy
from worker.ports import Clock, EventSource
from worker.sending.lanes import ThreadLanes
from worker.sending.orcid_client import OrcidClient
from worker.settings.settings import Settings, SettingsFaults, variable_of
from worker.turning.desk import Desk, Pace
from worker.turning.loop import Loop
from worker.watching.tally import Tally

NOT_YET = ("max_removals", "max_removal_share", "max_rewrites", "removed_by_researcher")
"""Settings of the contract that are checked and have no effect in this version."""

log = structlog.get_logger()

LANES = 12
"""Records written side by side: enough for 24 requests a second at half a second each."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A wired worker."""

    loop: Loop
    intake: Intake
    desk: Desk
    tally: Tally
    clock: Clock
    store: Store

    def people_left(self) -> int:
        """How many people are on the agenda."""
        return self.store.agenda.all_due()


def open_store(settings: Settings) -> Store:
    """The state, bound to its ORCID. Raises SettingsFaults, or StoreError when it cannot be used."""
    settings.require("vault_keys")
    check_settings(settings)
    return SqliteStore(settings.sqlite_path or Path(), Vault([key.reveal() for key in settings.vault_keys]), time.time)


def binding_of(settings: Settings) -> Binding:
    """The ORCID that the settings name; raises SettingsFaults without a client id."""
    settings.require("client_id")
    return Binding(settings.api_url, settings.auth_url, settings.client_id or "")


def bind(store: Store, settings: Settings) -> None:
    """Binds the state to the API, authorization server and client of the settings at first use.

    Raises SettingsFaults when it belongs to others: put-codes and tokens of one ORCID mean nothing to another.
    """
    wanted = binding_of(settings)
    found = store.notes.bind(wanted)
    if found != wanted:
        belongs = f"this state belongs to {found.api_url}, {found.auth_url}, {found.client_id}"
        names = ", ".join(variable_of(name) for name in ("api_url", "auth_url", "client_id"))
        raise SettingsFaults([f"{names}: {belongs}; give these, or move it with `orcid-sync state rebind`"])


def read_mapping(settings: Settings) -> MappingFile:
    """The mapping file; raises SettingsFaults with all its faults."""
    path = settings.mapping_file
    if path is None:
        return EMPTY
    try:
        return parse_mapping(path.read_text("utf-8"))
    except MappingFaults as error:
        raise SettingsFaults([f"{path}: {fault}" for fault in error.faults]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsFaults([f"{path}: cannot be read: {error}"]) from None


def make_policy(settings: Settings, mapping: MappingFile, store: Store) -> Policy:
    """What planning goes by."""
    recovery = store.notes.get(RECOVERY)
    only, held_by = _senders(settings, mapping, store)
    return Policy(
        settle_seconds=settings.settle_seconds,
        namespaces={name: source.namespace for name, source in mapping.sources.items() if source.namespace},
        precedence={name: source.precedence for name, source in mapping.sources.items()},
        list_since=float(recovery) if recovery else None,
        only=only,
        held_by=held_by,
    )


def _heed_policy(store: Store, policy: Policy) -> None:
    """Puts everybody on the agenda when they may be planned otherwise now: other senders, precedence or namespaces."""
    said = json.dumps(
        [
            sorted(policy.namespaces.items()),
            sorted(policy.precedence.items()),
            sorted(policy.only or ()),
            policy.held_by,
        ]
    )
    current = sha256(said.encode()).hexdigest()[:16]
    with store.transaction():
        before = store.notes.get(POLICY)
        if before != current:
            store.notes.put(POLICY, current)
            for person in store.items.persons() if before is not None else ():
                store.agenda.changed(person, 0.0, 0.0)


def _senders(settings: Settings, mapping: MappingFile, store: Store) -> tuple[frozenset[str] | None, str]:
    """Whom we send for (None: everybody), and why not for others."""
    if settings.is_production and store.notes.get(FIRST_SEND) is None:
        return frozenset(), "nothing is sent to ORCID's production until `orcid-sync approve first-send`"
    match settings.send:
        case "all":
            return None, ""
        case "pilot":
            return frozenset(mapping.pilot.people), "ORCID_SYNC_SEND is pilot, and this person is not in it"
        case "off":
            return frozenset(), "ORCID_SYNC_SEND is off"


def kafka_access(settings: Settings) -> KafkaAccess:
    """How the brokers are reached."""
    return KafkaAccess(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        security_protocol=settings.kafka_security_protocol,
        sasl_mechanism=settings.kafka_sasl_mechanism,
        sasl_username=settings.kafka_sasl_username,
        sasl_password=settings.kafka_sasl_password,
        ssl_cafile=str(settings.kafka_ssl_cafile) if settings.kafka_ssl_cafile else None,
        ssl_certfile=str(settings.kafka_ssl_certfile) if settings.kafka_ssl_certfile else None,
        ssl_keyfile=str(settings.kafka_ssl_keyfile) if settings.kafka_ssl_keyfile else None,
    )


def kafka_source(settings: Settings, store: Store) -> KafkaSource:
    """The topics, read on from the store's positions."""
    subscription = Subscription(topics=settings.kafka_topics, group_id=settings.kafka_group_id)
    return KafkaSource(kafka_access(settings), subscription, store.logs.position)


def check_settings(settings: Settings) -> None:
    """Raises SettingsFaults with all that this version does not support, and all that is wrong in the mapping file.

    Warns of settings that have no effect yet.
    """
    faults = [
        f"{variable_of(name)}: {getattr(settings, name)} is not supported in this version; take {supported}"
        for name, supported in (("api_version", "v3.0"), ("format", "json"))
        if getattr(settings, name) != supported
    ]
    if settings.sqlite_path is None:
        faults.append(f"{variable_of('state_url')}: only sqlite:///path is supported in this version")
    try:
        read_mapping(settings)
    except SettingsFaults as error:
        faults += error.faults
    if faults:
        raise SettingsFaults(faults)
    idle = [variable_of(name) for name in NOT_YET if getattr(settings, name) != Settings.model_fields[name].default]
    if idle:
        log.warning("settings_without_effect", settings=idle, why="this version does not act on them yet")


@contextmanager
def wired(
    settings: Settings, store: Store, source: EventSource, *, tempo: Tempo, grace: float = 0.0
) -> Iterator[Worker]:
    """A worker on the real parts; at its end calls in flight are waited for, a deadline and `grace` seconds long."""
    bind(store, settings)
    mapping = read_mapping(settings)
    policy = make_policy(settings, mapping, store)
    _heed_policy(store, policy)
    clock, tally = MachineClock(), Tally()
    lanes = ThreadLanes(OrcidClient(settings.api_url, LANES), LANES)
    topic = DeadLetterTopic(kafka_access(settings), settings.dead_letter_topic) if settings.dead_letter_topic else None
    intake = Intake(store, mapping, tempo, topic)
    desk = Desk(
        store=store,
        lanes=lanes,
        policy=policy,
        pace=Pace(
            rate=settings.requests_per_second,
            burst=settings.burst,
            call_seconds=settings.call_seconds,
            retry_base=settings.retry_base_seconds,
            retry_max=settings.retry_max_seconds,
            version=settings.api_version,
            visibility=settings.visibility,
        ),
        client_id=settings.client_id or "",
        holder=uuid4().hex,
        chance=random.random,
        tally=tally,
    )
    loop = Loop(store=store, source=source, lanes=lanes, intake=intake, desk=desk, tally=tally)
    try:
        yield Worker(loop, intake, desk, tally, clock, store)
    finally:
        loop.stop(clock.now, settings.call_seconds + grace)
        lanes.close(1.0)
        if topic is not None:
            topic.close()
