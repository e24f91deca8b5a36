"""What of the language the executor follows. A definition that says more is refused, not half executed."""

from collections.abc import Mapping
from typing import Any

from tests.support.logic_app.definition import every_action

ANYWHERE = {"type", "description", "inputs", "runAfter", "runtimeConfiguration"}
REQUEST = {"method", "uri", "headers", "body"}
ACTIONS: Mapping[str, tuple[set[str], set[str]]] = {
    "Http": (ANYWHERE | {"limit"}, REQUEST | {"queries"}),
    "HttpWebhook": (ANYWHERE | {"limit"}, {"subscribe", "unsubscribe"}),
    "Compose": (ANYWHERE, set()),
    "If": (ANYWHERE - {"inputs"} | {"expression", "actions", "else"}, set()),
    "Terminate": (ANYWHERE, {"runStatus", "runError"}),
}


class NotUnderstood(Exception):
    """Raised for a definition that says more than the executor follows; the text says what, and where."""


def refuse_the_unknown(definition: Mapping[str, Any]) -> None:
    """Raise `NotUnderstood` for the first thing the executor would have to ignore."""
    if definition.get("outputs"):
        raise NotUnderstood("the executor does not know outputs of a workflow")
    for placed in every_action(definition["actions"]):
        action = placed.action
        if action["type"] not in ACTIONS:
            raise NotUnderstood(f"{placed.pointer}: the executor does not know the action type {action['type']}")
        keys, inputs = ACTIONS[action["type"]]
        unknown = set(action) - keys
        if inputs:
            unknown |= set(action["inputs"]) - inputs
        if action["type"] == "HttpWebhook":
            unknown |= {key for request in action["inputs"].values() for key in request} - REQUEST
        if unknown:
            raise NotUnderstood(f"{placed.pointer}: the executor does not know {sorted(unknown)}")
