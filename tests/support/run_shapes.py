"""Every shape that a run or a delivery can have, from its start to its end, in virtual time.

What must hold for all of them, in tests of replays and of lost workers, is asked of this table.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import repeat
from typing import Any

from domain.alert_memory import entity_key
from domain.delivery import PATIENCE, Delivery
from domain.run_state import RunState
from domain.timestamps import format_timestamp
from orchestrators.await_alert import await_alert
from orchestrators.deliver_callback import deliver_callback
from tests.orchestrators.looks import FETCHED, fetched, hub, incidents, listed, memories, refreshed, seen, trouble
from tests.support.graph_samples import ALERT, ALERT_ID, ALERT_URL, OPERATION_ID, RUNNING, SUCCEEDED, asked
from tests.support.virtual_entities import VirtualEntities
from tests.support.virtual_time import START, VirtualTime

RUN_ID = "ca5bbd26-6bb3-55ab-8a04-8b60eba7c6ab"
CALLBACK = "https://prod-07.westeurope.logic.azure.com/workflows/w?sig=secret"
REQUESTED = "2023-06-09T22:50:40.000Z"
STALE = {**SUCCEEDED, "createdDateTime": "2023-06-08T01:00:00Z", "lastActionDateTime": "2023-06-08T01:05:00Z"}
LAGGING = fetched(lastScannedDateTime="2023-06-08T01:05:00Z")
LINK = f"{ALERT_URL}/alertIncidents?$skiptoken="
SOME: dict[str, Any] = {
    "incidentCount": 4,
    "alertIncidents": [{"id": "1"}],
    "alertIncidents@odata.nextLink": f"{LINK}1",
}
DELIVERED = {"kind": "delivered", "detail": "HTTP 202.", "retryAfter": None}
AWAY = {"kind": "tryAgain", "detail": "HTTP 503.", "retryAfter": None}
REFUSED = {"kind": "refused", "detail": "HTTP 404.", "retryAfter": None}


def of_one(**changes: Any) -> RunState:
    return asked(START, target={"alertId": ALERT_ID}, phase="refreshing", operationId=None, **changes)


def of_all(**changes: Any) -> RunState:
    return asked(START, target={"allAlerts": True}, phase="refreshing", operationId=None, **changes)


def delivery(*attempts: Any, **options: Any) -> VirtualTime:
    left = iter(attempts)
    post: Any = {"url": CALLBACK, "runId": RUN_ID, "mediaType": "application/json", "body": {"runId": RUN_ID}}
    sent: Delivery = {"post": post, "deadline": format_timestamp(START + PATIENCE), "attempts": 0}
    return VirtualTime(deliver_callback, {"post_callback": lambda _: next(left)}, **options).run(
        sent, f"callback-{RUN_ID}"
    )


def shared_scan() -> VirtualEntities:
    """Return memories in which another run has just refreshed the alert."""
    entities, moment = memories(), format_timestamp(START)
    told = {"runId": "other", "operationId": OPERATION_ID, "requestedAt": REQUESTED, "now": moment}
    entities.operate(f"@alert_memory@{entity_key(ALERT_ID)}", "refreshed", told)
    return entities


def about_to_refresh() -> VirtualEntities:
    """Return memories in which another run is about to refresh the alert, and never does."""
    entities = memories()
    asking = {"runId": "other", "now": format_timestamp(START)}
    entities.operate(f"@alert_memory@{entity_key(ALERT_ID)}", "claim", asking)
    return entities


def lost_workers() -> VirtualTime:
    """Return a run whose activities lose their worker twice each."""
    tries = iter(range(100))

    def look(_: Any) -> Any:
        if next(tries) % 3 != 2:
            raise RuntimeError("the worker was lost")
        return seen(SUCCEEDED)

    return VirtualTime(
        await_alert, {"get_operation": look, "fetch_alert": lambda _: fetched()}, entities=memories()
    ).run(asked(START), RUN_ID)


def crash() -> VirtualTime:
    return VirtualTime(await_alert, {}, entities=memories()).run(asked(START, callbackUrl=CALLBACK), RUN_ID)


def watched(looks: Any, fetches: Any = (FETCHED,), *, cancel: float | None = None, **changes: Any) -> VirtualTime:
    events = {} if cancel is None else {"cancel": timedelta(seconds=cancel)}
    return hub(looks, fetches, events=events, latency=timedelta(seconds=0.5)).run(asked(START, **changes), RUN_ID)


def one(
    looks: Any, fetches: Any = (FETCHED,), *, entities: Any = None, refreshes: Any = None, **changes: Any
) -> VirtualTime:
    made = hub(looks, fetches, refreshes=refreshes or [refreshed(REQUESTED)], entities=entities)
    return made.run(of_one(**changes), RUN_ID)


def all_of_them(pages: Any, **changes: Any) -> VirtualTime:
    looks = [seen(RUNNING), seen({**SUCCEEDED, "resourceLocation": ""})]
    return hub(looks, pages, refreshes=[refreshed(REQUESTED)]).run(of_all(**changes), RUN_ID)


SHAPES: Mapping[str, Callable[[], VirtualTime]] = {
    "watched": lambda: watched([seen(RUNNING), seen(RUNNING), seen(SUCCEEDED)]),
    "watched, over at the first look": lambda: watched([seen(SUCCEEDED)]),
    "watched for forty looks": lambda: watched([*repeat(seen(RUNNING), 40), seen(SUCCEEDED)], seconds=86_400),
    "watched to the deadline": lambda: watched(repeat(seen(RUNNING)), seconds=300),
    "watched, failed": lambda: watched([seen(RUNNING), seen({**RUNNING, "status": "failed"})], callbackUrl=CALLBACK),
    "watched through trouble": lambda: watched(
        [trouble(), trouble("throttled", 90.0), seen(RUNNING), seen(SUCCEEDED)], [trouble(), fetched()]
    ),
    "watched without permission": lambda: watched([trouble("permission-missing", kind="problem")]),
    "watched from notBefore": lambda: watched([seen(STALE), seen(SUCCEEDED)], notBefore=REQUESTED),
    "watched and called back": lambda: watched([seen(RUNNING), seen(SUCCEEDED)], callbackUrl=CALLBACK),
    "cancelled while it waits": lambda: watched(repeat(seen(RUNNING)), cancel=40, callbackUrl=CALLBACK),
    "cancelled during a look": lambda: watched(repeat(seen(RUNNING)), cancel=0.25),
    "workers lost": lost_workers,
    "no worker at all": crash,
    "refreshed": lambda: one([seen(RUNNING), seen(SUCCEEDED)]),
    "refreshed, after the last scan's success": lambda: one([seen(STALE), seen(RUNNING), seen(SUCCEEDED)]),
    "refreshed, with an alert that lags": lambda: one([seen(SUCCEEDED)], [LAGGING, LAGGING, fetched()]),
    "refreshed, throttled": lambda: one(
        [seen(SUCCEEDED)], refreshes=[trouble("throttled", 315.0), refreshed(REQUESTED)]
    ),
    "refreshed by another run": lambda: one([seen(RUNNING), seen(SUCCEEDED)], entities=shared_scan()),
    "after a run that died": lambda: one([seen(SUCCEEDED)], entities=about_to_refresh()),
    "incidents in pages": lambda: one(
        [seen(SUCCEEDED)],
        [fetched(**SOME), incidents(2, next_link=f"{LINK}2"), incidents(3, 4)],
        expand=["alertIncidents"],
    ),
    "compared": lambda: one(
        [seen(SUCCEEDED)],
        [fetched(incidentCount=1, alertIncidents=[{"id": "1"}])],
        onlyIfChanged=True,
        callbackUrl=CALLBACK,
    ),
    "all alerts": lambda: all_of_them([listed(ALERT, next_link="next"), listed({**ALERT, "id": "other"})]),
    "all alerts, compared": lambda: all_of_them(
        [
            listed({**ALERT, **SOME}, {**ALERT, "id": "other", "incidentCount": 0, "alertIncidents": []}),
            incidents(2, 3, 4),
        ],
        onlyIfChanged=True,
        notifyChangesOnly=True,
        callbackUrl=CALLBACK,
    ),
    "delivered": lambda: delivery(DELIVERED),
    "delivered at the third try": lambda: delivery(AWAY, AWAY, DELIVERED),
    "refused": lambda: delivery(REFUSED),
    "delivered for a day in vain": lambda: delivery(*repeat(AWAY, 500)),
    "no longer wanted": lambda: delivery(*repeat(AWAY, 500), events={"cancel": timedelta(seconds=60)}),
}
