"""Wiring: the real parts behind the ports, put together by the settings."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from mappers.forms import Form, Format, Version
from mappers.mapping_file import MappingFile
from mappers.sections import Section
from state.facts import Binding
from state.moving.handover import refuse_handed_over
from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault
from worker.company import Company
from worker.intake.beside import mark_of
from worker.intake.intake import Intake, Tempo
from worker.kafka.access import KafkaAccess
from worker.kafka.dead_letter_topic import DeadLetterTopic
from worker.kafka.source import KafkaSource
from worker.kafka.subscription import Subscription
from worker.permission.asking import Asker, Manner
from worker.permission.consents import Asking, Consents
from worker.permission.links import Links, connect_address
from worker.permission.notification import Language
from worker.permission.scopes import needed_scopes
from worker.planning.guarding import Limits
from worker.policies import DAY, heed_policy, make_policy, read_mapping, visibilities
from worker.ports import Clock, EventSource
from worker.recording.guard import recount
from worker.sending.lanes import ThreadLanes
from worker.sending.orcid_client import OrcidClient, OwnAccess
from worker.settings.settings import Settings, SettingsFaults, variable_of
from worker.tracing.sinks import can_send, open_sink
from worker.tracing.traces import Traces
from worker.turning.desk import Desk
from worker.turning.loop import Loop
from worker.turning.pace import Pace
from worker.watching.tally import Tally

if TYPE_CHECKING:
    from state.postgres.store import PostgresStore

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
    company: Company

    def people_left(self) -> int:
        """How many people are on the agenda."""
        return self.store.agenda.all_due()


def open_store(settings: Settings, *, keys_lost: bool = False) -> "SqliteStore | PostgresStore":
    """The state, bound to its ORCID. Raises SettingsFaults, or StoreError when it cannot be used.

    With `keys_lost` it opens with keys that are not its own.
    """
    store = open_any_store(settings, keys_lost=keys_lost)
    try:
        refuse_handed_over(store, store.engine.name)
    except BaseException:
        store.close()
        raise
    return store


def open_any_store(settings: Settings, *, keys_lost: bool = False) -> "SqliteStore | PostgresStore":
    """As `open_store`, and also what was handed over to another store: to be copied."""
    settings.require("vault_keys")
    check_settings(settings)
    vault = Vault([key.reveal() for key in settings.vault_keys])
    if settings.sqlite_path is not None:
        return SqliteStore(settings.sqlite_path, vault, time.time, keys_lost=keys_lost)
    from state.postgres.store import PostgresStore

    return PostgresStore(settings.state_url.reveal(), vault, password=settings.state_password, keys_lost=keys_lost)


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


def consents_of(settings: Settings, store: Store) -> Consents:
    """Walks to a permission. Raises SettingsFaults without a client id."""
    settings.require("client_id")
    mapping = read_mapping(settings)
    off = [section for section, entry in mapping.sections.items() if not entry.enabled]
    return Consents(
        store,
        Links(Vault([key.reveal() for key in settings.vault_keys]).derived(b"orcid-sync links")),
        Asking(
            auth_url=settings.auth_url,
            client_id=settings.client_id or "",
            redirect_uri=settings.redirect_uri or "",
            scopes=needed_scopes(list(Section), off, Version(settings.api_version)),
            call_seconds=settings.call_seconds,
        ),
    )


@contextmanager
def asking(settings: Settings, store: Store, pages: str) -> Iterator[Asker]:
    """What asks for permission in researchers' inboxes, with a connection of its own; `pages` is our pages' address.

    Raises SettingsFaults.
    """
    mapping, links = read_mapping(settings), consents_of(settings, store).links
    own = OwnAccess(settings.auth_url, settings.client_id or "", settings.client_secret)
    manner = Manner(
        version=Version(settings.api_version),
        institution=mapping.name,
        again_seconds=settings.ask_again_days * DAY,
        rate=settings.requests_per_second,
        burst=settings.burst,
        call_seconds=settings.call_seconds,
    )

    def link(person: str, language: Language) -> str:
        signed = links.person_link(person, store.now() + settings.link_days * DAY)
        return connect_address(pages, signed, language)

    client = OrcidClient(settings.api_url, own, 1)
    try:
        yield Asker(store, client, make_policy(settings, mapping, store), manner, link)
    finally:
        client.close()


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
        ssl_password=settings.kafka_ssl_password,
    )


def kafka_source(settings: Settings, store: Store) -> KafkaSource:
    """The topics, read on from the store's positions."""
    subscription = Subscription(topics=settings.kafka_topics, group_id=settings.kafka_group_id)
    return KafkaSource(kafka_access(settings), subscription, store.logs.position)


def check_settings(settings: Settings) -> None:
    """Raises SettingsFaults with all that this version does not support, and all that is wrong in the mapping file."""
    faults = _state_faults(settings)
    try:
        read_mapping(settings)
    except SettingsFaults as error:
        faults += error.faults
    if settings.traces_url is not None and not can_send():
        without = "is set, but this installation cannot send traces"
        faults.append(f"{variable_of('traces_url')}: {without}: pip install 'orcid-sync[traces]'")
    if faults:
        raise SettingsFaults(faults)


def _state_faults(settings: Settings) -> list[str]:
    if settings.sqlite_path is not None:
        return []
    from state.postgres.pool import read_url

    try:
        read_url(settings.state_url.reveal())
    except ValueError as error:
        return [f"{variable_of('state_url')}: {error}"]
    return []


def _pace(settings: Settings, mapping: MappingFile) -> Pace:
    """How fast, for how long and in which form records are written."""
    return Pace(
        rate=settings.requests_per_second,
        burst=settings.burst,
        call_seconds=settings.call_seconds,
        retry_base=settings.retry_base_seconds,
        retry_max=settings.retry_max_seconds,
        form=Form(Version(settings.api_version), Format(settings.format)),
        visibilities=visibilities(settings, mapping),
    )


def refuse_unwritable(store: Store) -> None:
    """Raises StoreError for a state that can only be read, also where nothing turns out to be written today."""
    store.notes.put("nothing", None)


@contextmanager
def wired(
    settings: Settings,
    store: Store,
    source: EventSource,
    *,
    tempo: Tempo,
    tally: Tally | None = None,
) -> Iterator[Worker]:
    """A worker on the real parts; at its end calls in flight are waited for, a deadline long.

    What it does is counted in `tally`.
    """
    bind(store, settings)
    refuse_unwritable(store)
    mapping = read_mapping(settings)
    policy = make_policy(settings, mapping, store)
    heed_policy(store, policy)
    limits = Limits(settings.max_removals, settings.max_removal_share)
    recount(store, limits)
    tally = Tally() if tally is None else tally
    own = OwnAccess(settings.auth_url, settings.client_id or "", settings.client_secret)
    lanes = ThreadLanes(OrcidClient(settings.api_url, own, LANES), LANES)
    topic = DeadLetterTopic(kafka_access(settings), settings.dead_letter_topic) if settings.dead_letter_topic else None
    holder = uuid4().hex
    traces = Traces(store, open_sink(settings.traces_url, tally, holder), store.now)
    intake = Intake(store, mapping, tempo, topic, settings.max_rewrites, policy=policy, traces=traces)
    desk = Desk(
        store=store,
        lanes=lanes,
        policy=policy,
        pace=_pace(settings, mapping),
        client_id=settings.client_id or "",
        holder=holder,
        chance=random.random,
        tally=tally,
        limits=limits,
        traces=traces,
    )
    loop = Loop(store=store, source=source, lanes=lanes, intake=intake, desk=desk, tally=tally)
    company = Company(store, holder, mark_of(mapping, policy))
    try:
        yield Worker(loop, intake, desk, tally, store, store, company)
    finally:
        loop.stop(store.now, settings.call_seconds)
        lanes.close(1.0)
        traces.close()
        if topic is not None:
            topic.close()
