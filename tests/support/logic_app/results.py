"""What became of an action and of a whole run, and what the run history shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["Succeeded", "Failed", "TimedOut", "Skipped", "Cancelled"]
HIDDEN = "Content not shown due to security configuration."

type Error = dict[str, str]


@dataclass(frozen=True, slots=True)
class ActionResult:
    name: str
    status: Status
    inputs: Any = None
    outputs: Any = None
    error: Error | None = None
    hides: frozenset[str] = frozenset()
    """Of `inputs` and `outputs`, what the run history does not show."""

    def as_seen_by_expressions(self) -> dict[str, Any]:
        return {"name": self.name, "status": self.status, "inputs": self.inputs, "outputs": self.outputs}

    def in_history(self) -> dict[str, Any]:
        shown = {"inputs": self.inputs, "outputs": self.outputs} | dict.fromkeys(self.hides, HIDDEN)
        return {"name": self.name, "status": self.status, "error": self.error, **shown}


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """An ended run. A run that is cancelled has no result: its task raises `CancelledError`."""

    name: str
    status: Literal["Succeeded", "Failed", "Cancelled"]
    error: Error | None
    actions: Mapping[str, ActionResult]

    @property
    def history(self) -> list[dict[str, Any]]:
        """What everybody with read access to the workflow can see of the run."""
        return [action.in_history() for action in self.actions.values()]
