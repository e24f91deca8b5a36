"""Alerts as Graph has them now. All callers within half a minute share one fetch."""

import asyncio
from dataclasses import dataclass
from functools import partial
from math import inf
from time import monotonic

from alert_refresh.graph.errors import GraphUnreachable, describe_fault
from alert_refresh.graph.fetch import fetch
from alert_refresh.graph.urls import find_alert_name
from alert_refresh.run.observations import FetchRequest, Observation
from alert_refresh.settings import settings

KEPT_SECONDS = 30.0
"""From the end of a fetch. A failure is not kept."""
MOST_SECONDS = 30.0
"""Of one fetch: a caller waits for its answer."""

type Key = tuple[asyncio.AbstractEventLoop, str | None]


@dataclass
class _Shared:
    task: asyncio.Task[Observation]
    until: float = inf


_fetches: dict[Key, _Shared] = {}


async def read_alerts(alert_id: str | None = None) -> Observation:
    """Return `alerts`: all alerts, with definition and configuration; of `alert_id`, `alert` with its incidents, too.

    `alert_id` is a short name or an id. Without an answer of Graph, return a fault. There is one try.
    Raises `InvalidSettings`.
    """
    loop, now = asyncio.get_running_loop(), monotonic()
    for key, shared in list(_fetches.items()):
        if shared.until <= now or key[0].is_closed():
            del _fetches[key]
    key = (loop, alert_id and (find_alert_name(alert_id) or alert_id))
    if key not in _fetches:
        _fetches[key] = _Shared(loop.create_task(_fetch(key[1])))
        _fetches[key].task.add_done_callback(partial(_keep, key))
    # Without the shield, a caller that goes away would end the fetch of the others.
    return await asyncio.shield(_fetches[key].task)


def _keep(key: Key, task: asyncio.Task[Observation]) -> None:
    if task.cancelled() or task.exception() or task.result()["kind"] == "fault":
        del _fetches[key]
    else:
        _fetches[key].until = monotonic() + KEPT_SECONDS


async def _fetch(alert_id: str | None) -> Observation:
    expand = ["alertDefinition", "alertConfiguration"]
    request: FetchRequest = {"select": [], "expand": expand, "limit": settings().incidents_limit_bytes}
    if alert_id is None:
        request["allAlerts"] = True
    else:
        request |= {"alertId": alert_id, "expand": [*expand, "alertIncidents"]}
    try:
        async with asyncio.timeout(MOST_SECONDS):
            return await fetch(request)
    except TimeoutError:
        return describe_fault(GraphUnreachable(f"no whole answer within {MOST_SECONDS:g} s"), "alerts")
