"""What the activities of a run answer, and a task hub in which they do."""

from collections.abc import Iterable
from typing import Any

from domain.problem import problem
from orchestrators.await_alert import await_alert
from tests.support.graph_samples import ALERT
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


FETCHED = {"kind": "alert", "alert": ALERT, "retryAfter": None, "clientRequestId": "c-2"}


def hub(looks: Iterable[Any], fetches: Iterable[Any] = (FETCHED,), **options: Any) -> VirtualTime:
    """Return a hub whose activities answer `looks` and `fetches` in turn."""
    looks_left, fetches_left = iter(looks), iter(fetches)
    return VirtualTime(
        await_alert,
        {"get_operation": lambda _: next(looks_left), "fetch_alert": lambda _: next(fetches_left)},
        **options,
    )
