"""Happenings: the events of two sources about one person, in every family, and troubles of calls, drawn from a seed."""

from random import Random
from typing import Any

from tests.benchmarks.institution import person_id
from tests.events import Event, affiliation, funding, peer_review, person, publication, removal, research_resource
from tests.turning.weather import CUT, TIMEOUT, UNSENT, Trouble, answered, by
from worker.ports import Reply

PERSON = person_id(1)
SOURCES = ("/a", "/b")
FAMILIES = ("affiliation", "publication", "funding", "peer review", "research resource", "person")
GROUPS = ({"id": "orcid-generated:kelp", "name": "Kelp", "type": "journal"}, {"id": "issn:2049-3630"})
METHODS = (("POST",), ("PUT",), ("DELETE",), ("GET",), ("POST", "PUT", "DELETE"))

REPLIES: tuple[tuple[Reply, tuple[str, ...]], ...] = (
    (UNSENT, ("never",)),
    (answered(429), ("never",)),
    (answered(503), ("never",)),
    (CUT, ("never", "now")),
    (answered(500, b'{"error-code": 9008}'), ("never", "now")),
    (TIMEOUT, ("never", "now", "later")),
    (answered(502, b"<html>"), ("never", "now", "later")),
)
"""Replies, and whether ORCID may have carried out what was asked."""


def an_event(random: Random, family: str, sequence: int) -> Event:
    """What one of few source records says now: few identifiers, so that items meet, part, and swap them."""
    told = _changed(random, family) | {"source": random.choice(SOURCES)}
    if random.random() < 0.2:
        return removal(told, sequence=sequence)
    return told | {"sequence": str(sequence), "id": f"{told['id']}-{sequence}"}


def _changed(random: Random, family: str) -> Event:
    one = random.choice("123")
    title = random.choice(["Kelp", "Moa"])
    match family:
        case "affiliation":
            kind = random.choice(["employment", "employment", "education", "service"])
            return affiliation(PERSON, f"A{one}", kind=kind, role_title=title)
        case "publication":
            kind = random.choice(["journal-article", "journal-article", "preprint"])
            dois = _identifiers(random, "doi", "10.1/a", "10.1/b", "10.1/C")
            return publication(PERSON, f"W{one}", "", title=title, identifiers=dois, type=kind)
        case "funding":
            numbers = _identifiers(random, "grant_number", "1", "2", "3a")
            return funding(PERSON, f"F{one}", "", title=title, identifiers=numbers)
        case "peer review":
            reviews = _identifiers(random, "other-id", "r1", "r2")
            role = random.choice(["reviewer", "editor"])
            return peer_review(PERSON, f"R{one}", "", identifiers=reviews, group=random.choice(GROUPS), role=role)
        case "research resource":
            told = research_resource(PERSON, f"S{one}", "p1")
            proposals = _identifiers(random, "proposal-id", "p1", "p2", "p3")
            said: dict[str, Any] = told["data"]["proposal"] | {"title": title}
            told["data"]["proposal"] = said | ({"identifiers": proposals} if proposals else {})
            return told
        case _:
            return _about_a_person(random)


def _identifiers(random: Random, kind: str, *values: str) -> list[dict[str, str]]:
    return [{"type": kind, "value": value} for value in _some(random, *values)]


def _some(random: Random, *values: str) -> list[str]:
    return [value for value in values if random.random() < 0.5]


def _about_a_person(random: Random) -> Event:
    pages = _some(random, "https://a.example.org/", "https://b.example.org/")
    profiles = [f"https://l.example.org/{number}" for number in "12"]
    return person(
        PERSON,
        "E1",
        keywords=_some(random, "kelp", "moa", "Kelp"),
        other_names=_some(random, "S. Garcia", "Sofia G."),
        websites=[{"name": random.choice(["Group", "Lab"]), "url": page} for page in pages],
        country=random.choice(["US", "IE", None]),
        identifiers=[
            {"type": "Loop", "value": value, "url": random.choice(profiles)} for value in _some(random, "1", "2")
        ],
    )


def a_trouble(random: Random) -> Trouble:
    """A reply that is lost, late or not ORCID's, to the next calls of some methods; what is possible is carried out."""
    reply, fates = random.choice(REPLIES)
    methods = random.choice(METHODS)
    return Trouble(reply, by(*methods), times=random.choice([1, 1, 2]), carried_out=random.choice(fates))
