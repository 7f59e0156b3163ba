"""Outside: who comes from outside the namespace finds what is for them, and only that."""

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from tests.deploy.manifests.containers import environment
from tests.deploy.manifests.objects import Object, Workload, named, of_kind, selects, told, workloads
from tests.deploy.manifests.reach import comes_in

PUBLIC = ("/connect", "/callback")
"""The consent pages. Operators' pages and metrics are for those inside."""


def outside_faults(objects: Collection[Object]) -> Iterator[str]:
    """What researchers or Prometheus would not find, or find too much of; one line each."""
    for ingress in of_kind(objects, "Ingress"):
        for fault in (*_paths(ingress), *_hosts(objects, ingress)):
            yield f"{told(ingress)}: {fault}"
        for workload in _pages(objects, ingress):
            yield from _let_in(objects, workload, "from-ingress", "researchers")
    watched = [one["spec"]["selector"] for one in of_kind(objects, "PodMonitor")]
    for workload in workloads(objects):
        if any(selects(one, workload.labels) for one in watched):
            yield from _let_in(objects, workload, "from-prometheus", "who watches it")


def _paths(ingress: Object) -> Iterator[str]:
    for rule in ingress["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            if path.get("path") not in PUBLIC:
                yield f"shows the world {path.get('path')}: only {', '.join(PUBLIC)} are for it"


def _hosts(objects: Collection[Object], ingress: Object) -> Iterator[str]:
    """ORCID sends researchers back to the redirect URI: that is where the Ingress has to be."""
    hosts = {rule.get("host") for rule in ingress["spec"]["rules"]}
    with_certificate = {host for one in ingress["spec"].get("tls", ()) for host in one.get("hosts", ())}
    for workload in _pages(objects, ingress):
        for container in workload.containers:
            name = "ORCID_SYNC_REDIRECT_URI"
            host = urlsplit(environment(objects, workload, container).get(name, "")).hostname
            if hosts != {host}:
                yield f"is at {', '.join(map(str, hosts))}, and {name} at {host}"
            if host not in with_certificate:
                yield f"has no certificate for {host}"


def _pages(objects: Collection[Object], ingress: Object) -> list[Workload]:
    """What an Ingress leads to."""
    paths = [path for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]]
    services = [named(objects, "Service", path["backend"]["service"]["name"]) for path in paths]
    chosen = [{"matchLabels": one["spec"]["selector"]} for one in services if one is not None]
    return [one for one in workloads(objects) if any(selects(each, one.labels) for each in chosen)]


def _let_in(objects: Collection[Object], workload: Workload, name: str, who: str) -> Iterator[str]:
    policy = named(objects, "NetworkPolicy", name)
    if policy is None or not selects(policy["spec"]["podSelector"], workload.labels):
        yield f"{workload}: the NetworkPolicy {name} does not let in {who}"
    elif not comes_in(workload, [policy], "web"):
        yield f"{workload}: the NetworkPolicy {name} lets nobody of another namespace in to its port web"
