"""What the activities of a run answer, and a task hub in which they do."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from alert_refresh.problems import make_problem
from alert_refresh.run.state import Run, dump_run
from entities.subscriber import subscriber
from orchestrators.await_alert import await_alert
from tests.support.graph_samples import ALERT, OPERATION_ID, REQUESTED_AT, RUN_ID
from tests.support.virtual_entities import VirtualEntities
from tests.support.virtual_time import START, VirtualTime

SUBSCRIBER = "@subscriber@ops"
"""The entity of the subscriber `ops`."""


def polled(operation: dict[str, Any], retry_after: float | None = None) -> dict[str, Any]:
    return {"kind": "operation", "operation": operation, "retryAfter": retry_after, "clientRequestId": "c-1"}


def fault(name: Any = "graph-unavailable", retry_after: float | None = None) -> dict[str, Any]:
    problem = make_problem(name, "Graph answered HTTP 503.")
    return {"kind": "fault", "problem": problem, "retryAfter": retry_after, "clientRequestId": "c-1"}


def refreshed(answered_at: str | None = REQUESTED_AT, *, asked_at: str | None = None) -> dict[str, Any]:
    answer = {"kind": "refreshed", "operationId": OPERATION_ID, "answeredAt": answered_at, "clientRequestId": "c-0"}
    return {**answer, "askedAt": asked_at} if asked_at else answer


def fetched(*, cut: list[Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {"kind": "alert", "alerts": [{**ALERT, **changes}], "incidentsCut": cut or [], "clientRequestId": "c-2"}


def listed(*alerts: dict[str, Any], cut: list[Any] | None = None) -> dict[str, Any]:
    return {"kind": "alerts", "alerts": list(alerts), "incidentsCut": cut or [], "clientRequestId": "c-2"}


FETCHED = fetched()


def subscribers() -> VirtualEntities:
    """Return what subscribers were given, nothing yet. Runs meet in it when they get the same."""
    return VirtualEntities({"subscriber": subscriber})


def hub(
    polls: Iterable[Any], fetches: Iterable[Any] = (FETCHED,), *, refreshes: Iterable[Any] = (), **options: Any
) -> VirtualTime:
    """Return a hub whose activities answer `refreshes`, `polls` and `fetches` in turn."""
    answers: dict[str, Iterator[Any]] = {
        "refresh_alert": iter(refreshes),
        "get_operation": iter(polls),
        "fetch_alert": iter(fetches),
    }
    return VirtualTime(
        await_alert,
        {activity: lambda _, activity=activity: next(answers[activity]) for activity in answers},  # type: ignore[misc]
        entities=options.pop("entities", None) or subscribers(),
        **options,
    )


def run(time: VirtualTime, state: Run) -> VirtualTime:
    """Run `state` in `time` to its end."""
    return time.run(dump_run(state), RUN_ID)


def list_moments(time: VirtualTime, activity: str) -> list[timedelta]:
    """Return when `activity` ran, from the start of the run."""
    return [at - START for at, name, _ in time.calls if name == activity]
