"""The looks of a run in sentences."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from domain.decision import Decision
from domain.look_history import LookHistory
from domain.observation import Observation
from domain.operation import Operation
from domain.timestamps import format_timestamp
from pages.words import Moment, moment


class Step(NamedTuple):
    """One look: what Graph said, and what was decided."""

    at: Moment | None
    said: str
    decided: str


class Timeline(NamedTuple):
    earlier: int
    steps: Sequence[Step]


def timeline(history: LookHistory, now: datetime) -> Timeline:
    """Return the looks as sentences, oldest first."""
    steps = [
        Step(moment(format_timestamp(look.at), now), said := _said(look.observation), _decided(look.decision, said))
        for look in history.looks
    ]
    return Timeline(history.earlier, steps)


def _said(observation: Observation) -> str:
    match observation["kind"]:
        case "refreshed":
            # Only what Graph answered has an id of the request.
            own = observation["clientRequestId"] != ""
            return "Graph took the refresh." if own else "Another run has just refreshed; this one shares its scan."
        case "operation":
            operation = Operation(observation["operation"])
            detail = operation.trimmed().get("statusDetail")
            return f"The operation is {operation.status!r}." + (f" {detail}" if detail else "")
        case "alert":
            return "Graph sent the alert."
        case "alerts" | "incidents" as kind:
            count = len(observation["page"]["value"])
            return f"Graph sent {count} {kind.removesuffix('s') if count == 1 else kind}."
        case _:
            return f"{observation['problem']['title']}."


def _decided(decision: Decision, said: str) -> str:
    reason = decision.reason.rstrip(".")
    verdict = {"wait": f"Wait {decision.delay:.3g} s", "fetch": "Fetch", "succeed": "Done", "cancel": "Stop"}.get(
        decision.kind, "Give up"
    )
    return f"{verdict}." if reason.lower() in said.lower() else f"{verdict}: {reason}."
