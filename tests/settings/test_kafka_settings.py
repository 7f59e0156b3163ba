"""Kafka's TLS and login settings: what is wrong with them is told before any broker is asked."""

from pathlib import Path

import pytest

from mappers.secret import Secret
from tests.kafka.certificates import Authority
from worker.settings.settings import SettingsFaults, load_settings
from worker.wiring import kafka_access

TLS = {"SECURITY_PROTOCOL": "SSL"}
LOGIN = {"SECURITY_PROTOCOL": "SASL_SSL", "SASL_MECHANISM": "SCRAM-SHA-512", "SASL_USERNAME": "worker"}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with certificates and keys, one of them locked, and what is none."""
    authority = Authority(tmp_path)
    authority.issue("ours")
    authority.issue("other")
    authority.issue("locked", password="hunter2-of-the-key")
    (tmp_path / "junk.pem").write_text("junk\n")
    (tmp_path / "password").write_text("hunter2-of-the-worker\n")
    return tmp_path


def environ(files: Path, values: dict[str, str]) -> dict[str, str]:
    """The variables; a value that names a file of the folder is its path."""
    return {
        f"ORCID_SYNC_KAFKA_{name}": str(files / value) if name.startswith("SSL") and (files / value).exists() else value
        for name, value in values.items()
    }


FAULTY = [
    pytest.param(LOGIN, "SASL_PASSWORD: is not set, but the mechanism SCRAM-SHA-512 needs it", id="no-password"),
    pytest.param({"SECURITY_PROTOCOL": "SASL_SSL"}, "SASL_MECHANISM: is not set", id="no-mechanism"),
    pytest.param(
        LOGIN | {"SASL_MECHANISM": "GSSAPI"}, "'GSSAPI' needs the Python package gssapi", id="package-not-installed"
    ),
    pytest.param(
        LOGIN | {"SASL_MECHANISM": "OAUTHBEARER", "SASL_PASSWORD": "x"}, "'OAUTHBEARER' is not one of", id="mechanism"
    ),
    pytest.param({"SSL_CAFILE": "authority.pem"}, "'PLAINTEXT' does without TLS", id="files-without-tls"),
    pytest.param(
        TLS | {"SSL_CAFILE": "nowhere.pem"}, "SSL_CAFILE: 'nowhere.pem' cannot be read: No such", id="no-file"
    ),
    pytest.param(TLS | {"SSL_CAFILE": "junk.pem"}, "holds no certificate in PEM form", id="no-certificate"),
    pytest.param(TLS | {"SSL_CAFILE": "ours.key"}, "holds no certificate in PEM form", id="key-for-certificate"),
    pytest.param(TLS | {"SSL_CERTFILE": "ours.pem"}, "SSL_KEYFILE: not set, but a certificate and", id="no-key"),
    pytest.param(
        TLS | {"SSL_PASSWORD": "x"}, "SSL_CERTFILE and ORCID_SYNC_KAFKA_SSL_KEYFILE: not set", id="password-alone"
    ),
    pytest.param(
        TLS | {"SSL_CERTFILE": "ours.pem", "SSL_KEYFILE": "other.key"}, "is not the key of", id="key-of-another"
    ),
    pytest.param(
        TLS | {"SSL_CERTFILE": "locked.pem", "SSL_KEYFILE": "locked.key"},
        "SSL_PASSWORD: is not set, but the key",
        id="locked-key",
    ),
    pytest.param(
        TLS | {"SSL_CERTFILE": "locked.pem", "SSL_KEYFILE": "locked.key", "SSL_PASSWORD": "hunter2-but-wrong"},
        "SSL_PASSWORD: does not open the key",
        id="wrong-key-password",
    ),
    pytest.param(
        TLS | {"SSL_CERTFILE": "junk.pem", "SSL_KEYFILE": "ours.key"}, "cannot be read: give both in PEM", id="junk"
    ),
]


@pytest.mark.parametrize(("values", "said"), FAULTY)
def test_what_cannot_work_is_one_line(values: dict[str, str], said: str, files: Path) -> None:
    """It names the setting, and never a password."""
    with pytest.raises(SettingsFaults) as wrong:
        load_settings(environ(files, values))

    (line,) = wrong.value.faults
    assert line.startswith("ORCID_SYNC_KAFKA_")
    assert said in line
    assert "hunter2" not in line


def test_everything_reaches_the_clients(files: Path) -> None:
    """Secrets from files of their own, as Kubernetes gives them, and paths as they are."""
    (files / "key-password").write_text("hunter2-of-the-key\n")
    told = environ(
        files, LOGIN | {"SSL_CAFILE": "authority.pem", "SSL_CERTFILE": "locked.pem", "SSL_KEYFILE": "locked.key"}
    )
    told |= {
        "ORCID_SYNC_KAFKA_SASL_PASSWORD_FILE": str(files / "password"),
        "ORCID_SYNC_KAFKA_SSL_PASSWORD_FILE": str(files / "key-password"),
    }

    settings = load_settings(told)
    access = kafka_access(settings)
    options = access.options()

    assert options["security_protocol"] == "SASL_SSL"
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("worker", "hunter2-of-the-worker")
    assert options["ssl_cafile"] == str(files / "authority.pem")
    assert (options["ssl_certfile"], options["ssl_keyfile"]) == (str(files / "locked.pem"), str(files / "locked.key"))
    assert options["ssl_password"] == "hunter2-of-the-key"
    assert {Secret("hunter2-of-the-worker"), Secret("hunter2-of-the-key")} <= set(settings.secrets)
    assert "hunter2" not in f"{settings!r}{access!r}"
