"""Networks: nobody talks to anybody by default, and no rule opens more than it must."""

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from tests.deploy.manifests.containers import environment
from tests.deploy.manifests.objects import Object, Workload, named, of_kind, ports, selects, told, workloads

METADATA = "169.254.0.0/16"
"""Where clouds keep a machine's own credentials."""
PUBLIC = ("/connect", "/callback")
"""The consent pages. Operators' pages and metrics are for those inside."""
ADDRESSES = ("ORCID_SYNC_API_URL", "ORCID_SYNC_AUTH_URL", "ORCID_SYNC_STATE_URL")
BROKERS = "ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS"
PORTS = {"https": 443, "http": 80, "postgresql": 5432, "kafka": 9092}
EVERYWHERE = ("0.0.0.0/0", "::/0")


def network_faults(objects: Collection[Object]) -> Iterator[str]:
    """What is open, or closed, against the rule; one line each."""
    policies = list(of_kind(objects, "NetworkPolicy"))
    if not any(_denies_all(one) for one in policies):
        yield "no NetworkPolicy denies everything to every pod"
    for policy in policies:
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy["spec"].get(direction) or ():
                yield from _rule(objects, policy, rule, direction, peers)
    for workload in workloads(objects):
        mine = [one for one in policies if selects(one["spec"].get("podSelector", {}), workload.labels)]
        asked = {
            port.get("port")
            for one in mine
            for rule in one["spec"].get("egress") or ()
            for port in rule.get("ports", ())
        }
        if 53 not in asked:
            yield f"{workload}: may not ask for names"
        for name, port in sorted(_needed(objects, workload)):
            if not any(_opens(objects, one, port) for one in mine):
                yield f"{workload}: may not reach port {port} of {name}"
    yield from _from_outside(objects)


def _needed(objects: Collection[Object], workload: Workload) -> set[tuple[str, int]]:
    """What its containers talk to by their settings: the setting's name, and the port."""
    found = set()
    for container in workload.containers:
        given = environment(objects, workload, container)
        reads = container.get("args", [""])[0] in {"run", "replay"}
        for name in (*ADDRESSES, *((BROKERS,) if reads else ())):
            for address in filter(None, given.get(name, "").split(",")):
                parts = urlsplit(address if "//" in address else f"kafka://{address}")
                port = parts.port or PORTS.get(parts.scheme)
                if port is not None:
                    found.add((name, port))
    return found


def _opens(objects: Collection[Object], policy: Object, port: int) -> bool:
    """Whether a policy lets its pods out to a port, wherever that is."""
    called = {name: at for one in workloads(objects) for each in one.containers for name, at in ports(each).items()}
    for rule in policy["spec"].get("egress") or ():
        for one in rule.get("ports") or ():
            first = called.get(one["port"], 0) if isinstance(one["port"], str) else one["port"]
            if first <= port <= one.get("endPort", first):
                return True
    return False


def _from_outside(objects: Collection[Object]) -> Iterator[str]:
    """Who comes from outside finds what is for them, and only that."""
    for ingress in of_kind(objects, "Ingress"):
        for rule in ingress["spec"].get("rules", ()):
            for path in rule["http"]["paths"]:
                if path.get("path") not in PUBLIC:
                    yield f"{told(ingress)}: shows the world {path.get('path')}: only {', '.join(PUBLIC)} are for it"
    watched = [one["spec"]["selector"] for one in of_kind(objects, "PodMonitor")]
    policy = named(objects, "NetworkPolicy", "from-prometheus") or {"spec": {"podSelector": {"matchLabels": {"": ""}}}}
    for workload in workloads(objects):
        if any(selects(one, workload.labels) for one in watched) and not selects(
            policy["spec"]["podSelector"], workload.labels
        ):
            yield f"{workload}: the NetworkPolicy from-prometheus does not let in who watches it"


def _denies_all(policy: Object) -> bool:
    spec = policy["spec"]
    closed = set(spec.get("policyTypes", ())) == {"Ingress", "Egress"}
    return closed and spec.get("podSelector") == {} and not spec.get("ingress") and not spec.get("egress")


def _rule(objects: Collection[Object], policy: Object, rule: Object, direction: str, peers: str) -> Iterator[str]:
    if direction.capitalize() not in policy["spec"].get("policyTypes", ()):
        yield f"{told(policy)}: has a rule for {direction}, but not the type"
    if not rule.get("ports"):
        yield f"{told(policy)}: opens every port ({direction})"
    if direction == "ingress" and not rule.get(peers):
        yield f"{told(policy)}: lets anybody in"
    for peer in rule.get(peers) or ():
        block = peer.get("ipBlock", {})
        if block.get("cidr") == EVERYWHERE[0] and METADATA not in block.get("except", ()):
            yield f"{told(policy)}: opens {METADATA}, where clouds keep a machine's credentials"
        if not peer or peer.get("namespaceSelector") == {}:
            yield f"{told(policy)}: names every namespace ({direction})"
    known = {name for workload in workloads(objects) for one in workload.containers for name in ports(one)}
    for port in rule.get("ports") or ():
        if isinstance(port.get("port"), str) and port["port"] not in known:
            yield f"{told(policy)}: no pod has a port {port['port']}"
