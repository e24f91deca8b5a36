"""The looks that are told of a history are those that the run made, with what it decided then."""

import json
import logging
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.look_history import look_history
from domain.timestamps import format_timestamp
from tests.orchestrators.looks import FETCHED, hub, refreshed, seen, trouble
from tests.support.graph_samples import ALERT_ID, RUNNING, SUCCEEDED, asked
from tests.support.virtual_time import START

LATER = {**RUNNING, "lastActionDateTime": format_timestamp(START + timedelta(seconds=40))}
SINCE = {**SUCCEEDED, "lastActionDateTime": format_timestamp(START + timedelta(seconds=70))}
TOLD = refreshed(format_timestamp(START))
NEW = {**FETCHED, "alert": {**FETCHED["alert"], "lastScannedDateTime": format_timestamp(START + timedelta(seconds=70))}}
REFRESHING: dict[str, Any] = {"target": {"alertId": ALERT_ID}, "phase": "refreshing", "operationId": None}


@pytest.mark.parametrize(
    ("changes", "refreshes", "looks", "fetches"),
    [
        ({}, [], [seen(RUNNING), trouble(), trouble("throttled", 20.0), seen(RUNNING), seen(SUCCEEDED)], [FETCHED]),
        (REFRESHING, [TOLD], [seen(SUCCEEDED), seen(LATER), seen(SINCE)], [FETCHED, NEW]),
        (REFRESHING, [trouble("refresh-conflict"), TOLD], [seen({**SINCE, "status": "failed"})], []),
    ],
    ids=["watched", "refreshed", "failed"],
)
def test_the_looks_of_a_history_are_those_that_the_run_logged(
    changes: dict[str, Any],
    refreshes: list[Any],
    looks: list[Any],
    fetches: list[Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = asked(START, **changes)
    with caplog.at_level(logging.INFO, "orchestrators.await_alert"):
        time = hub(looks, fetches, refreshes=refreshes).run(run)
    ours = [record for record in caplog.records if record.name.startswith("orchestrators")]
    logged = [line for record in ours if (line := json.loads(record.message))["event"] == "look"]
    seen_then: list[tuple[datetime, Any]] = [
        (at, observation) for (at, *_), observation in zip(time.calls, [*refreshes, *looks, *fetches], strict=True)
    ]

    told = look_history(run, seen_then)

    assert [(look.decision.kind, round(look.decision.delay, 3), look.decision.reason) for look in told.looks] == [
        (line["decision"], line["delay"], line["reason"]) for line in logged
    ]
    assert told.earlier == 0


def test_a_refresh_that_the_history_lacks_does_not_hide_the_looks_after_it() -> None:
    told = look_history(asked(START, **REFRESHING), [(START, seen(RUNNING))])  # type: ignore[list-item]
    assert told.looks[0].decision.kind == "wait"
