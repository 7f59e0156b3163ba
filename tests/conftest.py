"""What all tests share: the real parts they run against, started when first needed and named at the end."""

import gc
import warnings
from collections.abc import Generator, Iterator

import pytest

from tests.cli.preloaded import Preloaded
from tests.kafka.brokers import Broker, choose_broker, running
from tests.leaks.watch import WATCH

REAL_PARTS = pytest.StashKey[list[str]]()

CAPTURED = pytest.StashKey[list[tuple[str, str]]]()

KAFKA_PYTHON_WARNINGS = (
    # It reads its protocol's schemas with functions that Python 3.11 and 3.12 deprecate and 3.13 took back.
    r"ignore:(read|open)_text is deprecated:DeprecationWarning",
    # A connection that was refused: it leaves the socket, which was never connected, to the garbage collector.
    r"ignore:unclosed <socket\.socket fd=\d+, family=2, type=1, proto=6, laddr=\(.0\.0\.0\.0., \d+\)>:ResourceWarning",
)


def pytest_configure(config: pytest.Config) -> None:
    """Knows the warnings of kafka-python 3.0 that are not ours to mend; all others are errors."""
    for line in KAFKA_PYTHON_WARNINGS:
        config.addinivalue_line("filterwarnings", line)
    WATCH.listen()


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
def real_parts(request: pytest.FixtureRequest) -> list[str]:
    """Lines that say which real parts the tests ran against; who starts one adds a line."""
    return request.config.stash.setdefault(REAL_PARTS, [])


@pytest.fixture(scope="session")
def kafka_broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, real_parts: list[str]
) -> Iterator[Broker]:
    """A running Kafka broker, in the order of tests/kafka/brokers.py."""
    broker = choose_broker(request.config.rootpath / ".cache", tmp_path_factory.mktemp("kafka"))
    if broker is None:
        real_parts.append("Kafka: none (no KAFKA_BOOTSTRAP_SERVERS, Docker, Java with Maven, or noida-db)")
        pytest.skip("there is no Kafka broker here")
    real_parts.append(f"Kafka: {broker.name}")
    with running(broker):
        yield broker


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish() -> Generator[None]:
    """Collects what kafka-python left, while its warnings are known: pytest's own last collection knows no filters."""
    result = yield
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"unclosed <socket\.socket .*laddr=\('0\.0\.0\.0', \d+\)>", ResourceWarning)
        gc.collect()
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Names the real parts after the results."""
    for line in config.stash.get(REAL_PARTS, []):
        terminalreporter.write_line(f"real {line}")


@pytest.fixture(scope="session")
def preloaded() -> Iterator[Preloaded]:
    """One loaded command line for all."""
    with Preloaded() as running:
        yield running
