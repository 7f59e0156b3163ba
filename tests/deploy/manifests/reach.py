"""Reach: who a rule of a NetworkPolicy lets through, by peer, port and protocol."""

from collections.abc import Collection, Iterator
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from tests.deploy.manifests.objects import Object, Workload, named, of_kind, ports, selects, workloads

Somewhere = tuple[str, str]
"""A kind of place and its name: ("namespace", "kafka"), ("service", "orcid") of our own, ("host", "orcid.org")."""

SPACE = "kubernetes.io/metadata.name"
"""The label that every namespace has."""
PUBLIC_ADDRESS = "203.0.113.1"
"""One that is nobody's (RFC 5737), for any on the Internet."""


def place_of(address: str) -> Somewhere:
    """Where the host of a URL, or of host:port, is: a Service of another namespace, one of ours, or a host beside."""
    host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    inside = host.removesuffix(".cluster.local")
    if inside.endswith(".svc"):
        return ("namespace", inside.removesuffix(".svc").rpartition(".")[2])
    return ("host", host) if "." in host else ("service", host)


def goes_out(
    objects: Collection[Object], policies: Collection[Object], place: Somewhere, port: int, protocol: str = "TCP"
) -> bool:
    """Whether one of the policies lets the pods that it selects reach a port there."""
    for rule in _rules(policies, "egress"):
        pods = _behind(objects, place[1]) if place[0] == "service" else workloads(objects)
        known = {name: at for pod in pods for each in pod.containers for name, at in ports(each).items()}
        if _opens(rule, port, protocol, known) and _names(rule.get("to"), place, pods):
            return True
    return False


def comes_in(workload: Workload, policies: Collection[Object], port: str) -> bool:
    """Whether one of the policies lets pods of some other namespace in, by a port of this workload."""
    known = {name: at for each in workload.containers for name, at in ports(each).items()}
    return any(
        _opens(rule, known.get(port, 0), "TCP", known)
        and any((peer.get("namespaceSelector") or {}).get("matchLabels") for peer in rule.get("from") or ())
        for rule in _rules(policies, "ingress")
    )


def covers(block: Object, address: str) -> bool:
    """Whether an ipBlock has an address in it."""
    at, cidr = ip_address(address), ip_network(block["cidr"])
    return at in cidr and not any(at in ip_network(one) for one in block.get("except") or ())


def _rules(policies: Collection[Object], direction: str) -> Iterator[Object]:
    for policy in policies:
        yield from policy["spec"].get(direction) or ()


def _opens(rule: Object, port: int, protocol: str, known: dict[str, int]) -> bool:
    everything: Object = {}
    for one in rule.get("ports") or (everything,):
        asked = one.get("port", port)
        first = known.get(asked, 0) if isinstance(asked, str) else asked
        if one.get("protocol", "TCP") == protocol and first <= port <= one.get("endPort", first):
            return True
    return False


def _names(peers: Collection[Object] | None, place: Somewhere, pods: Collection[Workload]) -> bool:
    """Whether a place is among the peers of a rule; none at all are everybody."""
    return not peers or any(_is_at(peer, place, pods) for peer in peers)


def _is_at(peer: Object, place: Somewhere, pods: Collection[Workload]) -> bool:
    kind, name = place
    if "ipBlock" in peer:
        # A host of the institution's own may be at any address; ORCID's are public ones.
        return kind == "host" and (not name.endswith("orcid.org") or covers(peer["ipBlock"], PUBLIC_ADDRESS))
    if kind == "namespace":
        # The labels of pods there are not known here.
        return "namespaceSelector" in peer and selects(peer["namespaceSelector"], {SPACE: name})
    own = kind == "service" and "namespaceSelector" not in peer
    return own and any(selects(peer.get("podSelector", {}), one.labels) for one in pods)


def _behind(objects: Collection[Object], service: str) -> list[Workload]:
    found = named(objects, "Service", service)
    chosen = {"matchLabels": found["spec"]["selector"]} if found else {"matchLabels": {"": ""}}
    return [one for one in workloads(objects) if selects(chosen, one.labels)]


def mine(objects: Collection[Object], workload: Workload) -> list[Object]:
    """The policies that select a workload's pods."""
    policies = of_kind(objects, "NetworkPolicy")
    return [one for one in policies if selects(one["spec"].get("podSelector", {}), workload.labels)]
