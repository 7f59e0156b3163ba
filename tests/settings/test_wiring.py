"""From settings and mapping file to how is sent and planned; whose plans a changed one concerns."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mappers.forms import Version
from mappers.mapping_file import parse_mapping
from mappers.sections import Section
from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault, new_key
from tests.fakes.set_clock import SetClock
from tests.worker.builders import NOW, PERSON, grant
from worker.intake.intake import Tempo
from worker.people.merging import merge_people
from worker.planning.policy import Exclusion, Leaving
from worker.policies import make_policy, read_mapping
from worker.settings.settings import Settings, load_settings
from worker.sources.nothing import NothingSource
from worker.wiring import check_settings, wired

KEY = "lS0V6o5yhCrOE2BkZ4O8XEv7sL6aT-rEJ9bS0Rkq2ng="
FILE = """
[sections.keywords]
enabled = false
[sections.work]
visibility = "limited"
[sources."/hr"]
precedence = 2
wins = ["start_date", "department"]
[[exclusions]]
people = ["E1"]
action = "freeze"
[[exclusions]]
sources = ["/old"]
sections = ["work"]
action = "withdraw"
[leavers]
action = "withdraw"
sections = ["employment"]
after_days = 30
"""


def settings(**changed: str) -> Settings:
    """Settings that are enough to send."""
    known = {"ORCID_SYNC_CLIENT_ID": "APP-1", "ORCID_SYNC_VAULT_KEYS": KEY}
    return load_settings(known | {f"ORCID_SYNC_{name.upper()}": value for name, value in changed.items()})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with one person, who is not due."""
    made = SqliteStore(tmp_path / "state.db", Vault([new_key()]), SetClock(NOW).now)
    made.grants.put(grant())
    yield made
    made.close()


def test_the_mapping_file_says_what_planning_goes_by(store: Store) -> None:
    """Sections off, fields that a source wins, exclusions, and what becomes of who left."""
    policy = make_policy(settings(), parse_mapping(FILE), store)

    assert policy.switched_off == {Section.KEYWORDS}
    assert {source: set(fields) for source, fields in policy.wins.items()} == {"/hr": {"start_date", "department_name"}}
    assert policy.precedence == {"/hr": 2}
    assert policy.exclusions == (
        Exclusion(people=frozenset({"E1"})),
        Exclusion(sources=frozenset({"/old"}), sections=frozenset({Section.WORK}), withdraw=True),
    )
    assert policy.leaving == Leaving(frozenset({Section.EMPLOYMENT}), 30 * 86_400.0, withdraw=True)


@pytest.mark.parametrize("text", ["", '[leavers]\naction = "keep"'])
def test_without_a_policy_nothing_becomes_of_leavers(store: Store, text: str) -> None:
    """Nor when they are kept up."""
    assert make_policy(settings(), parse_mapping(text), store).leaving is None


@pytest.mark.parametrize("version", ["v3.0", "v2.1"])
@pytest.mark.parametrize("format_", ["json", "xml"])
def test_every_version_and_format_is_taken(store: Store, version: str, format_: str) -> None:
    """And planning knows the version."""
    chosen = settings(api_version=version, format=format_)
    check_settings(chosen)

    assert make_policy(chosen, parse_mapping(""), store).version is Version(version)


def test_without_a_client_secret_planning_knows_why_groups_wait(store: Store) -> None:
    """The setting is named."""
    without, with_ = (make_policy(one, parse_mapping(""), store) for one in (settings(), settings(client_secret="s")))

    assert "ORCID_SYNC_CLIENT_SECRET is not set" in without.tokenless
    assert with_.tokenless == ""


def due_after(store: Store, *runs: dict[str, str]) -> list[list[str]]:
    """Who is due at the beginning of each of these runs."""
    found = []
    for changed in runs:
        with wired(settings(**changed), store, NothingSource(), tempo=Tempo(0.0, 0.0)):
            due = store.agenda.due(NOW, 10)
            found.append([one.person for one in due])
            for one in due:
                store.agenda.retry(one.person, None, one.revision, 0)
    return found


def test_a_policy_that_is_the_same_concerns_nobody(store: Store, tmp_path: Path) -> None:
    """Nor does the format, the visibility or a time: they change no plan."""
    path = tmp_path / "mapping.toml"
    path.write_text(FILE)
    same = {"mapping_file": str(path)}
    runs = due_after(store, same, same, same | {"format": "xml"}, same | {"visibility": "limited"})

    assert runs == [[], [], [], []]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "[sections.keywords]\nenabled = false", id="a section is off now"),
        pytest.param("", '[sources."/hr"]\nwins = ["start_date"]', id="a source wins a field"),
        pytest.param("", '[[exclusions]]\npeople = ["E1"]\naction = "freeze"', id="an exclusion"),
        pytest.param(
            '[[exclusions]]\npeople = ["E1"]\naction = "freeze"',
            '[[exclusions]]\npeople = ["E1"]\naction = "withdraw"',
            id="an exclusion that takes off now",
        ),
        pytest.param("", '[leavers]\naction = "withdraw"', id="a leaver policy"),
        pytest.param('[leavers]\naction = "withdraw"', '[leavers]\naction = "withdraw"\nafter_days = 1', id="later"),
    ],
)
def test_a_changed_policy_concerns_everybody(store: Store, tmp_path: Path, before: str, after: str) -> None:
    """They are planned again, once."""
    path = tmp_path / "mapping.toml"
    file = {"mapping_file": str(path)}
    path.write_text(before)
    first = due_after(store, file)
    path.write_text(after)

    assert [*first, *due_after(store, file, file)] == [[], [PERSON], []]


@pytest.mark.parametrize("changed", [{"api_version": "v2.1"}, {"client_secret": "s"}, {"send": "off"}], ids=", ".join)
def test_changed_settings_concern_everybody_too(store: Store, changed: dict[str, str]) -> None:
    """What waited for a version that has its section, or for our client's token, is looked at again."""
    assert due_after(store, {}, changed, changed) == [[], [PERSON], []]


def test_a_visibility_is_the_sections_or_that_of_the_settings(store: Store, tmp_path: Path) -> None:
    """The mapping file knows better."""
    path = tmp_path / "mapping.toml"
    path.write_text(FILE)
    chosen = settings(mapping_file=str(path), visibility="private")
    with wired(chosen, store, NothingSource(), tempo=Tempo(0.0, 0.0)) as worker:
        visibilities: Any = worker.desk._pace.visibilities

    assert visibilities[Section.WORK] == "limited"
    assert {visibilities[section] for section in Section if section is not Section.WORK} == {"private"}
    assert read_mapping(chosen).visibility_of(Section.KEYWORDS) is None


def test_secrets_are_not_part_of_what_is_compared(store: Store) -> None:
    """Only whether there is one."""
    assert due_after(store, {"client_secret": "a"}, {"client_secret": "b"}) == [[], []]


def test_the_mapping_file_may_name_people_by_what_they_were_merged_from(store: Store) -> None:
    """Pilot and exclusions mean the person that they are now."""
    merge_people(store, "E1", PERSON)
    text = '[pilot]\npeople = ["E1"]\n[[exclusions]]\npeople = ["E1"]\naction = "freeze"\n'

    policy = make_policy(settings(send="pilot"), parse_mapping(text), store)

    assert policy.only == frozenset({PERSON})
    assert policy.exclusions[0].people == {PERSON}
