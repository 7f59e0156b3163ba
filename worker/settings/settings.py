"""Settings: all that an operator can set (CONTRACT.md section 3), checked at once, frozen then."""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from mappers.events.faults import escaped
from mappers.secret import Secret
from worker.settings.kafka_settings import BY_PACKAGE, WITH_PASSWORD, kafka_faults
from worker.settings.sources import PREFIX, Found, find
from worker.settings.values import (
    BaseUrl,
    Bind,
    BindAddress,
    CollectorUrl,
    ExistingFile,
    HeaderName,
    SecretText,
    Servers,
    StateUrl,
    Text,
    Topic,
    Topics,
    Url,
    VaultKeys,
    number,
    one_of,
    whole,
)

SECRETS = (
    *("client_secret", "vault_keys", "state_url", "state_password"),
    *("kafka_sasl_password", "kafka_ssl_password", "web_token"),
)
"""Settings that are never shown, and may stand in a file of their own (a database's URL holds its password)."""

SETTLE_FACTOR = 10

CALLBACK = "/callback"
"""What a redirect URI ends in whose answers our own pages take."""

_HOW = {
    "vault_keys": "make a key with `openssl rand -base64 32 | tr '+/' '-_'` and keep a copy where the state is not",
    "client_id": "give the client id of your ORCID member API credentials (APP-…)",
    "client_secret": "give the secret of your ORCID member API credentials, here or in a file named by"
    " ORCID_SYNC_CLIENT_SECRET_FILE",
    "redirect_uri": "give the landing page that is registered with ORCID for your client id",
}


class SettingsFaults(Exception):  # noqa: N818 - several, and each is one line
    """The settings can't be used: all that is wrong with them, one line each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Settings(BaseModel):
    """Each field is the variable ORCID_SYNC_ + its name in capitals; without a value it has the default here."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    api_url: BaseUrl = "https://api.sandbox.orcid.org"
    """Base of ORCID's member API, without version. The sandbox, so that a first try cannot touch a real record."""
    auth_url: BaseUrl = "https://sandbox.orcid.org"
    """Base of ORCID's `/oauth/…`; belongs to the same ORCID as `api_url`."""
    api_version: Annotated[Literal["v3.0", "v2.1"], one_of("v3.0", "v2.1")] = "v3.0"
    """Version of the member API; the older one lacks sections and fields."""
    format: Annotated[Literal["json", "xml"], one_of("json", "xml")] = "json"
    """Form of the documents sent; replies are asked for as JSON anyway."""
    client_id: Text | None = None
    """Our client id at ORCID; everything that sends, or tells our items from others', needs it."""
    client_secret: SecretText | None = None
    """Its secret; what asks ORCID for tokens needs it, so calls under granted tokens do without."""
    redirect_uri: Url | None = None
    """Landing page as registered with ORCID; permission links need it."""
    send: Annotated[Literal["all", "pilot", "off"], one_of("all", "pilot", "off")] = "all"
    """Whose records are written: everybody's, the mapping file's pilot people's, nobody's."""

    state_url: StateUrl = Secret("sqlite:///orcid-sync.db")
    """Where the state is; a file beside us by default. A secret, for a database's URL may hold its password."""
    state_password: SecretText | None = None
    """The password of the database's user, so that the URL needs none; without either, libpq's own ways (.pgpass)."""
    vault_keys: VaultKeys = ()
    """Keys that seal tokens and dead letters at rest, newest first, 32 bytes each. A default would be no secret."""
    mapping_file: ExistingFile | None = None
    """The institution's mapping (TOML); without one, events must name organizations in full."""

    kafka_bootstrap_servers: Servers = ("localhost:9092",)
    """Brokers to ask first, host:port."""
    kafka_topics: Topics = ("hr.events", "publication.events")
    """Topics to read; one that begins with ^ is a pattern, so that new topics are found without a restart."""
    kafka_group_id: Text = "orcid-sync"
    """Consumer group; replicas that share the topics share it."""
    kafka_security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"],
        one_of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL", fold=str.upper),
    ] = "PLAINTEXT"
    """As in kafka-python, like the following; the default is Kafka's own."""
    kafka_sasl_mechanism: Annotated[str, one_of(*WITH_PASSWORD, *BY_PACKAGE)] | None = None
    """How we name ourselves to the brokers; SASL protocols need it."""
    kafka_sasl_username: Text | None = None
    """Who we are to the brokers, with PLAIN and SCRAM."""
    kafka_sasl_password: SecretText | None = None
    """The password of that user."""
    kafka_ssl_cafile: ExistingFile | None = None
    """Certificates that the brokers' are checked with; the system's without it."""
    kafka_ssl_certfile: ExistingFile | None = None
    """Our own certificate, where the brokers ask for one."""
    kafka_ssl_keyfile: ExistingFile | None = None
    """The key of that certificate."""
    kafka_ssl_password: SecretText | None = None
    """What opens that key, when it is locked."""
    dead_letter_topic: Topic | None = None
    """Topic that hears of dead letters too: place, reason and field, never the bytes."""

    requests_per_second: Annotated[float, number(0.01, 10_000, "requests a second")] = 23.0
    """Requests a second of all processes on one store; ORCID admits 24, and one is spared for other tools."""
    burst: Annotated[float, number(1, 10_000, "requests")] = 30.0
    """Requests that may go at once after a rest; ORCID admits 40."""
    retry_base_seconds: Annotated[float, number(0.001, 3600, "seconds")] = 1.0
    """First wait of every back-off, in seconds; it doubles from there."""
    retry_max_seconds: Annotated[float, number(0.001, 86_400, "seconds")] = 300.0
    """Longest wait of every back-off and of the circuit, in seconds: how late we notice that ORCID is back."""
    call_seconds: Annotated[float, number(0.01, 3600, "seconds")] = 30.0
    """Total deadline of one call, and how long a lease lasts, in seconds; ORCID's slowest bulk takes some 20."""
    quiet_seconds: Annotated[float, number(0, 86_400, "seconds")] = 30.0
    """Wait after the last change of what is wanted, in seconds: changes that come together are one message."""
    quiet_max_seconds: Annotated[float, number(0, 604_800, "seconds")] = 600.0
    """Longest wait after the first such change, in seconds, so that a chatty source cannot put it off for ever."""

    max_removals: Annotated[int, whole(0, 1_000_000_000, "removals")] = 100
    """Removals of one source in one run or 24 h; more are held, for an emptied source looks just like this."""
    max_removal_share: Annotated[float, number(0, 1, "parts of one")] = 0.2
    """The same as a share of what the source had published; counts from 10 removals on."""
    max_rewrites: Annotated[int, whole(0, 1_000_000_000, "updates")] = 200
    """Updates without a new event behind them; more are held, for a slip in the mapping file touches everybody."""
    removed_by_researcher: Annotated[Literal["respect", "readd"], one_of("respect", "readd")] = "respect"
    """What becomes of an item that its researcher removed: stays away, or is added once more."""
    visibility: Annotated[Literal["public", "limited", "private"], one_of("public", "limited", "private")] | None = None
    """Sent when an item is created; without it ORCID takes what the researcher chose."""
    history_days: Annotated[int, whole(1, 36_500, "days")] = 730
    """How long calls and events are kept for `explain`, in days: two reporting years."""

    verify_hours: Annotated[float, number(0.001, 87_600, "hours")] | None = None
    """How long after the last look at all live records `run` looks again, in hours; without it nobody does by itself.

    A look is two requests for each person, out of the one budget.
    """

    ask_again_days: Annotated[int, whole(1, 36_500, "days")] = 90
    """The least time between two permission requests in one researcher's inbox, in days: who did not answer is busy."""

    link_days: Annotated[int, whole(1, 3650, "days")] = 30
    """How long a link to the consent page serves, in days: whoever has it may connect an iD in the person's name."""

    web_bind: Bind = BindAddress("127.0.0.1", 8080)
    """Where pages, probes and metrics are served; this machine only, for operator pages show people's data."""
    web_token: SecretText | None = None
    """What operator pages ask for; must be set when others can reach them."""
    sso_header: HeaderName | None = None
    """Header in which the proxy before us names who is signed in, by the person's id; it must strip it from outside.

    With it the consent pages are that person's alone; without it whoever has a person's link may use it.
    """
    traces_url: CollectorUrl | None = None
    """OpenTelemetry collector (OTLP over HTTP) that hears of each event's way; it needs the extra `traces`."""
    log_format: Annotated[Literal["json", "console"], one_of("json", "console")] | None = None
    """Form of the log on stderr; console on a terminal and json elsewhere without it."""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], one_of("debug", "info", "warning", "error", fold=str.lower)
    ] = "info"
    """The least that is logged; info is one line a call."""

    @property
    def settle_seconds(self) -> float:
        """How long what ORCID answered may differ from what its replicas show, in seconds (ARCHITECTURE.md 7)."""
        return min(SETTLE_FACTOR * self.retry_base_seconds, self.retry_max_seconds)

    @property
    def is_production(self) -> bool:
        """Whether real records are written: any host of orcid.org but its sandbox."""
        host = urlsplit(self.api_url).hostname or ""
        return _within(host, "orcid.org") and not _within(host, "sandbox.orcid.org")

    @property
    def sqlite_path(self) -> Path | None:
        """The file of the SQLite state: `sqlite:///a.db` beside us, `sqlite:////var/a.db` absolute; None for others."""
        url = self.state_url.reveal()
        return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that was set, for the log's last line of defence."""
        state, kafka = (
            (self.state_password, _password_in(self.state_url)),
            (self.kafka_sasl_password, self.kafka_ssl_password),
        )
        held = (self.client_secret, *state, *kafka, self.web_token, *self.vault_keys)
        return tuple(secret for secret in held if secret is not None)

    def require(self, *names: str) -> None:
        """Raises SettingsFaults naming every one of these fields that has no value, and how to come by one."""
        if faults := _missing(names, dict(self)):
            raise SettingsFaults(faults)


def load_settings(environ: Mapping[str, str], config: Path | None = None, needs: Iterable[str] = ()) -> Settings:
    """Reads all settings; raises SettingsFaults with everything that is wrong, fields needed but not set included."""
    found = find(_NAMES, {variable_of(name) for name in SECRETS}, environ, config)
    raw = {
        _NAMES[variable]: one.value for variable, one in found.values.items() if not _is_left_open(variable, one.value)
    }
    try:
        settings, wrong = Settings.model_validate(raw), []
    except ValidationError as error:
        wrong = error.errors(include_url=False)
        settings = Settings.model_validate({name: raw[name] for name in raw.keys() - {one["loc"][0] for one in wrong}})
    bad = {variable_of(str(one["loc"][0])) for one in wrong} | found.unread
    faults = [*found.faults, *(_line(one, found) for one in wrong), *_disagreements(settings, bad)]
    faults += _missing([name for name in needs if variable_of(name) not in bad], dict(settings))
    if faults:
        raise SettingsFaults(faults)
    return settings


def variable_of(name: str) -> str:
    """The environment variable of a field."""
    return PREFIX + name.upper()


_NAMES = {variable_of(name): name for name in Settings.model_fields}


def _password_in(url: Secret) -> Secret | None:
    try:
        password = urlsplit(url.reveal()).password
    except ValueError:  # what is wrong with it is told when it is opened
        return None
    return Secret(unquote(password)) if password else None


def _within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _is_left_open(variable: str, value: Any) -> bool:
    """Whether an empty value means none: deployments hand on what nobody set. Not so where there is a default."""
    text = value.reveal() if isinstance(value, Secret) else value
    return text == "" and not Settings.model_fields[_NAMES[variable]].default


def _missing(names: Iterable[str], values: Mapping[str, Any]) -> list[str]:
    return [
        f"{variable_of(name)}: is not set and this command needs it: {_HOW.get(name, 'set it')}"
        for name in names
        if not values.get(name)
    ]


def _line(error: ErrorDetails, found: Found) -> str:
    """One line: where the value stands, the value unless it is a secret, the rule, what else to do."""
    name = str(error["loc"][0])
    context = error.get("ctx", {})
    shown = context.get("shown")
    if shown is None:
        shown = "" if name in SECRETS else f"'{escaped(_as_text(error['input']))}'"
    default = Settings.model_fields[name].default
    way_out = f"; the default is {_as_text(default)}" if default and name not in SECRETS else ""
    if name in _HOW and name in SECRETS:
        way_out = f"; {_HOW[name]}"
    rule = context.get("rule", error["msg"])
    return f"{found.values[variable_of(name)].where}: {shown}{' ' if shown else ''}{rule}{way_out}"


def _as_text(value: Any) -> str:
    match value:
        case list() | tuple():
            return ",".join(str(one) for one in value)
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def _disagreements(settings: Settings, bad: Collection[str]) -> list[str]:
    """What is wrong between values that are right by themselves; nothing about those that are not."""
    lines = [
        *_state_disagreements(settings),
        *_pace_disagreements(settings),
        *kafka_faults(settings),
        *_web_disagreements(settings),
    ]
    return [line for line in lines if not any(re.search(rf"{variable}\b", line) for variable in bad)]


def _state_disagreements(settings: Settings) -> Iterable[str]:
    if settings.state_password is not None and _password_in(settings.state_url) is not None:
        yield f"{variable_of('state_password')}: {variable_of('state_url')} has a password too: keep one of the two"
    if settings.state_password is not None and settings.sqlite_path is not None:
        yield f"{variable_of('state_password')}: is set, but {variable_of('state_url')} names a file: take it away"


def _pace_disagreements(settings: Settings) -> Iterable[str]:
    for longest, first in (("retry_max_seconds", "retry_base_seconds"), ("quiet_max_seconds", "quiet_seconds")):
        if getattr(settings, longest) < getattr(settings, first):
            yield (
                f"{variable_of(longest)}: {getattr(settings, longest):g} is less than {variable_of(first)}"
                f" ({getattr(settings, first):g}): make it at least as long"
            )


def _web_disagreements(settings: Settings) -> Iterable[str]:
    if settings.web_token is None and not settings.web_bind.is_loopback:
        yield (
            f"{variable_of('web_token')}: is not set, but others can reach {settings.web_bind}"
            f" ({variable_of('web_bind')}): set one (`openssl rand -hex 32`) or bind to 127.0.0.1"
        )
