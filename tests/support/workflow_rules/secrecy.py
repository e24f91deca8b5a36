"""Rules of our own: what everybody with read access to the workflow must not see.

https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#secure-inputs-outputs
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.logic_app.definition import every_action
from tests.support.logic_app.history import secured
from tests.support.workflow_rules.references import calls_to, own_parts, parameters_in


def told_secrets(definition: Mapping[str, Any]) -> Iterator[str]:
    """Yield every action that shows a secret parameter or a callback URL in the run history.

    The outputs count, too: the app repeats the key in its links, so that a poller finds its way.
    """
    secret = {name for name, each in definition["parameters"].items() if each["type"].startswith("Secure")}
    for placed in every_action(definition["actions"]):
        action = own_parts(placed.action)
        if secret.intersection(parameters_in(action)) or calls_to("listcallbackurl", action):
            for part in {"inputs", "outputs"}.difference(secured(action)):
                yield f"{placed.pointer}: uses a secret, but its {part} are shown in the run history"
