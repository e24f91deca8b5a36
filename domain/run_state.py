"""The state of a run: the orchestration's input, carried whole through every continue-as-new. Plain JSON."""

from typing import Any, Literal, TypedDict

from domain.observation import AlertLook, Observation, OperationLook
from domain.operation import Operation

Phase = Literal["waiting", "fetching"]

CANCEL = "cancel"
"""Name of the external event that ends a run, or the delivery of its outcome, where it stands."""


class Target(TypedDict):
    """What the run waits for."""

    operationId: str


class RunState(TypedDict):
    """What was asked (never changes) and how far the run has come."""

    target: Target
    select: list[str]
    expand: list[str]
    notBefore: str | None
    callbackUrl: str | None
    """A secret: see `domain.delivery`."""
    createdAt: str
    deadline: str
    pollMinSeconds: float
    pollMaxSeconds: float

    phase: Phase
    polls: int
    """Looks at the operation so far."""
    failures: int
    """Looks in a row that gave no answer."""
    trouble: str | None
    """Type of the problem of the last look that gave no answer."""
    repeats: int
    """Looks in a row that met that trouble."""
    nextPollAt: str | None
    operation: dict[str, Any] | None
    """The operation as last seen."""


def observed(run: RunState, observation: Observation) -> RunState:
    """Return the run after one more look."""
    seen = observation.get("operation")
    trouble = observation["problem"]["type"] if observation["kind"] == "tryAgain" else None
    return {
        **run,
        "polls": run["polls"] + (run["phase"] == "waiting"),
        "failures": run["failures"] + 1 if trouble else 0,
        "trouble": trouble,
        "repeats": run["repeats"] * (trouble == run["trouble"]) + 1 if trouble else 0,
        "nextPollAt": None,
        "operation": Operation(seen).trimmed() if seen is not None else run["operation"],
    }


def next_look(run: RunState) -> OperationLook | AlertLook:
    """Return the input of the activity that looks next."""
    if run["phase"] == "waiting":
        return {"operationId": run["target"]["operationId"]}
    location = Operation(run["operation"] or {}).resource_location
    return {"resourceLocation": location, "select": run["select"], "expand": run["expand"]}
