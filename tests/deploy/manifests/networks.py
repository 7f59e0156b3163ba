"""Networks: nobody talks to anybody by default, what must be reached is, and no rule opens more than it must."""

from collections.abc import Collection, Iterator
from ipaddress import ip_network
from urllib.parse import urlsplit

from tests.deploy.manifests.containers import environment
from tests.deploy.manifests.objects import Object, Workload, of_kind, ports, told, workloads
from tests.deploy.manifests.reach import Somewhere, covers, goes_out, mine, place_of

METADATA = ("169.254.169.254", "fd00:ec2::254")
"""Where clouds keep a machine's own credentials."""
NAMES = (("namespace", "kube-system", 53), ("namespace", "openshift-dns", 5353))
"""Where clusters have their DNS."""
ADDRESSES = ("ORCID_SYNC_API_URL", "ORCID_SYNC_AUTH_URL", "ORCID_SYNC_STATE_URL")
BROKERS = "ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS"
PORTS = {"https": 443, "http": 80, "postgresql": 5432, "": 9092}
NARROWEST = 8
"""An ipBlock of fewer bits than these is no place of the institution's."""


def network_faults(objects: Collection[Object]) -> Iterator[str]:
    """What is open, or closed, against the rule; one line each."""
    policies = list(of_kind(objects, "NetworkPolicy"))
    if not any(_denies_all(one) for one in policies):
        yield "no NetworkPolicy denies everything to every pod"
    for policy in policies:
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy["spec"].get(direction) or ():
                yield from (f"{told(policy)}: {fault}" for fault in _rule(objects, policy, rule, direction, peers))
    for workload in workloads(objects):
        for protocol in ("UDP", "TCP"):
            if not any(
                goes_out(objects, mine(objects, workload), (kind, name), port, protocol) for kind, name, port in NAMES
            ):
                yield f"{workload}: may not ask for names by {protocol}"
        for name, place, port in sorted(_needed(objects, workload)):
            if not goes_out(objects, mine(objects, workload), place, port):
                yield f"{workload}: may not reach port {port} of {name} ({place[0]} {place[1]})"


def _needed(objects: Collection[Object], workload: Workload) -> set[tuple[str, Somewhere, int]]:
    """What its containers talk to by their settings: the setting's name, the place, and the port."""
    found = set()
    for container in workload.containers:
        given = environment(objects, workload, container)
        reads = container.get("args", [""])[0] in {"run", "replay"}
        for name in (*ADDRESSES, *((BROKERS,) if reads else ())):
            for address in filter(None, given.get(name, "").split(",")):
                parts = urlsplit(address if "//" in address else f"//{address}")
                port = parts.port or PORTS.get(parts.scheme)
                if port is not None:
                    found.add((name, place_of(address), port))
    return found


def _denies_all(policy: Object) -> bool:
    spec = policy["spec"]
    closed = set(spec.get("policyTypes", ())) == {"Ingress", "Egress"}
    return closed and spec.get("podSelector") == {} and not spec.get("ingress") and not spec.get("egress")


def _rule(objects: Collection[Object], policy: Object, rule: Object, direction: str, peers: str) -> Iterator[str]:
    if direction.capitalize() not in policy["spec"].get("policyTypes", ()):
        yield f"has a rule for {direction}, but not the type"
    if not rule.get("ports"):
        yield f"opens every port ({direction})"
    if direction == "ingress" and not rule.get(peers):
        yield "lets anybody in"
    for peer in rule.get(peers) or ():
        block = peer.get("ipBlock")
        if block and direction == "ingress" and ip_network(block["cidr"]).prefixlen < NARROWEST:
            yield f"lets anybody in from {block['cidr']}"
        for address in METADATA:
            if block and direction == "egress" and covers(block, address):
                yield f"opens {address}, where clouds keep a machine's credentials"
        if not peer or peer.get("namespaceSelector") == {}:
            yield f"names every namespace ({direction})"
    known = {name for workload in workloads(objects) for one in workload.containers for name in ports(one)}
    for port in rule.get("ports") or ():
        if isinstance(port.get("port"), str) and port["port"] not in known:
            yield f"no pod has a port {port['port']}"
