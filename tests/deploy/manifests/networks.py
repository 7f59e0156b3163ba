"""Networks: nobody talks to anybody by default, and no rule opens more than it must."""

from collections.abc import Collection, Iterator

from tests.deploy.manifests.objects import Object, of_kind, ports, selects, told, workloads

METADATA = "169.254.0.0/16"
"""Where clouds keep a machine's own credentials."""
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
