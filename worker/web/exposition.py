"""Exposition: the page that Prometheus reads."""

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from worker.watching.metrics import Metrics


def metrics_routes(metrics: Metrics) -> list[BaseRoute]:
    """`/metrics`."""

    def scrape(_: Request) -> Response:
        return Response(metrics.page(), headers={"content-type": CONTENT_TYPE_PLAIN_0_0_4})

    return [Route("/metrics", scrape, methods=["GET"])]
