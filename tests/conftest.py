"""What all tests share: the real parts they run against, started when first needed and named at the end."""

import gc
import warnings
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests.cli.preloaded import Preloaded
from tests.kafka.brokers import Broker, choose_broker, running
from tests.kafka.guarded_kafka import GuardedKafka, find_guarded_kafka
from tests.leaks.watch import WATCH
from tests.postgres.servers import Databases, choose_server
from tests.postgres.servers import running as running_server
from tests.side_by_side import SideBySide, arrange
from tests.simulation.figures import missing, simulated

TOLD = pytest.StashKey[list[str]]()

CAPTURED = pytest.StashKey[list[tuple[str, str]]]()

KAFKA_PYTHON_WARNINGS = (
    # It reads its protocol's schemas with functions that Python 3.11 and 3.12 deprecate and 3.13 took back.
    r"ignore:(read|open)_text is deprecated:DeprecationWarning",
    # A connection that was refused: it leaves the socket, which was never connected, to the garbage collector.
    r"ignore:unclosed <socket\.socket fd=\d+, family=2, type=1, proto=6, laddr=\(.0\.0\.0\.0., \d+\)>:ResourceWarning",
    # A connection given up in the middle of its TLS handshake: its coroutine is closed, the socket is left likewise.
    r"ignore:unclosed <ssl\.SSLSocket fd=\d+, family=2, type=1, proto=6, laddr=\(.127\.0\.0\.1., .*>:ResourceWarning",
)


def pytest_configure(config: pytest.Config) -> None:
    """Knows the warnings of kafka-python 3.0 that are not ours to mend; all others are errors."""
    for line in KAFKA_PYTHON_WARNINGS:
        config.addinivalue_line("filterwarnings", line)
    # How fast a test is depends on what else the machine does: it is no property of what is tested.
    settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("any machine")
    WATCH.listen()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the order of tests/side_by_side.py."""
    arrange(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Which process gets which tests, when there are several."""
    return SideBySide(config, log)


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Scans at the end what a test left, and fails it when a token, code, secret or key is found (tests/leaks)."""
    WATCH.begin()
    yield
    # Its folder is asked for only if the test had one; this fixture comes first, so the others have ended by now.
    folder = request.node.funcargs.get("tmp_path")
    leaks = WATCH.leaks(folder, request.node.stash.get(CAPTURED, []))
    if leaks:
        pytest.fail("\n".join(map(str, leaks)), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keeps what pytest captured of the test, for `no_leaks`."""
    report = yield
    item.stash[CAPTURED] = report.sections
    return report


@pytest.fixture(scope="session")
def told(request: pytest.FixtureRequest) -> list[str]:
    """Lines for after the results: which real parts the tests ran against, and figures; whoever has one adds it."""
    return request.config.stash.setdefault(TOLD, [])


@pytest.fixture(scope="session")
def kafka_broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, told: list[str]
) -> Iterator[Broker]:
    """A running Kafka broker, in the order of tests/kafka/brokers.py."""
    broker = choose_broker(request.config.rootpath / ".cache", tmp_path_factory.mktemp("kafka"))
    if broker is None:
        told.append("real Kafka: none (no KAFKA_BOOTSTRAP_SERVERS, Docker, Java with Maven, or noida-db)")
        pytest.skip("there is no Kafka broker here")
    told.append(f"real Kafka: {broker.name}")
    with running(broker):
        yield broker


@pytest.fixture(scope="session")
def postgres(told: list[str]) -> Iterator[Databases]:
    """A running PostgreSQL server, in the order of tests/postgres/servers.py; one for each process of tests."""
    server = choose_server()
    if server is None:
        told.append("real PostgreSQL: none (no POSTGRES_URL, Docker, initdb, or pgserver)")
        pytest.skip("there is no PostgreSQL here")
    with running_server(server) as databases:
        told.append(f"real PostgreSQL: {server.name}")
        yield databases


@pytest.fixture
def postgres_url(postgres: Databases) -> Iterator[str]:
    """The URL of an empty database, which is dropped at the end."""
    url = postgres.new_database()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
def guarded_kafka(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, told: list[str]
) -> Iterator[GuardedKafka]:
    """A running Kafka with TLS, logins and rights; it takes the libraries that tests/fetch_kafka fetches."""
    broker = find_guarded_kafka(request.config.rootpath / ".cache", tmp_path_factory.mktemp("guarded-kafka"))
    if broker is None:
        told.append("real Kafka with TLS and logins: none (no Java, or Apache Kafka was not fetched)")
        pytest.skip("there is no Kafka here that can be given TLS and logins")
    told.append(f"real Kafka with TLS and logins: {broker.name}")
    with running(broker):
        yield broker


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """Collects what kafka-python left, while its warnings are known: pytest's own last collection knows no filters.

    A process of several hands on what it has to tell to the one that reports. That one fails when the simulation met
    no fault of some kind.
    """
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["told"] = session.config.stash.get(TOLD, [])
    elif session.exitstatus == pytest.ExitCode.OK and (
        (reporter := session.config.pluginmanager.get_plugin("terminalreporter")) and missing(reporter.stats)
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    result = yield
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"unclosed <socket\.socket .*laddr=\('0\.0\.0\.0', \d+\)>", ResourceWarning)
        warnings.filterwarnings("ignore", r"unclosed <ssl\.SSLSocket .*laddr=\('127\.0\.0\.1'", ResourceWarning)
        gc.collect()
    return result


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hears what a process that ended has to tell; one that crashed tells nothing."""
    lines = node.config.stash.setdefault(TOLD, [])
    lines += [line for line in getattr(node, "workeroutput", {}).get("told", []) if line not in lines]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tells it after the results."""
    for line in (*config.stash.get(TOLD, []), *simulated(terminalreporter.stats)):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def preloaded() -> Iterator[Preloaded]:
    """One loaded command line for all."""
    with Preloaded() as running:
        yield running
