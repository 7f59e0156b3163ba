"""POSTs in doubt of several items of one section: what was ours is known as ours again, whatever is wanted by then."""

from typing import Any

from mappers.sections import Section
from tests.benchmarks.institution import person_id
from tests.events import changed, person, publication, removal
from tests.turning.weather import CUT, TIMEOUT, Trouble, answered, by
from tests.turning.worlds import World

P = person_id(1)
ONE, TWO = ({"type": "doi", "value": f"10.5555/{number}"} for number in (1, 2))
LOOP, SCOPUS = ({"type": name, "value": "1", "url": "https://ids.example.org/1"} for name in ("Loop", "Scopus"))
NOTHING: dict[str, Any] = {"keywords": [], "other_names": [], "websites": [], "country": None, "identifiers": []}


def put_codes(world: World, section: Section) -> list[int]:
    """What stands in a section of the first person's record."""
    with world.sandbox.lock:
        return [item.put_code for item in world.sandbox.records[world.orcid(1)].items(section)]


def test_two_works_in_doubt_that_became_one_leave_one_on_the_record(world: World) -> None:
    """Both were carried out; what is not needed any more is taken off, not forgotten."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(Trouble(CUT, by("POST"), times=1, carried_out="now"))
    works = [publication(P, f"W{number}", "", identifiers=[one]) for number, one in enumerate((ONE, TWO))]
    world.tell(*works)
    world.settle(office, within=5.0)
    both = put_codes(world, Section.WORK)
    world.tell(changed(works[1], sequence=2, identifiers=[ONE]))
    world.settle(office)

    assert len(both) == 2
    assert put_codes(world, Section.WORK) == both[:1]
    assert world.states() == {"in_sync": 1, "merged": 1}


def test_works_in_doubt_that_others_stand_for_by_now_stay_ours(world: World) -> None:
    """The DOI went to another source record meanwhile: when that goes, so does the work, unasked."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(Trouble(CUT, by("POST"), times=1, carried_out="now"))
    works = [publication(P, f"W{number}", "", identifiers=[one]) for number, one in enumerate((ONE, TWO))]
    world.tell(*works)
    world.settle(office, within=5.0)
    heir = publication(P, "W3", "", identifiers=[TWO])
    world.tell(changed(works[1], sequence=2, identifiers=[ONE]), heir)
    world.settle(office)
    stood = put_codes(world, Section.WORK)
    world.tell(removal(heir, sequence=2))
    world.settle(office)

    assert len(stood) == 2
    assert len(put_codes(world, Section.WORK)) == 1
    assert "held" not in world.states()


def test_what_a_list_shows_of_items_in_doubt_is_ours(world: World) -> None:
    """The section was listed for another one, which was withdrawn: this one is removed later without being asked."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(Trouble(TIMEOUT, by("POST"), times=2, carried_out="now"))
    both = person(P, "E1", **NOTHING | {"identifiers": [LOOP, SCOPUS]})
    world.tell(both)
    world.settle(office, within=5.0)
    world.tell(changed(both, sequence=2, identifiers=[SCOPUS]))
    world.settle(office)
    left = put_codes(world, Section.EXTERNAL_IDENTIFIERS)
    world.tell(removal(both, sequence=3))
    world.settle(office)

    assert len(left) == 1
    assert put_codes(world, Section.EXTERNAL_IDENTIFIERS) == []
    assert world.states() == {}


def test_a_keyword_in_doubt_that_a_stale_list_does_not_show_is_not_lost(world: World) -> None:
    """ORCID says 9030 to the repetition, and its list comes from a replica that lags for an hour."""
    world.connect(1)
    office = world.office()
    office.weather.troubles += [
        Trouble(CUT, by("POST"), times=1, carried_out="now"),
        Trouble(answered(200, b'{"keyword": []}'), by("GET"), times=3),
    ]
    told = person(P, "E1", **NOTHING | {"keywords": ["turbulence"]})
    world.tell(told)
    world.settle(office)
    states = world.states()
    world.tell(removal(told, sequence=2))
    world.settle(office)

    assert states == {"in_sync": 1}
    assert put_codes(world, Section.KEYWORDS) == []
