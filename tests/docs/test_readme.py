"""README.md: what it names exists, and what it leaves out does not."""

import json
import re
from pathlib import Path

import pytest

from mappers.events.messages import Message, Place
from mappers.events.permissions import PermissionGranted, parse_grant
from mappers.events.record_event import RecordEvent
from mappers.families.registry import FAMILIES
from mappers.forms import Version
from mappers.mapping import map_record
from mappers.mapping_file import EMPTY
from mappers.parsing import parse
from mappers.sections import Section
from state.facts import ItemState
from tests.docs import readme
from worker.sandbox.faults import parse_fault
from worker.settings.settings import SECRETS, Settings, variable_of
from worker.watching.metric_names import METRICS

NOW = 1_800_000_000.0
EVENTS = [block for block in readme.blocks("json") if "specversion" in block]
GRANTS = [block for block in readme.blocks("json") if "access_token" in block]


def test_the_table_of_commands_is_that_of_the_command_line() -> None:
    """Every command has its row, and every row its command."""
    commands = {" ".join(path) for path in readme.leaves(readme.cli())}
    rows = {next(name for name in sorted(commands, key=len, reverse=True) if _names(row, name)) for row in _known()}

    assert rows == commands


def _known() -> list[str]:
    rows = readme.command_rows()
    commands = [" ".join(path) for path in readme.leaves(readme.cli())]
    unknown = [row for row in rows if not any(_names(row, name) for name in commands)]
    assert unknown == []
    return rows


def _names(row: str, command: str) -> bool:
    return row == command or row.startswith(f"{command} ")


@pytest.mark.parametrize("words", readme.shell_calls(), ids=" ".join)
def test_a_command_and_its_options_are_known(words: list[str]) -> None:
    """What README types is what the command line takes."""
    assert readme.unknown_word(words) == ""


def test_settings_are_all_named_and_no_others() -> None:
    """README.md lists the settings: the message about an unknown one says so."""
    variables = {variable_of(name) for name in Settings.model_fields}
    files = {f"{variable_of(name)}_FILE" for name in SECRETS}

    assert readme.named("ORCID_SYNC_") - files == variables


def test_every_setting_has_an_effect() -> None:
    """There is no setting that nothing reads."""
    code = "".join(path.read_text("utf-8") for path in _outside_settings())
    read = {name for name in Settings.model_fields if re.search(rf"\bsettings\.{name}\b", code)}
    read |= {"state_url", "api_version", "format"}  # through a property; by name

    assert [variable_of(name) for name in Settings.model_fields if name not in read] == []


def _outside_settings() -> list[Path]:
    return [path for path in (readme.ROOT / "worker").rglob("*.py") if path.parent.name not in {"settings", "sandbox"}]


def test_defaults_are_those_of_the_settings() -> None:
    """A row with one variable and one default tells the default that is taken."""
    rows = re.findall(r"^\| `(ORCID_SYNC_\w+)` \| `([^`]+)` \|", readme.README, re.MULTILINE)

    wrong = [row for row in rows if _default(row[0]) != row[1]]

    assert rows
    assert wrong == []


def _default(variable: str) -> str:
    value = Settings.model_fields[variable.removeprefix("ORCID_SYNC_").lower()].default
    if variable_of("state_url") == variable:
        return str(value.reveal())
    if isinstance(value, float):
        return f"{value:g}"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def test_metrics_are_all_named_and_no_others() -> None:
    """The table of metrics is that of the metrics page."""
    assert readme.named("orcid_sync_") == {one.name for one in METRICS}


def test_every_state_has_its_row_when_things_go_wrong() -> None:
    """What each state of an item means, what the worker does by itself, and what an operator may do; no other state."""
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (.+) \|$", readme.section("When things go wrong"), re.MULTILINE)

    assert sorted(row[0] for row in rows) == sorted(ItemState)
    assert all(cell.strip(" —") for row in rows for cell in row)


def test_there_is_an_event_of_each_family() -> None:
    """Every family whose events become items has a full example."""
    families = {f"{entity}.changed" for entity in FAMILIES if entity not in {"hr.person.left", "hr.person.merged"}}
    assert {json.loads(block)["type"] for block in EVENTS} == families


@pytest.mark.parametrize("block", EVENTS, ids=lambda block: str(json.loads(block)["type"]))
def test_an_example_event_maps(block: str) -> None:
    """It is taken without a mapping file, and ORCID's rules find nothing to refuse."""
    event = parse(Message(Place("README.md", 1), json.dumps(json.loads(block)).encode()), NOW)

    assert isinstance(event, RecordEvent), event
    items = map_record(event.record, event.data or {}, EMPTY)
    assert {(item.key.person, item.refusal) for item in items} == {("E1024", None)}


def test_the_table_of_sections_holds_every_section() -> None:
    """What it says of a version is what the code says."""
    table = [line.split("|") for line in readme.section("What it keeps").splitlines() if line.startswith("| ")]
    told = {Section(name): row for row in table[2:] for name in re.findall(r"[a-z-]{4,}", _without_notes(row[1]))}
    assert set(told) == set(Section)
    for section, row in told.items():
        assert section.is_in(Version.V2_1) != row[4].strip().startswith("not there"), section


def _without_notes(cell: str) -> str:
    return re.sub(r"\(.*?\)|, and its .*", "", cell)


@pytest.mark.parametrize("block", EVENTS, ids=lambda block: str(json.loads(block)["type"]))
def test_an_example_event_leaves_no_field_out(block: str) -> None:
    """A full example has every field of its family, but those that another one stands for."""
    told = json.loads(block)
    event = parse(Message(Place("README.md", 1), json.dumps(told).encode()), NOW)

    assert isinstance(event, RecordEvent), event
    assert event.data is not None
    assert set(told["data"]) == set(event.data)


def test_the_example_grant_is_taken() -> None:
    """The line of an import is one."""
    assert len(GRANTS) == 1
    assert isinstance(parse_grant(GRANTS[0].encode(), Place("README.md", 1), NOW), PermissionGranted)


def test_example_faults_are_understood() -> None:
    """Every fault of the table is one of the stand-in's."""
    table = readme.section("Rehearse on your own machine").split("| fault |")[1].split("\n\n")[0]
    specs = [spec for row in table.splitlines()[2:] for spec in re.findall(r"`([^`]+)`", row.split("|")[1])]

    assert len(specs) > 5
    assert [parse_fault(spec).spec for spec in specs] == specs


def test_links_lead_somewhere() -> None:
    """Links to files and to headings."""
    assert readme.wrong_links(readme.README, readme.ROOT) == []


def test_folders_that_it_names_exist() -> None:
    """Paths of the repository between backticks."""
    paths = [one for one in readme.spans() if re.fullmatch(r"(worker|mappers|state|tests|deploy)/[\w./]*", one)]

    assert [one for one in paths if not (readme.ROOT / one).exists()] == []


def test_every_room_of_the_worker_is_explained() -> None:
    """A new folder of worker/ or state/ has a line that says what lives there."""
    rooms = [
        path
        for base in ("worker", "state")
        for path in (readme.ROOT / base).iterdir()
        if (path / "__init__.py").exists()
    ]

    assert [room.name for room in rooms if f"`{room.parent.name}/{room.name}/`" not in readme.README] == []


def test_it_says_nothing_about_this_machine() -> None:
    """No absolute path of whoever wrote it, no address of a package index."""
    assert re.findall(r"(?:/home|/root|/work|/Users)/\S+|\S*pypi\S*|\S*index-url\S*", readme.README) == []
