"""Serving: the rooms of the web server, put together by the settings; beside the loop (`run`) or alone (`web`)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from starlette.routing import BaseRoute

from mappers.forms import Version
from mappers.sections import Section
from state.moving.handover import refuse_handed_over
from state.store import HandedOverError, Store, StoreError
from worker.interrupts import Interrupts
from worker.permission.walks import tidy
from worker.policies import make_policy, read_mapping, sends_nothing
from worker.reports.overview import count_overview
from worker.sending.orcid_client import OrcidClient, OwnAccess
from worker.settings.settings import CALLBACK, Settings, variable_of
from worker.watching.counts import counts_for_all
from worker.watching.metrics import FiguresReader, Metrics
from worker.watching.tally import Tally
from worker.web.app import web_app
from worker.web.consent.cookies import Cookies
from worker.web.consent.pages import Pages
from worker.web.consent.routes import VISITORS, consent_routes
from worker.web.consent.walk import ConsentRoom
from worker.web.counting import Counting
from worker.web.exposition import metrics_routes
from worker.web.health import health_routes
from worker.web.heartbeat import Heartbeat
from worker.web.operators.routes import operator_routes
from worker.web.server import WebServer
from worker.web.store_window import StoreWindow
from worker.wiring import consents_of

CONSENT_NEEDS = ("client_id", "client_secret", "redirect_uri")
"""What the consent pages need set."""
PATIENCE_SECONDS = 10.0
"""How long a visitor waits for the store: longer than a probe, for a write waits for the loop's."""

SCRAPE_SECONDS = 8.0
"""How long a scrape waits for the store, less than Prometheus' own 10. It looks through a window of its own, so that no
probe waits behind it."""
COUNTING_SECONDS = 0.1
"""How long closing waits for what counts: a count under way ends with the process."""
HEED_SECONDS = 5.0
"""How long the pages alone take at most to notice that the state was handed over to another store."""
TIDY_SECONDS = 3600.0
"""How often the pages alone look for walks that nobody ended."""
WATCH_SECONDS = 0.5
"""How long the pages alone take at most to notice that they shall stop."""

log = structlog.get_logger()


@contextmanager
def serving(settings: Settings, store: Store, heartbeat: Heartbeat, tally: Tally) -> Iterator[WebServer]:
    """The web server, started. `store` gives twins: what is served never waits for the loop's own.

    When it ends, a visitor whose code is just being exchanged at ORCID is waited for: the code cannot be used again.
    Raises BindError when its address cannot be had.
    """
    window, scraped = StoreWindow(store.twin), StoreWindow(store.twin, SCRAPE_SECONDS)
    counting = StoreWindow(store.twin, COUNTING_SECONDS)
    reader = FiguresReader(settings.requests_per_second, settings.burst, lambda seen: sends_nothing(settings, seen))
    metrics = Metrics(tally, lambda: scraped.look(reader.read), Counting(counting, counts_for_all).latest)
    try:
        with consent_pages(settings, store) as consent, operator_pages(settings, store) as operators:
            app = web_app(health_routes(heartbeat, window), metrics_routes(metrics), consent, operators)
            with WebServer(app, settings.web_bind, settings.call_seconds) as web:
                yield web
    finally:
        counting.close()
        scraped.close()
        window.close()


def serve_pages(settings: Settings, store: Store) -> None:
    """Serves the pages alone until SIGTERM or Ctrl-C. Raises SettingsFaults or BindError for what is wrong."""
    heartbeat = Heartbeat(time.monotonic)
    with Interrupts().listening() as interrupts, serving(settings, store, heartbeat, Tally()) as web:
        log.info("web_started", web=web.url, consent_pages=consent_told(settings))
        tidy_at = heed_at = time.monotonic()
        while not interrupts():
            heartbeat.beat()
            if time.monotonic() >= heed_at:
                _heed(store)
                heed_at = time.monotonic() + HEED_SECONDS
            if time.monotonic() >= tidy_at and not _tidy(store):
                tidy_at = time.monotonic() + TIDY_SECONDS
            time.sleep(WATCH_SECONDS)
    log.info("web_stopped")


@contextmanager
def probing(settings: Settings, store: Store, interrupts: Interrupts, *, wanted: bool) -> Iterator[None]:
    """`/healthz` and `/readyz` beside work that ends, if wanted; alive is what asks `interrupts` between its steps.

    Raises BindError when the address cannot be had.
    """
    if not wanted:
        yield
        return
    heartbeat, window = Heartbeat(time.monotonic), StoreWindow(store.twin)
    interrupts.heard = heartbeat.beat
    try:
        with WebServer(web_app(health_routes(heartbeat, window)), settings.web_bind):
            yield
    finally:
        window.close()


def _heed(store: Store) -> None:
    """Raises HandedOverError; a store that can't be asked just now is told of by the probes."""
    try:
        refuse_handed_over(store)
    except HandedOverError:
        raise
    except StoreError:
        return


def _tidy(store: Store) -> bool:
    """Lets go of walks that nobody ended; what was given in them is revoked by whoever sends next. True for more."""
    try:
        return tidy(store, store.now())
    except StoreError as error:
        log.warning("walks_not_tidied", why=str(error))
        return False


def consent_told(settings: Settings) -> str:
    """Whether the consent pages are on, for the log; when they are off, what they lack."""
    lacks = _lacks(settings)
    return f"off: {lacks}" if lacks else "on"


def _lacks(settings: Settings) -> str:
    """What keeps the consent pages from being served; empty when nothing does."""
    missing = [variable_of(name) for name in CONSENT_NEEDS if getattr(settings, name) is None]
    if missing:
        return f"{', '.join(missing)} not set"
    arrives = (settings.redirect_uri or "").endswith(CALLBACK)
    return "" if arrives else f"{variable_of('redirect_uri')} does not end in {CALLBACK}"


@contextmanager
def consent_pages(
    settings: Settings, store: Store, clock: Callable[[], float] = time.time, patience: float = PATIENCE_SECONDS
) -> Iterator[list[BaseRoute]]:
    """The consent pages with a store and an ORCID client of their own; none when they lack a setting."""
    if _lacks(settings):
        yield []
        return
    redirect_uri = settings.redirect_uri or ""
    mapping = read_mapping(settings)
    off = {section for section, entry in mapping.sections.items() if not entry.enabled}
    version = Version(settings.api_version)
    pages = Pages(
        institution=mapping.name,
        auth_url=settings.auth_url,
        redirect_uri=redirect_uri,
        sections=[section for section in Section if section not in off and section.is_in(version)],
    )
    window = StoreWindow(store.twin, patience)
    own = OwnAccess(settings.auth_url, settings.client_id or "", settings.client_secret)
    orcid = OrcidClient(settings.api_url, own, VISITORS)
    room = ConsentRoom(
        consents=consents_of(settings, store),
        window=window,
        orcid=orcid,
        pages=pages,
        cookies=Cookies(secure=redirect_uri.startswith("https:")),
        clock=clock,
        sso_header=settings.sso_header,
    )
    try:
        yield consent_routes(room)
    finally:
        orcid.close()
        window.close()


@contextmanager
def operator_pages(settings: Settings, store: Store) -> Iterator[list[BaseRoute]]:
    """The operators' pages, with a store of their own: a long list must not hold up a probe."""
    mapping = read_mapping(settings)

    def held_by(looked_at: Store) -> str:
        if settings.send == "pilot":
            return "ORCID_SYNC_SEND is pilot: only for the people whom the mapping file names"
        return make_policy(settings, mapping, looked_at).held_by

    window, counting = StoreWindow(store.twin, PATIENCE_SECONDS), StoreWindow(store.twin, COUNTING_SECONDS)
    try:
        yield operator_routes(window, Counting(counting, count_overview), settings.web_token, settings.burst, held_by)
    finally:
        counting.close()
        window.close()
