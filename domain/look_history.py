"""The looks of a run, told from its durable history.

The history holds what was seen and when. What was decided follows from that once more: `decide` is pure.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from domain.decision import Decision, decide
from domain.observation import Observation
from domain.observed import observed
from domain.run_progress import moved_on
from domain.run_state import RunState


class Look(NamedTuple):
    """What was seen, and what was decided then."""

    at: datetime
    observation: Observation
    decision: Decision


class LookHistory(NamedTuple):
    """The latest looks, oldest first; `earlier` looks at the operation went with a history that was started anew."""

    earlier: int
    looks: list[Look]


def look_history(run: RunState, seen: Iterable[tuple[datetime, Observation]]) -> LookHistory:
    """Return the looks of a history that began with `run`; `seen` has the orchestration's own time of each."""
    looks, earlier = [], run["polls"]
    for at, observation in seen:
        if observation["kind"] == "operation":
            # It was named in an answer that not every task hub keeps in the history.
            run = {**run, "phase": "waiting"}
        run = observed(run, observation)
        decision = decide(observation, run, at)
        looks.append(Look(at, observation, decision))
        run = moved_on(run, decision, at)
    return LookHistory(earlier, looks)
