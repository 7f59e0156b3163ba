"""Files of settings that are no such files: endless, nested without end, with numbers without end."""

from pathlib import Path

import pytest

from mappers.mapping_file import MappingFaults, parse_mapping
from worker.settings.settings import SettingsFaults, load_settings
from worker.settings.sources import LARGEST

CONTENTS = {
    "nested lists": "a = " + "[" * 100_000,
    "nested tables": "a = " + "{b=" * 5_000,
    "a long number": "a = " + "9" * 10_000,
    "too large": "#" * (LARGEST + 1),
}


@pytest.mark.parametrize("content", CONTENTS)
def test_a_config_that_cannot_be_read(tmp_path: Path, content: str) -> None:
    """One line says so, among those of all that is wrong."""
    config = tmp_path / "orcid-sync.toml"
    config.write_text(CONTENTS[content])

    with pytest.raises(SettingsFaults) as told:
        load_settings({}, config)

    (fault,) = told.value.faults
    assert fault.startswith(f"--config: {config} is not TOML: ")
    assert len(fault) < 500


@pytest.mark.parametrize("content", [name for name in CONTENTS if name != "too large"])
def test_a_mapping_file_that_cannot_be_read(content: str) -> None:
    """The same."""
    with pytest.raises(MappingFaults) as told:
        parse_mapping(CONTENTS[content])

    (fault,) = told.value.faults
    assert fault.startswith("is not TOML: ")
    assert len(fault) < 500


def test_a_file_without_an_end() -> None:
    """Is not read for ever."""
    with pytest.raises(SettingsFaults, match="is not TOML"):
        load_settings({}, Path("/dev/zero"))
    with pytest.raises(SettingsFaults, match="UTF-8 text"):
        load_settings({"ORCID_SYNC_CLIENT_SECRET_FILE": "/dev/zero"}, None)
