"""Health: the probes of Kubernetes."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from state.store import Store, StoreError
from worker.web.heartbeat import LATE_SECONDS, Heartbeat
from worker.web.replies import one_line
from worker.web.store_window import StoreWindow

CHECK_NOTE = "vault-check"
"""A note to look for: reading one row by its key is the cheapest question there is."""


def health_routes(heartbeat: Heartbeat, window: StoreWindow) -> list[BaseRoute]:
    """`/healthz`: the loop came round lately, whatever store, Kafka or ORCID do. `/readyz`: the store can be read.

    Whether it takes what is written, only work can tell: orcid_sync_turns_failing_seconds does.
    """

    async def live(_: Request) -> Response:
        age = round(heartbeat.age(), 1)
        if heartbeat.is_late:
            reason = f"the loop has not come round within {LATE_SECONDS:g} s"
            return one_line(503, {"status": "stuck", "reason": reason, "seconds_since_turn": age})
        return one_line(200, {"status": "ok", "seconds_since_turn": age})

    def ready(_: Request) -> Response:
        try:
            window.look(_ask)
        except StoreError:
            # The reason in full may name hosts and paths, and anybody can ask: it stands in the log.
            return one_line(503, {"status": "not ready", "reason": "the store cannot be reached; the log says why"})
        return one_line(200, {"status": "ready"})

    return [Route("/healthz", live, methods=["GET"]), Route("/readyz", ready, methods=["GET"])]


def _ask(store: Store) -> None:
    store.notes.get(CHECK_NOTE)
