"""deploy/compose.yaml: each service can start with what it is given, is walled in, and fits the others."""

import re
import shutil
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
import yaml

from tests.deploy.compose import DEPLOY, FILE, FirstLook, Service, make_secrets, read_first_look, without_variables
from tests.deploy.stages import ROOT, read_recipe
from tests.leaks.scanner import INPUTS
from worker.cli.app import cli
from worker.policies import read_mapping
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET
from worker.settings.settings import load_settings

FIRST_LOOK = read_first_look()
SERVICES = [pytest.param(one, id=one.name) for one in FIRST_LOOK.services.values()]
OURS = [pytest.param(one, id=one.name) for one in FIRST_LOOK.services.values() if one.is_ours]


@pytest.fixture
def first_look() -> FirstLook:
    """The file."""
    return FIRST_LOOK


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """What the documented first step makes, where tests may have secrets."""
    folder = tmp_path / INPUTS
    folder.mkdir()
    return make_secrets(folder)


def test_docker_itself_takes_it() -> None:
    """`docker compose config`, which needs no engine, where it is installed."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker compose is not installed here; `make lint` holds the file to the schema of Compose")

    ran = subprocess.run([docker, "compose", "-f", FILE, "config", "-q"], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_do_no_more_than_it_must(service: Service) -> None:
    """Read-only (but Kafka, which writes beside its programs), no capabilities, limits, ports for this machine."""
    raw = service.raw
    limits = raw["deploy"]["resources"]["limits"]

    assert raw["read_only"] is (service.name != "kafka")
    assert raw["cap_drop"] == ["ALL"]
    assert raw["security_opt"] == ["no-new-privileges:true"]
    assert limits.keys() == {"cpus", "memory", "pids"}
    assert all(port.startswith("127.0.0.1:") for port in service.ports)
    assert raw.keys() & {"privileged", "cap_add", "devices", "pid", "ipc", "env_file"} == set()
    assert service.ends == (raw["restart"] == "on-failure:5")
    assert service.ends or raw["restart"] == "unless-stopped"
    assert ("healthcheck" in raw) is not service.ends


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_has_a_version_and_takes_a_digest(service: Service) -> None:
    """None is whatever is newest; ours is named as `make image` names it."""
    if service.is_ours:
        [version] = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
        assert without_variables(service.image) == f"orcid-sync:{version}"
        assert service.raw["pull_policy"] == "never"
        assert service.raw["user"] == read_recipe().stages[-1].all("USER")[0].words[0]
    else:
        assert re.search(r"\$\{[A-Z]+_DIGEST:-\}$", service.image)
        assert re.fullmatch(r"docker\.io/[a-z]+/[a-z]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", without_variables(service.image))


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_mounted_is_there_and_stays_as_it_is(service: Service, first_look: FirstLook, secrets: Path) -> None:
    """Files of deploy/ read-only, volumes and secrets that the file declares and the first step makes."""
    assert [source for source, mode in service.binds.values() if not source.exists() or mode != "ro"] == []
    assert set(service.volumes.values()) <= first_look.raw["volumes"].keys()
    for name in service.raw.get("secrets", []):
        assert first_look.raw["secrets"][name] == {"file": f"./secrets/{name}"}
        assert (secrets / name).exists()
    named = re.findall(r"/run/secrets/([\w-]+)", yaml.safe_dump(dict(service.raw)))
    assert set(named) == set(service.raw.get("secrets", []))


@pytest.mark.parametrize("service", OURS)
def test_the_settings_are_sound(service: Service, first_look: FirstLook, secrets: Path) -> None:
    """Every setting exists and can be read, with the files it names; those of the stand-in are what it expects."""
    environ = first_look.settings_of(service.name, secrets)
    if not environ:
        assert service.name == "orcid"
        return

    settings = load_settings(environ, needs=("client_id", "client_secret", "redirect_uri", "vault_keys"))

    read_mapping(settings)
    assert settings.client_id == CLIENT_ID
    assert settings.client_secret is not None
    assert settings.client_secret.reveal() == CLIENT_SECRET
    assert not settings.is_production


@pytest.mark.parametrize("service", OURS)
def test_the_command_line_takes_the_words(service: Service) -> None:
    """Each command exists, with these options."""
    command: click.Command = cli
    # A file of the container stands for any that is there.
    context, words = click.Context(cli), [str(FILE) if word.startswith("/") else word for word in service.command]
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None, words
        command, words = found, words[1:]

    command.make_context(service.name, words, parent=context)


def test_the_services_fit_each_other(first_look: FirstLook, secrets: Path) -> None:
    """The addresses, ports, topics and names that one service is told are those of the other."""
    services = first_look.services
    settings = load_settings(first_look.settings_of("worker", secrets))
    kafka, postgres, orcid = services["kafka"].environment, services["postgres"].environment, services["orcid"]
    state = urlsplit(settings.state_url.reveal())

    assert f"INSIDE://{','.join(settings.kafka_bootstrap_servers)}" in kafka["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert f"for topic in {' '.join(settings.kafka_topics)};" in services["topics"].command[0]
    assert [f"{topic}.events" for topic in ("hr", "publication")] == list(settings.kafka_topics)
    assert (state.hostname, state.port) == ("postgres", 5432)
    assert state.username == postgres["POSTGRES_USER"]
    assert state.path == f"/{postgres['POSTGRES_DB']}"
    assert settings.api_url == settings.auth_url == "http://127.0.0.1:8765"
    assert orcid.ports == ["127.0.0.1:8765:8765", f"127.0.0.1:{settings.web_bind.port}:{settings.web_bind.port}"]
    assert settings.redirect_uri == f"http://127.0.0.1:{settings.web_bind.port}/callback"
    scraped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text())["scrape_configs"][0]
    assert scraped["static_configs"] == [{"targets": [f"worker:{settings.web_bind.port}"]}]
    assert orcid.raw["networks"]["default"]["aliases"] == ["worker"]
    assert services["worker"].raw["network_mode"] == "service:orcid"
    assert f"127.0.0.1:{settings.web_bind.port}/readyz" in services["worker"].raw["healthcheck"]["test"][-1]
    taken = services["permissions"]
    assert orcid.volumes["/var/lib/orcid-sync"] == taken.volumes["/stand-in"]
    assert "--grants=/var/lib/orcid-sync/grants.jsonl" in orcid.command
    assert "/stand-in/grants.jsonl" in taken.command
    grace = int(services["worker"].raw["stop_grace_period"].removesuffix("s"))
    assert grace >= settings.call_seconds + 15


def test_grafana_finds_its_dashboards_and_prometheus(first_look: FirstLook) -> None:
    """What is provisioned names the folder that is mounted, and the service that is there."""
    grafana = first_look.services["grafana"]
    folder = grafana.binds["/etc/grafana/provisioning"][0]
    [dashboards] = [yaml.safe_load(path.read_text()) for path in (folder / "dashboards").glob("*.yaml")]
    [sources] = [yaml.safe_load(path.read_text()) for path in (folder / "datasources").glob("*.yaml")]

    for provider in dashboards["providers"]:
        assert list(grafana.binds[provider["options"]["path"]][0].glob("*.json"))
    assert [source["url"] for source in sources["datasources"]] == ["http://prometheus:9090"]


def test_nobody_starts_before_what_it_needs(first_look: FirstLook) -> None:
    """A service that is waited for has a health check, or ends."""
    for service in first_look.services.values():
        for name, how in service.raw.get("depends_on", {}).items():
            needed = first_look.services[name]
            condition = "service_completed_successfully" if needed.ends else "service_healthy"
            assert how["condition"] == condition, f"{service.name} waits for {name}"


def test_the_first_step_makes_keys_once_for_their_owner_alone(secrets: Path) -> None:
    """What is there stays; the folder is ours, the files are for the containers' users too; git never sees them."""
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    again = make_secrets(secrets.parent)

    assert {path.name: path.read_bytes() for path in again.iterdir()} == before
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets.iterdir()} == {0o444}
    assert len({len(content) for name, content in before.items() if name != "client-secret"}) == 1
    assert len(set(before.values())) == len(before)
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
