"""Each Logic Apps workflow has the parts that its language asks for, hides its secrets, and names what exists.

https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "infra" / "logic-apps"
WORKFLOWS = sorted(path for path in FOLDER.glob("*.json") if "triggers" in json.loads(path.read_text()))
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)

CALL = {"inputs", "limit", "runtimeConfiguration"}
PARTS = {
    "Compose": {"inputs"},
    "Http": CALL,
    "HttpWebhook": CALL,
    "If": {"expression", "actions"},
    "Query": {"inputs"},
    "Select": {"inputs"},
    "Terminate": {"inputs"},
}
"""The parts of an action of each type, beside those of every action."""

REQUEST = {"method", "uri", "headers", "body", "queries", "retryPolicy"}

HIDDEN = {"secureData": {"properties": ["inputs", "outputs"]}}
"""The inputs hold the function key and the callback URL, and the outputs what they lead to."""


def list_levels(actions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the actions of every level: `runAfter` names actions of its own level only."""
    yield actions
    for each in actions.values():
        for branch in (each, each.get("else", {})):
            if "actions" in branch:
                yield from list_levels(branch["actions"])


@each_workflow
def test_an_action_has_the_parts_of_its_type_and_a_call_hides_them(path: Path) -> None:
    for name, action in (
        pair for level in list_levels(json.loads(path.read_text())["actions"]) for pair in level.items()
    ):
        assert action.keys() - {"description", "else"} == {"type", "runAfter"} | PARTS[action["type"]], name
        if PARTS[action["type"]] is CALL:
            assert action["runtimeConfiguration"] == HIDDEN, name
            assert re.fullmatch(r"PT\d+[HMS]", action["limit"]["timeout"]), name
            webhook = action["type"] == "HttpWebhook"
            requests = (
                [action["inputs"][part] for part in ("subscribe", "unsubscribe")] if webhook else [action["inputs"]]
            )
            for request in requests:
                assert {"method", "uri"} <= request.keys() <= REQUEST, name


@each_workflow
def test_every_name_leads_somewhere_and_the_key_is_a_secret_without_a_default(path: Path) -> None:
    text = path.read_text()
    workflow = json.loads(text)
    levels = list(list_levels(workflow["actions"]))
    for level in levels:
        assert {before for each in level.values() for before in each["runAfter"]} <= level.keys()
        ends = [end for each in level.values() for ends in each["runAfter"].values() for end in ends]
        assert {*ends} <= {"Succeeded", "Failed", "Skipped", "TimedOut"}
        assert len([name for name, each in level.items() if not each["runAfter"]]) == 1, "one action begins"
    assert set(re.findall(r"parameters\('([^']+)'\)", text)) == workflow["parameters"].keys()
    read = set(re.findall(r"\b(?:actions|body|outputs)\('([^']+)'\)", text))
    assert read <= {name for level in levels for name in level}
    secrets = {name for name, each in workflow["parameters"].items() if each["type"] == "SecureString"}
    assert secrets == {"functionKey", "teamsWebhookUrl"} & workflow["parameters"].keys()
    assert not [name for name in secrets if "defaultValue" in workflow["parameters"][name]]


def test_each_workflow_has_one_name_and_the_tags_of_the_group() -> None:
    """Two resources of one name would overwrite each other."""
    text = (FOLDER / "main.bicep").read_text()
    names = dict(
        re.findall(
            r"  name: 'pim-([\w-]+)'\n(?:.+\n)+?    definition: union\(loadJsonContent\('([\w-]+)\.json'\)", text
        )
    )
    assert names == {path.stem: path.stem for path in WORKFLOWS}
    assert text.count("  tags: tags\n") == len(WORKFLOWS)


def test_no_key_is_on_a_command_line_or_in_the_file_of_parameters() -> None:
    given = json.loads((FOLDER / "main.parameters.json").read_text())["parameters"]
    for name in ("functionKey", "teamsWebhookUrl"):
        assert given[name].keys() == {"reference"}, "a secret of a key vault"
    guide = (FOLDER / "README.md").read_text()
    assert not re.search(r"functionKey=(?!'')|--value ", guide), "the one without a key is empty"
