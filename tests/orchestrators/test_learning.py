"""Runs go by what others have seen of how long scans take, and tell what they see themselves."""

import itertools
import math
from datetime import timedelta
from typing import Any

import pytest

from domain.alert_memory import entity_key
from domain.durations import PRIOR, Durations, learned
from domain.schedule import while_running
from tests.orchestrators.looks import hub, looked_after, memories, refreshed, seen, trouble
from tests.support.graph_samples import ALERT_ID, RUNNING, SUCCEEDED, asked
from tests.support.virtual_time import START, VirtualTime

REQUESTED = "2023-06-09T22:50:41.000Z"
STALE = {**SUCCEEDED, "createdDateTime": "2023-06-08T22:50:41Z", "lastActionDateTime": "2023-06-08T22:56:09Z"}
STALE_SIGN_IN = f"@scan_durations@{entity_key('StaleSignInAlert')}"
TOOK, ENDED = 327.488156, "2023-06-09T22:56:09.029Z"
"""The sample scan: its seconds, from creation to last action, and its end."""
SWIFT: Durations = {**PRIOR, "mean": 2.0}
"""Scans of a few seconds."""


def refreshing(**changes: Any) -> Any:
    return asked(START, **{"target": {"alertId": ALERT_ID}, "phase": "refreshing", "operationId": None, **changes})


def told(time: VirtualTime) -> list[tuple[str, Any]]:
    return [(entity, given) for entity, operation, given in time.entities.operations if operation == "saw"]


def moments(time: VirtualTime) -> list[timedelta]:
    return [at - START for at, name, _ in time.calls if name == "get_operation"]


WATCHING = dict(asked(START))
ONE, ALL = "StaleSignInAlert", "allAlerts"
RUNS: dict[str, tuple[dict[str, Any], Any, str | None]] = {
    "refreshed, running, over": ({}, [seen(RUNNING), seen(SUCCEEDED)], ONE),
    "refreshed, over at the first look": ({}, [seen(SUCCEEDED)], ONE),
    "refreshed, stale, over": ({}, [seen(STALE), seen(SUCCEEDED)], ONE),
    "refreshed, all alerts": ({"target": {"allAlerts": True}}, [seen(RUNNING), seen(SUCCEEDED)], ALL),
    "watched, running, over": (WATCHING, [seen(RUNNING), seen(SUCCEEDED)], ONE),
    "watched, running, a hiccup, over": (WATCHING, [seen(RUNNING), trouble(), seen(SUCCEEDED)], ONE),
    "watched, over at the first look": (WATCHING, [seen(SUCCEEDED)], None),
    "refreshed, stale for good": ({"seconds": 600}, itertools.repeat(seen(STALE)), None),
    "refreshed, failed": ({}, [seen({**SUCCEEDED, "status": "failed"})], None),
    "refreshed, skipped": ({}, [seen({**SUCCEEDED, "status": "skipped"})], None),
    "refreshed, running to the deadline": ({"seconds": 600}, itertools.repeat(seen(RUNNING)), None),
    "learning is off": ({"learning": False}, [seen(RUNNING), seen(SUCCEEDED)], None),
}


@pytest.mark.parametrize(("run", "looks", "kind"), RUNS.values(), ids=RUNS)
def test_a_run_that_has_waited_for_a_scan_tells_once_how_long_it_took(
    run: dict[str, Any], looks: Any, kind: str | None
) -> None:
    time = hub(looks, refreshes=[refreshed(REQUESTED)]).run(refreshing(**run), "a-run")

    expected = (
        (f"@scan_durations@{entity_key(kind)}", {"kind": kind, "seconds": TOOK, "endedAt": ENDED}) if kind else None
    )
    assert told(time) == ([expected] if expected else [])
    time.replay()


def test_runs_that_wait_for_one_scan_count_it_once() -> None:
    entities = memories()
    for run in (refreshing(), refreshing(), asked(START)):
        looks = [seen(RUNNING), seen(SUCCEEDED)]
        hub(looks, refreshes=[refreshed(REQUESTED)], entities=entities).run(run)

    known = entities.state(STALE_SIGN_IN)
    assert (known["kind"], known["scans"]) == ("StaleSignInAlert", 1)
    assert known["durations"] == learned(PRIOR, TOOK)


def test_a_run_waits_as_its_scans_are_known_to_take() -> None:
    run = refreshing(durations=SWIFT)
    time = hub([seen(RUNNING), seen(RUNNING), seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)]).run(run)

    assert moments(time) == looked_after(run, 4)[1:]


def test_graphs_own_clocks_tell_how_long_the_scan_has_run() -> None:
    look = {**seen(RUNNING), "answeredAt": "2023-06-09T22:55:41.541Z"}
    time = hub([look, seen(SUCCEEDED)]).run(asked(START))

    waited = while_running(299.999553, PRIOR, 5.0, 60.0)
    assert moments(time)[1].total_seconds() == math.ceil(waited)


def test_who_shares_a_refresh_counts_from_when_it_was_asked_for() -> None:
    entities, memory = memories(), f"@alert_memory@{entity_key(ALERT_ID)}"
    report = {"runId": "other", "operationId": "x", "requestedAt": REQUESTED, "now": "2026-01-31T11:59:20.000Z"}
    entities.operate(memory, "refreshed", report)
    time = hub([seen(SUCCEEDED)], entities=entities).run(refreshing())

    assert moments(time)[0].total_seconds() == math.ceil(while_running(40.0, PRIOR, 5.0, 60.0))


def test_what_a_run_goes_by_outlasts_a_continue_as_new() -> None:
    run = refreshing(durations=SWIFT, seconds=86_400)
    time = hub([*[seen(RUNNING)] * 40, seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)]).run(run)

    assert moments(time) == looked_after(run, 42)[1:]
    assert len(told(time)) == 1, "and so does what it has seen"
    time.replay()


def test_an_entity_that_is_broken_costs_what_it_knows_and_not_the_run() -> None:
    entities = memories()
    entities.put(STALE_SIGN_IN, {"endedAt": 7})
    time = hub([seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)], entities=entities).run(refreshing())

    assert (time.status, time.output["fresh"]) == ("COMPLETED", True)
