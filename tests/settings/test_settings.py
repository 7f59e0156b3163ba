"""Settings: what an operator can set, and what one reads when it is wrong."""

from pathlib import Path
from typing import Any

import pytest

from mappers.secret import Secret
from state.vault import Vault, new_key
from worker.settings.settings import SECRETS, Settings, SettingsFaults, load_settings, variable_of
from worker.settings.values import BindAddress

CONTRACT_DEFAULTS = {
    "api_url": "https://api.sandbox.orcid.org",
    "auth_url": "https://sandbox.orcid.org",
    "api_version": "v3.0",
    "format": "json",
    "client_id": None,
    "client_secret": None,
    "redirect_uri": None,
    "send": "all",
    "state_url": Secret("sqlite:///orcid-sync.db"),
    "state_password": None,
    "vault_keys": (),
    "mapping_file": None,
    "kafka_bootstrap_servers": ("localhost:9092",),
    "kafka_topics": ("hr.events", "publication.events"),
    "kafka_group_id": "orcid-sync",
    "kafka_security_protocol": "PLAINTEXT",
    "kafka_sasl_mechanism": None,
    "kafka_sasl_username": None,
    "kafka_sasl_password": None,
    "kafka_ssl_cafile": None,
    "kafka_ssl_certfile": None,
    "kafka_ssl_keyfile": None,
    "kafka_ssl_password": None,
    "dead_letter_topic": None,
    "requests_per_second": 23.0,
    "burst": 30.0,
    "retry_base_seconds": 1.0,
    "retry_max_seconds": 300.0,
    "call_seconds": 30.0,
    "quiet_seconds": 30.0,
    "quiet_max_seconds": 600.0,
    "max_removals": 100,
    "max_removal_share": 0.2,
    "max_rewrites": 200,
    "removed_by_researcher": "respect",
    "visibility": None,
    "history_days": 730,
    "verify_hours": None,
    "link_days": 30,
    "ask_again_days": 90,
    "web_bind": BindAddress("127.0.0.1", 8080),
    "web_token": None,
    "sso_header": None,
    "traces_url": None,
    "log_format": None,
    "log_level": "info",
}


def faults(*needs: str, config: Any = None, **values: str) -> tuple[str, ...]:
    """What is said about these settings, named without their prefix."""
    environ = {variable_of(name): value for name, value in values.items()}
    with pytest.raises(SettingsFaults) as caught:
        load_settings(environ, config, needs)
    return caught.value.faults


def settings(**values: str) -> Settings:
    """Settings from an environment with these values."""
    return load_settings({variable_of(name): value for name, value in values.items()})


def test_defaults() -> None:
    """Without an environment, every setting of the contract has the contract's default, and there is no other."""
    assert dict(load_settings({"PATH": "/bin"})) == CONTRACT_DEFAULTS


GOOD = [
    pytest.param("api_url", "http://127.0.0.1:8085/", "http://127.0.0.1:8085", id="loopback-http"),
    pytest.param("api_url", "http://[::1]:8085", "http://[::1]:8085", id="loopback-http-v6"),
    pytest.param("api_url", "http://orcid:8765", "http://orcid:8765", id="http-to-a-neighbour"),
    pytest.param("redirect_uri", "https://lib.example.edu/callback", "https://lib.example.edu/callback", id="redirect"),
    pytest.param("redirect_uri", "https://lib.edu/callback/", "https://lib.edu/callback/", id="redirect-to-the-letter"),
    pytest.param("call_seconds", " 0.25 ", 0.25, id="fraction"),
    pytest.param("max_removal_share", "1", 1.0, id="share-one"),
    pytest.param("kafka_topics", "hr, pubs,", ("hr", "pubs"), id="comma-list"),
    pytest.param("kafka_topics", "^hr\\.[a-z]{1,3}$", ("^hr\\.[a-z]{1,3}$",), id="pattern-with-a-comma"),
    pytest.param("kafka_bootstrap_servers", "a:1,[::1]:2,c", ("a:1", "[::1]:2", "c"), id="servers"),
    pytest.param("web_bind", "[::1]:0", BindAddress("::1", 0), id="bind-v6"),
    pytest.param("log_level", "WARNING", "warning", id="level-in-capitals"),
    pytest.param("visibility", "", None, id="empty-is-none-where-none-is-the-default"),
    pytest.param("state_url", "postgresql://u:p@db/orcid", Secret("postgresql://u:p@db/orcid"), id="postgresql"),
]


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_a_value_is_read(name: str, text: str, value: object) -> None:
    """What is right is read into its type."""
    assert getattr(settings(**{name: text}), name) == value


BAD = [
    pytest.param("api_url", "ftp://x", "'ftp://x' is not a URL", id="scheme"),
    pytest.param("api_url", "http://api.orcid.org", "use https", id="http-beyond-loopback"),
    pytest.param("api_url", "http://2130706433", "use https", id="http-to-an-address-as-a-number"),
    pytest.param("api_url", "https://api.orcid.org/v3.0", "ORCID_SYNC_API_VERSION", id="url-with-version"),
    pytest.param("auth_url", "https://orcid.org?x=1", "goes on with ?", id="url-with-query"),
    pytest.param("api_url", "https://h:99999", "cannot be read", id="url-port"),
    pytest.param("api_version", "v4", "'v4' is not one of v3.0, v2.1; the default is v3.0", id="version"),
    pytest.param("send", "", "'' is not one of all, pilot, off", id="empty-send"),
    pytest.param("call_seconds", "nan", "'nan' is not a number of seconds from 0.01 to 3600", id="nan"),
    pytest.param("call_seconds", "inf", "'inf' is not a number", id="infinite"),
    pytest.param("burst", "0", "'0' is not a number of requests from 1 to 10000", id="out-of-range"),
    pytest.param("max_removals", "1.5", "whole number of removals", id="not-whole"),
    pytest.param("max_removals", "1_0", "whole number of removals", id="python-only-number"),
    pytest.param("max_removal_share", "20", "from 0 to 1", id="share-in-percent"),
    pytest.param("web_bind", "8080", "is not HOST:PORT", id="bind-without-host"),
    pytest.param("web_bind", "127.0.0.1:99999", "is not HOST:PORT", id="bind-port"),
    pytest.param("state_url", "mysql://u:hunter2@db/x", "mysql://… is neither sqlite:///PATH", id="state-scheme"),
    pytest.param("kafka_topics", "a b", "is not a list of topic names", id="topic"),
    pytest.param("kafka_topics", "^hr(", "is not a pattern that can be read", id="pattern"),
    pytest.param("kafka_bootstrap_servers", "a:x", "list of HOST:PORT", id="server"),
    pytest.param("kafka_group_id", "a\x1b[2Jb", "'a\\x1b[2Jb' holds a character", id="terminal-escape"),
    pytest.param("mapping_file", "/nowhere/map.toml", "cannot be read: No such file", id="no-such-file"),
    pytest.param("sso_header", "X Remote", "'X Remote' is not the name of an HTTP header", id="header-name"),
    pytest.param("log_level", "loud", "is not one of debug, info, warning, error", id="level"),
]


@pytest.mark.parametrize(("name", "text", "said"), BAD)
def test_a_wrong_value_gets_one_line(name: str, text: str, said: str) -> None:
    """One line names the variable, the value and the rule."""
    (line,) = faults(**{name: text})

    assert line.startswith(f"{variable_of(name)}: ")
    assert said in line
    assert line.isprintable()


DISAGREEING = [
    pytest.param({"web_bind": "0.0.0.0:8080"}, "ORCID_SYNC_WEB_TOKEN: is not set", id="open-web-without-token"),
    pytest.param({"retry_max_seconds": "0.5"}, "is less than ORCID_SYNC_RETRY_BASE_SECONDS", id="retry"),
    pytest.param({"quiet_max_seconds": "5"}, "is less than ORCID_SYNC_QUIET_SECONDS", id="quiet"),
    pytest.param({"kafka_security_protocol": "SASL_SSL"}, "ORCID_SYNC_KAFKA_SASL_MECHANISM: is not set", id="sasl"),
    pytest.param({"kafka_sasl_mechanism": "PLAIN"}, "does without SASL", id="sasl-unused"),
]


@pytest.mark.parametrize(("values", "said"), DISAGREEING)
def test_values_that_disagree(values: dict[str, str], said: str) -> None:
    """What is right by itself may be wrong together."""
    assert said in "\n".join(faults(**values))


def test_all_faults_at_once(tmp_path: Path) -> None:
    """One run names everything: wrong values, disagreements, unknown names, a bad file, and what is needed."""
    config = tmp_path / "c.toml"
    config.write_text("ORCID_SYNC_BURST = true\n")

    lines = faults("client_id", config=config, api_ulr="x", burst="x", call_seconds="-1", web_bind="0.0.0.0:1")

    assert [line.split(":")[0] for line in lines] == [
        f"ORCID_SYNC_BURST (in {config})",
        "ORCID_SYNC_API_ULR",
        "ORCID_SYNC_BURST",
        "ORCID_SYNC_CALL_SECONDS",
        "ORCID_SYNC_WEB_TOKEN",
        "ORCID_SYNC_CLIENT_ID",
    ]


def test_nothing_is_said_about_a_value_that_was_wrong_itself() -> None:
    """A wrong value is not compared with others, nor called missing."""
    (line,) = faults("vault_keys", vault_keys="short")

    assert "the key is not 32 bytes" in line


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_never_shown(name: str) -> None:
    """No fault and no repr shows a secret, not even a wrong one, nor one that stands where its file should."""
    wrong = "hunter2\x07hunter2"

    said = [*faults(**{name: wrong}), *faults(**{f"{name}_file": "hunter2"})]
    good = new_key() if name == "vault_keys" else "sqlite:///hunter2" if name == "state_url" else "hunter2"
    more: dict[str, dict[str, str]] = {
        "kafka_sasl_password": {
            "kafka_security_protocol": "SASL_SSL",
            "kafka_sasl_mechanism": "PLAIN",
            "kafka_sasl_username": "u",
        },
        "state_password": {"state_url": "postgresql://u@db/orcid"},
    }
    read = settings(**{name: good}, **more.get(name, {}))

    assert not [line for line in said if "hunter2" in line]
    assert good not in repr(read)
    assert good not in str(read)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://user:hunter2@api.orcid.org", id="sound"),
        pytest.param("user:hunter2@api.orcid.org", id="no-scheme"),
        pytest.param("https://user:hunter2@api.orcid.org:x", id="bad-port"),
        pytest.param("https://api.orcid.org/?token=hunter2", id="query"),
    ],
)
def test_credentials_in_a_url_are_not_shown(url: str) -> None:
    """A URL with credentials is refused without repeating them."""
    (line,) = faults(api_url=url)

    assert "hunter2" not in line


def test_a_secret_from_a_file(tmp_path: Path) -> None:
    """NAME_FILE names a file whose content is the secret, but for its last line break."""
    (tmp_path / "token").write_text("s3cret \n")

    assert settings(web_token_file=str(tmp_path / "token")).web_token == Secret("s3cret ")


def test_a_secret_given_twice(tmp_path: Path) -> None:
    """NAME and NAME_FILE together are a fault."""
    (line,) = faults(web_token="a", web_token_file="b")

    assert line == "ORCID_SYNC_WEB_TOKEN_FILE: ORCID_SYNC_WEB_TOKEN is given as well: keep one of the two"


def test_an_unreadable_secret_file_is_one_fault() -> None:
    """A secret whose file cannot be read is not called missing as well."""
    (line,) = faults("vault_keys", vault_keys_file="/nowhere")

    assert line.startswith("ORCID_SYNC_VAULT_KEYS_FILE: the file it names cannot be read (No such file")


def test_vault_keys() -> None:
    """Keys come newest first with commas between, fit the vault, and a bad one is named by its place."""
    first, second = new_key(), new_key()

    keys = settings(vault_keys=f"{first},{second}").vault_keys
    (line,) = faults(vault_keys=f"{first},x{second}")

    assert keys == (Secret(first), Secret(second))
    assert Vault([key.reveal() for key in keys]).check_value()
    assert "key 2 of 2 is not 32 bytes" in line
    assert "openssl rand -base64 32" in line


def test_environment_beats_file(tmp_path: Path) -> None:
    """The file has the same names; what the environment says goes before it, a secret in a file of its own too."""
    config = tmp_path / "config.toml"
    config.write_text(
        'ORCID_SYNC_CLIENT_ID = "APP-FILE"\nORCID_SYNC_BURST = 12\nORCID_SYNC_KAFKA_TOPICS = ["^hr,", "b"]\n'
        f'ORCID_SYNC_WEB_TOKEN_FILE = "{config}"\n'
    )

    read = load_settings({"ORCID_SYNC_CLIENT_ID": "APP-ENV", "ORCID_SYNC_WEB_TOKEN": "env"}, config)

    assert (read.client_id, read.burst, read.kafka_topics) == ("APP-ENV", 12.0, ("^hr,", "b"))
    assert read.web_token == Secret("env")


BAD_FILES = [
    pytest.param(b"a = ", "is not TOML", id="not-toml"),
    pytest.param(b"\xff", "is not UTF-8", id="not-utf8"),
    pytest.param(b"client_id = 'x'", "did you mean ORCID_SYNC_CLIENT_ID?", id="name-without-prefix"),
    pytest.param(b"[ORCID_SYNC_API_URL]", "is not text, a number or a list", id="table"),
    pytest.param(b"ORCID_SYNC_BURST = 0", "c.toml): '0' is not a number of requests", id="value-tells-its-file"),
]


@pytest.mark.parametrize(("content", "said"), BAD_FILES)
def test_a_wrong_file(tmp_path: Path, content: bytes, said: str) -> None:
    """A file that cannot be used gets one line that names it."""
    config = tmp_path / "c.toml"
    config.write_bytes(content)

    (line,) = faults(config=config)

    assert said in line
    assert str(config) in line


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there is a fault."""
    (line,) = faults(config=tmp_path / "none.toml")

    assert "cannot be read: No such file" in line


def test_kubernetes_service_variables_are_no_faults() -> None:
    """A service named orcid-sync gives its containers variables that look like ours; a number there is a slip."""
    links = {
        "ORCID_SYNC_SERVICE_HOST": "10.0.0.7",
        "ORCID_SYNC_SERVICE_PORT_HTTP": "8080",
        "ORCID_SYNC_PORT": "tcp://10.0.0.7:8080",
        "ORCID_SYNC_PORT_8080_TCP_ADDR": "10.0.0.7",
        "ORCID_SYNC_WEB_PORT": "tcp://10.0.0.8:80",
    }

    assert load_settings(links) == load_settings({})
    assert "is no setting of orcid-sync" in faults(web_port="8080")[0]


def test_require_names_all_that_is_missing() -> None:
    """A command that needs settings without value says so about all of them, and how to make a vault key."""
    with pytest.raises(SettingsFaults) as caught:
        settings(client_secret="x").require("client_id", "client_secret", "vault_keys")

    client_id, vault_keys = caught.value.faults
    assert client_id.startswith("ORCID_SYNC_CLIENT_ID: is not set")
    assert vault_keys.startswith("ORCID_SYNC_VAULT_KEYS: is not set")
    assert "openssl rand -base64 32 | tr '+/' '-_'" in vault_keys


def test_settings_cannot_be_changed() -> None:
    """Settings are frozen."""
    with pytest.raises(ValueError, match="frozen"):
        settings().burst = 1.0  # type: ignore[misc]  # that is the point


@pytest.mark.parametrize(
    ("base", "longest", "settle"),
    [
        pytest.param("1", "300", 10.0, id="ten-times-the-first-wait"),
        pytest.param("0.5", "2", 2.0, id="at-most-the-longest"),
    ],
)
def test_settle_seconds(base: str, longest: str, settle: float) -> None:
    """The settle time follows from the retry settings."""
    assert settings(retry_base_seconds=base, retry_max_seconds=longest).settle_seconds == settle


@pytest.mark.parametrize(
    ("url", "production"),
    [
        pytest.param("https://api.orcid.org", True, id="production"),
        pytest.param("https://api.sandbox.orcid.org", False, id="sandbox"),
        pytest.param("http://127.0.0.1:8085", False, id="stand-in"),
        pytest.param("https://notorcid.org", False, id="another-domain"),
    ],
)
def test_is_production(url: str, *, production: bool) -> None:
    """Production is orcid.org without its sandbox."""
    assert settings(api_url=url).is_production is production


@pytest.mark.parametrize(
    ("url", "path"),
    [
        pytest.param("sqlite:///a.db", Path("a.db"), id="relative"),
        pytest.param("sqlite:////var/a.db", Path("/var/a.db"), id="absolute"),
        pytest.param("postgresql://db/x", None, id="no-file"),
    ],
)
def test_sqlite_path(url: str, path: Path | None) -> None:
    """Three slashes begin a path beside us, four an absolute one."""
    assert settings(state_url=url).sqlite_path == path
