"""What the run history hides.

https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#secure-inputs-outputs
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.support.logic_app.definition import every_action
from tests.support.logic_app.expression import Literal
from tests.support.logic_app.results import ActionResult
from tests.support.logic_app.template import calls_in, strings_in

READERS = {"actions", "body", "outputs"}


def hidden(result: ActionResult, action: Mapping[str, Any], definition: Mapping[str, Any]) -> ActionResult:
    """Return `result` with what its definition hides.

    Inputs that use what another action hides are hidden, too; of a Compose, the outputs with them. It goes no further:
    what uses such a Compose is shown.
    """
    hides = set(secured(action))
    used = actions_read_by(action.get("inputs"))
    if any(secured(each.action) for each in every_action(definition["actions"]) if each.name in used):
        hides.add("inputs")
    if action["type"] == "Compose" and "inputs" in hides:
        hides.add("outputs")
    return replace(result, hides=frozenset(hides))


def secured(action: Mapping[str, Any]) -> list[str]:
    """Return what the action's own setting hides, of `inputs` and `outputs`."""
    secure_data = action.get("runtimeConfiguration", {}).get("secureData", {})
    return list(secure_data.get("properties", []))


def actions_read_by(value: Any) -> set[str]:
    """Return the names of the actions whose results the expressions in `value` read."""
    return {
        str(call.arguments[0].value)
        for _, text in strings_in(value)
        for call in calls_in(text)
        if call.function.lower() in READERS and isinstance(call.arguments[0], Literal)
    }
