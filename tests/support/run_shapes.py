"""Every shape that a run or a delivery can have, from its start to its end, in virtual time.

What must hold for all of them, in tests of replays and of lost workers, is checked over this table.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import repeat
from typing import Any

from alert_refresh.run.delivery import PATIENCE, Delivery
from alert_refresh.timestamps import format_timestamp, parse_timestamp
from orchestrators.await_alert import await_alert
from orchestrators.deliver_outcome import deliver_outcome
from tests.orchestrators.hub import FETCHED, fault, fetched, hub, listed, polled, refreshed, run, subscribers
from tests.support.graph_samples import (
    ALERT,
    EARLIER,
    REFRESH,
    REFRESH_ALL,
    REQUESTED_AT,
    RUN_ID,
    RUNNING,
    SUCCEEDED,
    make_sample_run,
)
from tests.support.virtual_entities import VirtualEntities
from tests.support.virtual_time import START, VirtualTime

CALLBACK = "https://prod-07.westeurope.logic.azure.com/workflows/w?sig=secret"
LAGGING = fetched(lastScannedDateTime="2023-06-08T01:05:00Z")
SOME: Any = {"incidentCount": 1, "alertIncidents": [{"id": "1"}]}
DELIVERED = {"kind": "delivered", "detail": "HTTP 202.", "retryAfter": None}
AWAY = {"kind": "tryAgain", "detail": "HTTP 503.", "retryAfter": None}
REFUSED = {"kind": "refused", "detail": "HTTP 404.", "retryAfter": None}


def make_delivery(run_id: str = RUN_ID, subscriber: str | None = None) -> Delivery:
    return {
        "activity": "post_callback",
        "post": {
            "url": CALLBACK,
            "runId": run_id,
            "mediaType": "application/json",
            "body": {"runId": run_id},
            "runUrl": None,
        },
        "subscriber": subscriber,
        "scans": {"a": {"scannedAt": None}} if subscriber else {},  # type: ignore[typeddict-item]
        "deadline": format_timestamp(START + PATIENCE),
        "attempts": 0,
    }


def deliver(*attempts: Any, subscriber: str | None = None, **options: Any) -> VirtualTime:
    answers = iter(attempts)
    activities = {"post_callback": lambda _: next(answers)}
    time = VirtualTime(deliver_outcome, activities, entities=subscribers(), **options)
    return time.run(make_delivery(subscriber=subscriber), f"callback-{RUN_ID}")


def lose_workers() -> VirtualTime:
    """Run with activities that lose their worker twice."""
    tries = iter(range(100))

    def get_operation(_: Any) -> Any:
        if next(tries) % 3 != 2:
            raise RuntimeError("the worker was lost")
        return polled(SUCCEEDED)

    activities = {"get_operation": get_operation, "fetch_alert": lambda _: fetched()}
    return run(VirtualTime(await_alert, activities), make_sample_run(START))


def watch(polls: Any, fetches: Any = (FETCHED,), *, cancel: float | None = None, **changes: Any) -> VirtualTime:
    events = {} if cancel is None else {"cancel": timedelta(seconds=cancel)}
    time = hub(polls, fetches, events=events, latency=timedelta(seconds=0.5))
    return run(time, make_sample_run(START, **changes))


def refresh(polls: Any, fetches: Any = (FETCHED,), *, refreshes: Any = None, **changes: Any) -> VirtualTime:
    time = hub(polls, fetches, refreshes=refreshes or [refreshed()], entities=changes.pop("entities", None))
    return run(time, make_sample_run(START, **{"target": REFRESH, **changes}))


SHAPES: Mapping[str, Callable[[], VirtualTime]] = {
    "watched": lambda: watch([polled(RUNNING), polled(RUNNING), polled(SUCCEEDED)]),
    "watched, over at the first poll": lambda: watch([polled(SUCCEEDED)]),
    "watched for forty polls": lambda: watch([*repeat(polled(RUNNING), 40), polled(SUCCEEDED)], seconds=86_400),
    "watched to the deadline": lambda: watch(repeat(polled(RUNNING)), seconds=60),
    "watched, failed": lambda: watch([polled(RUNNING), polled({**RUNNING, "status": "failed"})], callback_url=CALLBACK),
    "watched through faults": lambda: watch(
        [fault(), fault("throttled", 90.0), polled(RUNNING), polled(SUCCEEDED)], [fault(), fetched()]
    ),
    "watched, refused": lambda: watch([fault("request-refused")]),
    "watched until Graph allows no more": lambda: watch([fault("throttled", 7200.0)]),
    "watched from notBefore": lambda: watch(
        [polled(EARLIER), polled(SUCCEEDED)], not_before=parse_timestamp(REQUESTED_AT)
    ),
    "watched and called back": lambda: watch([polled(RUNNING), polled(SUCCEEDED)], callback_url=CALLBACK),
    "cancelled while it waits": lambda: watch(repeat(polled(RUNNING)), cancel=40, callback_url=CALLBACK),
    "cancelled during a poll": lambda: watch(repeat(polled(RUNNING)), cancel=0.25),
    "cancelled at the end of a history": lambda: watch(repeat(polled(RUNNING)), cancel=63),
    "workers lost": lose_workers,
    "no worker at all": lambda: run(VirtualTime(await_alert, {}), make_sample_run(START, callback_url=CALLBACK)),
    "refreshed": lambda: refresh([polled(RUNNING), polled(SUCCEEDED)]),
    "refreshed, after the last scan's success": lambda: refresh([polled(EARLIER), polled(RUNNING), polled(SUCCEEDED)]),
    "refreshed, with an alert that lags": lambda: refresh([polled(SUCCEEDED)], [LAGGING, LAGGING, fetched()]),
    "refreshed, throttled": lambda: refresh([polled(SUCCEEDED)], refreshes=[fault("throttled", 315.0), refreshed()]),
    "all alerts": lambda: refresh(
        [polled(RUNNING), polled(SUCCEEDED)], [listed(ALERT, {**ALERT, "id": "other"})], target=REFRESH_ALL
    ),
    "compared": lambda: refresh([polled(SUCCEEDED)], [fetched(**SOME)], changes_for="ops"),
    "compared and called back": lambda: refresh(
        [polled(SUCCEEDED)], [fetched(**SOME)], changes_for="ops", callback_url=CALLBACK
    ),
    "compared in vain": lambda: refresh(
        [polled(SUCCEEDED)],
        [fetched(**SOME)],
        changes_for="ops",
        entities=VirtualEntities(subscribers().functions, silent=True),
    ),
    "delivered": lambda: deliver(DELIVERED),
    "delivered to a subscriber": lambda: deliver(DELIVERED, subscriber="ops"),
    "delivered at the third try": lambda: deliver(AWAY, AWAY, DELIVERED),
    "refused": lambda: deliver(REFUSED),
    "no longer wanted": lambda: deliver(*repeat(AWAY, 500), events={"cancel": timedelta(seconds=60)}),
}
