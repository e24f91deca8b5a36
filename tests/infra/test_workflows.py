"""Each Logic Apps workflow keeps the language's schema, and every name in it leads somewhere.

`SCHEMA` holds what the workflows use of the published schema, whose address is their `$schema`. It is stricter: an
unknown property is a fault, and calls hide their inputs and outputs, which hold the function key and the callback URL.
https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

WORKFLOWS = sorted((Path(__file__).resolve().parents[2] / "infra" / "logic-apps").glob("*.json"))


def record(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the schema of an object that has `required`, may have `optional`, and nothing else."""
    properties = required | (optional or {})
    return {"type": "object", "required": [*required], "properties": properties, "additionalProperties": False}


def named(schema: dict[str, Any], least: int = 0) -> dict[str, Any]:
    """Return the schema of an object whose keys are names of actions, triggers or parameters."""
    name = {"pattern": r"^\$?\w+$", "maxLength": 80}
    return {"type": "object", "propertyNames": name, "additionalProperties": schema, "minProperties": least}


STRING = {"type": "string", "minLength": 1}
ACTIONS = {"$ref": "#/$defs/actions"}
STATUSES = {"type": "array", "minItems": 1, "items": {"enum": ["Succeeded", "Failed", "Skipped", "TimedOut"]}}
REQUEST = {"method": {"enum": ["GET", "PUT", "POST", "PATCH", "DELETE"]}, "uri": STRING}
REQUEST_PARTS = {"headers": named(STRING) | {"propertyNames": {}}, "body": {}}
CALL_SETTINGS = {
    "limit": record({"timeout": {"pattern": r"^PT\d+[HMS]$"}}),
    "runtimeConfiguration": {"const": {"secureData": {"properties": ["inputs", "outputs"]}}},
}
END = record({"runStatus": {"const": "Failed"}, "runError": record({"code": STRING, "message": STRING})})


def action(kind: str, required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the rule for the actions of one type."""
    required = {"type": {}, "runAfter": named(STATUSES)} | required
    then = record(required, {"description": {"type": "string", "maxLength": 256}} | (optional or {}))
    return {"if": {"properties": {"type": {"const": kind}}}, "then": then}


HTTP = record(REQUEST, REQUEST_PARTS | {"queries": named(STRING)})
WEBHOOK = record({"subscribe": record(REQUEST, REQUEST_PARTS), "unsubscribe": record(REQUEST, REQUEST_PARTS)})
PARAMETER = record(
    {"type": {"enum": ["Array", "Bool", "Float", "Int", "Object", "SecureObject", "SecureString", "String"]}},
    {"defaultValue": {}, "metadata": record({"description": STRING})},
)
SECRET = {"properties": {"type": {"enum": ["SecureObject", "SecureString"]}}}
SCHEMA = record(
    {
        "$schema": {
            "const": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
        },
        "contentVersion": {"pattern": r"^\d+\.\d+\.\d+\.\d+$"},
        "parameters": named(PARAMETER | {"if": SECRET, "then": {"properties": {"defaultValue": False}}}),
        "triggers": named(
            record({"type": {"const": "Request"}, "kind": {"const": "Http"}, "inputs": record({"schema": {}})}), least=1
        ),
        "actions": ACTIONS,
    },
    {"description": {"type": "string", "maxLength": 256}, "outputs": {"type": "object"}},
) | {
    "$defs": {
        "actions": named(
            {
                "properties": {"type": {"enum": ["Compose", "Http", "HttpWebhook", "If", "Terminate"]}},
                "allOf": [
                    action("Compose", {"inputs": {}}),
                    action("Http", {"inputs": HTTP, **CALL_SETTINGS}),
                    action("HttpWebhook", {"inputs": WEBHOOK, **CALL_SETTINGS}),
                    action("If", {"expression": {}, "actions": ACTIONS}, {"else": record({"actions": ACTIONS})}),
                    action("Terminate", {"inputs": END}),
                ],
            }
        )
    }
}


def scopes(actions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the actions of every level: `runAfter` names actions of its own level only."""
    yield actions
    for each in actions.values():
        for branch in (each, each.get("else", {})):
            if "actions" in branch:
                yield from scopes(branch["actions"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_keeps_the_schema_and_names_what_exists(path: Path) -> None:
    text = path.read_text()
    workflow = json.loads(text)

    errors = Draft202012Validator(SCHEMA).iter_errors(workflow)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []

    levels = list(scopes(workflow["actions"]))
    for level in levels:
        assert {before for each in level.values() for before in each["runAfter"]} <= level.keys()
        assert len([name for name, each in level.items() if not each["runAfter"]]) == 1, "one action begins"
    assert set(re.findall(r"parameters\('([^']+)'\)", text)) == workflow["parameters"].keys()
    read = set(re.findall(r"\b(?:actions|body|outputs)\('([^']+)'\)", text))
    assert read <= {name for level in levels for name in level}
