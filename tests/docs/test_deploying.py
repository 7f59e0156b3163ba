"""deploy/README.md: the commands, settings, files and alerts that it names exist."""

import re

import pytest
import yaml

from tests.docs import readme
from worker.settings.settings import SECRETS, Settings, variable_of
from worker.watching.metric_names import METRICS

FOLDER = readme.ROOT / "deploy"


@pytest.mark.parametrize("words", readme.shell_calls(readme.DEPLOYING), ids=" ".join)
def test_a_command_and_its_options_are_known(words: list[str]) -> None:
    """What it types is what the command line takes."""
    assert readme.unknown_word(words) == ""


def test_commands_in_its_text_are_known() -> None:
    """What begins as a command of two words, between backticks, is one."""
    groups = {path[0] for path in readme.leaves(readme.cli()) if len(path) > 1}
    spans = [span.split() for span in readme.spans(readme.DEPLOYING)]

    assert [words for words in spans if words[0] in groups and len(words) > 1 and readme.unknown_word(words)] == []


def test_settings_exist() -> None:
    """No setting is named that there is not; a table may leave the beginning of Kafka's names out."""
    variables = {variable_of(name) for name in Settings.model_fields}
    files = {f"{variable_of(name)}_FILE" for name in SECRETS}

    assert readme.named("ORCID_SYNC_", readme.DEPLOYING) - files - variables == {"ORCID_SYNC_KAFKA_"}


def test_metrics_exist() -> None:
    """No metric is named that is not served."""
    assert readme.named("orcid_sync_", readme.DEPLOYING) <= {one.name for one in METRICS}


def test_links_lead_somewhere() -> None:
    """Links to files and to headings."""
    assert readme.wrong_links(readme.DEPLOYING, FOLDER) == []


def test_paths_that_it_names_exist() -> None:
    """Paths of the repository; what git ignores, and Kubernetes' own short names, are none."""
    named = set(re.findall(r"(?<![\w./-])deploy/[\w./-]*\w", readme.DEPLOYING))
    named -= {path for path in named if "/secrets" in path or path.startswith("deploy/orcid-sync")}

    assert [path for path in sorted(named) if not (readme.ROOT / path).exists()] == []


def test_every_alert_has_a_section() -> None:
    """The page that an alert links to says what to do about it, and about no alert that there is not."""
    rules = yaml.safe_load((FOLDER / "prometheus" / "alerts.yaml").read_text("utf-8"))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule}

    assert set(re.findall(r"^#+ (OrcidSync\w+)$", readme.DEPLOYING, re.MULTILINE)) == alerts


def test_it_says_nothing_about_this_machine() -> None:
    """No absolute path of whoever wrote it, no address of a package index."""
    assert re.findall(r"(?:/home|/root|/work|/Users)/\S+|\S*pypi\S*|\S*index-url\S*", readme.DEPLOYING) == []
