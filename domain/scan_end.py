"""The end of a scan, as the run saw it that was waiting for it."""

from domain.observation import Observation
from domain.operation import Operation
from domain.run_state import RunState
from domain.timestamps import parse_timestamp


def was_awaited(before: RunState, run: RunState) -> bool:
    """Tell whether the scan was under way when the run last looked; one that was over before may be long known.

    before: the run without the look that showed the end.
    """
    earlier = before["operation"]
    return run["requestedAt"] is not None or (earlier is not None and Operation(earlier).ending is None)


def lag(before: RunState, run: RunState, observation: Observation) -> float | None:
    """Return the seconds, 0 or more, from the end of the scan to `observation`, which showed it; None if nothing tells.

    Graph's clocks tell both: the operation's own, and the one that dated the answer.
    """
    ended, answered = Operation(run["operation"] or {}).last_moved, parse_timestamp(observation.get("answeredAt"))
    if not was_awaited(before, run) or ended is None or answered is None:
        return None
    return max((answered - ended).total_seconds(), 0.0)
