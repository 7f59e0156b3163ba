"""Permission notifications in XML (API_FACTS section 10; notification-permission-3.0.xsd and -2.1.xsd)."""

from worker.sandbox.forms.xml_common import CREATED, Common
from worker.sandbox.forms.xml_grammar import MOMENT, NUMBER, TEXT, Element, Group, Text
from worker.sandbox.sections.vocabulary import NOTIFIED_TYPES, NOTIFIED_TYPES_2_1


def notification(common: Common) -> Element:
    """One notification; a type of item that only v3.0 has is shown as `employment` in v2.1."""
    types = Text(NOTIFIED_TYPES, named=True) if common.newer else _OLDER_TYPES
    item = Group(
        (
            Element("notification", "item-type", types, required=True),
            Element("notification", "item-name", TEXT, required=True),
            Element("common", "external-id", Group(common.identifier)),
        )
    )
    address = Group(tuple(Element("notification", name, TEXT) for name in ("uri", "path", "host")))
    children = (
        Element("notification", "notification-type", Text(frozenset({"permission"}), named=True), required=True),
        Element("notification", "authorization-url", address, required=True),
        Element("notification", "notification-subject", TEXT, required=True),
        Element("notification", "notification-intro", TEXT, required=True),
        Element("notification", "items", Group((Element("notification", "item", item, many=True),)), required=True),
        CREATED,
        Element("common", "sent-date", MOMENT),
        Element("common", "read-date", MOMENT),
        Element("notification", "actioned-date", MOMENT),
        Element("common", "archived-date", MOMENT),
        common.source,
    )
    return Element("notification", "notification", Group(children, {"put-code": NUMBER}))


def notifications(common: Common) -> Element:
    """A client's notifications to one researcher."""
    one = notification(common)
    members = Element(one.space, one.name, one.content, many=True)
    return Element("notification", "notifications", Group((members,)))


_OLDER_TYPES = Text(NOTIFIED_TYPES_2_1, named=True, otherwise="employment")
