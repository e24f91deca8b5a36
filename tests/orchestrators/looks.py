"""What the activities of a run answer, and a task hub in which they do."""

import math
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from domain import schedule
from domain.problem import problem
from domain.run_state import RunState
from entities.alert_memory import alert_memory
from entities.scan_durations import scan_durations
from orchestrators.await_alert import await_alert
from tests.support.graph_samples import ALERT, OPERATION_ID
from tests.support.virtual_entities import VirtualEntities
from tests.support.virtual_time import VirtualTime


def seen(operation: dict[str, Any], retry_after: float | None = None) -> dict[str, Any]:
    return {"kind": "operation", "operation": operation, "retryAfter": retry_after, "clientRequestId": "c-1"}


def trouble(
    name: Any = "graph-unavailable", retry_after: float | None = None, kind: str = "tryAgain"
) -> dict[str, Any]:
    return {
        "kind": kind,
        "problem": problem(name, "Graph said: HTTP 503."),
        "retryAfter": retry_after,
        "clientRequestId": "c-1",
    }


def refreshed(requested_at: str, operation_id: str = OPERATION_ID) -> dict[str, Any]:
    told = {"operationId": operation_id, "requestedAt": requested_at}
    return {"kind": "refreshed", "refreshed": told, "retryAfter": None, "clientRequestId": "c-0"}


def fetched(**changes: Any) -> dict[str, Any]:
    return {"kind": "alert", "alert": {**ALERT, **changes}, "retryAfter": None, "clientRequestId": "c-2"}


def listed(*alerts: dict[str, Any], next_link: str | None = None) -> dict[str, Any]:
    page = {"value": list(alerts), "nextLink": next_link}
    return {"kind": "alerts", "page": page, "retryAfter": None, "clientRequestId": "c-2"}


def incidents(*ids: int, next_link: str | None = None, truncated: bool = False) -> dict[str, Any]:
    page = {"value": [{"id": str(number)} for number in ids], "nextLink": next_link}
    return {"kind": "incidents", "page": page, "truncated": truncated, "retryAfter": None, "clientRequestId": "c-3"}


FETCHED = fetched()


def looked_after(run: RunState, looks: int) -> list[timedelta]:
    """Return when the first `looks` looks at an operation are due that does not tell when it began.

    They are those of a run that watches; of a run that refreshes the first is that refresh.
    """
    due = [timedelta(0)]
    while len(due) < looks:
        bounds = run["pollMinSeconds"], run["pollMaxSeconds"]
        due.append(
            due[-1]
            + timedelta(seconds=math.ceil(schedule.while_running(due[-1].total_seconds(), run["durations"], *bounds)))
        )
    return due


def memories() -> VirtualEntities:
    """Return what the app remembers, nothing yet. Runs meet in it when they are given the same."""
    return VirtualEntities({"alert_memory": alert_memory, "scan_durations": scan_durations})


def hub(
    looks: Iterable[Any], fetches: Iterable[Any] = (FETCHED,), *, refreshes: Iterable[Any] = (), **options: Any
) -> VirtualTime:
    """Return a hub whose activities answer `refreshes`, `looks` and `fetches` in turn."""
    left: dict[str, Iterator[Any]] = {"refresh": iter(refreshes), "look": iter(looks), "fetch": iter(fetches)}
    answers = {
        "refresh_alert": "refresh",
        "refresh_all_alerts": "refresh",
        "get_operation": "look",
        "fetch_alert": "fetch",
        "list_alerts": "fetch",
        "list_incidents": "fetch",
    }
    return VirtualTime(
        await_alert,
        {activity: lambda _, name=name: next(left[name]) for activity, name in answers.items()},  # type: ignore[misc]
        entities=options.pop("entities", None) or memories(),
        **options,
    )
