"""One indexed function, read from the raw bindings the worker library made."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The triggers that the emulated host drives."""

    HTTP = "httpTrigger"
    ORCHESTRATION = "orchestrationTrigger"
    ACTIVITY = "activityTrigger"
    ENTITY = "entityTrigger"
    TIMER = "timerTrigger"


# Where each durable trigger keeps a name that differs from the function's.
_NAME_OVERRIDES = {
    Kind.ORCHESTRATION: ("orchestration",),
    Kind.ACTIVITY: ("activity",),
    Kind.ENTITY: ("entityName", "entity_name"),
}


@dataclass(frozen=True)
class Function:
    """`parameter` is the trigger's name in the binding, which need not be the name in the source (`_durable_input`)."""

    name: str
    function_id: str
    trigger_type: str
    parameter: str
    trigger: dict[str, Any]
    client_parameters: tuple[str, ...]

    @classmethod
    def from_bindings(cls, name: str, function_id: str, raw_bindings: list[str]) -> "Function":
        """Read one function; raises ValueError when the function has no trigger."""
        bindings: list[dict[str, Any]] = [json.loads(raw) for raw in raw_bindings]
        trigger = next((binding for binding in bindings if binding["type"].lower().endswith("trigger")), None)
        if trigger is None:
            raise ValueError(f"The function '{name}' has no trigger.")
        clients = tuple(binding["name"] for binding in bindings if binding["type"] == "durableClient")
        return cls(name, function_id, trigger["type"], trigger["name"], trigger, clients)

    @property
    def kind(self) -> Kind | None:
        return Kind(self.trigger_type) if self.trigger_type in Kind else None

    @property
    def task_name(self) -> str:
        """The name by which orchestrations and clients call it."""
        overrides = _NAME_OVERRIDES.get(self.kind, ()) if self.kind else ()
        return next((str(self.trigger[key]) for key in overrides if self.trigger.get(key)), self.name)

    @property
    def route(self) -> str:
        return str(self.trigger.get("route") or self.name)

    @property
    def methods(self) -> frozenset[str]:
        """Upper case; empty means every method."""
        return frozenset(str(method).upper() for method in self.trigger.get("methods") or ())

    @property
    def auth_level(self) -> str:
        return str(self.trigger.get("authLevel") or "function").lower()

    @property
    def schedule(self) -> str:
        """As it is written, app settings in it unresolved."""
        return str(self.trigger.get("schedule") or "")

    @property
    def run_on_startup(self) -> bool:
        return self.trigger.get("runOnStartup") is True

    @property
    def use_monitor(self) -> bool:
        """Whether a timer's missed run is made up for; so it is unless the app says no."""
        return self.trigger.get("useMonitor") is not False
