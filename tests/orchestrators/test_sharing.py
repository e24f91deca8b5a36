"""Runs of one alert that differ in what they ask for share one scan."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from domain.alert_memory import entity_key
from tests.orchestrators.looks import hub, memories, refreshed, seen, trouble
from tests.support.graph_samples import ALERT_ID, OPERATION_ID, RUNNING, SUCCEEDED, asked
from tests.support.virtual_entities import VirtualEntities
from tests.support.virtual_time import START, VirtualTime

REQUESTED = "2023-06-09T22:50:40.000Z"
MEMORY = f"@alert_memory@{entity_key(ALERT_ID)}"


def refreshing(**changes: Any) -> Any:
    return asked(START, target={"alertId": ALERT_ID}, phase="refreshing", operationId=None, **changes)


def names(time: VirtualTime) -> list[str]:
    return [name for _, name, _ in time.calls]


def in_progress(entities: VirtualEntities, after: timedelta = timedelta(0), run_id: str = "other") -> None:
    """Let another run have refreshed the alert, `after` the start."""
    moment = (START + after).isoformat().replace("+00:00", "Z")
    entities.operate(MEMORY, "claim", {"runId": run_id, "now": moment})
    told = {"runId": run_id, "operationId": OPERATION_ID, "requestedAt": REQUESTED, "now": moment}
    entities.operate(MEMORY, "refreshed", told)


def test_the_first_run_refreshes_and_the_alert_remembers_it() -> None:
    entities = memories()
    time = hub([seen(RUNNING), seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)], entities=entities)
    time.run(refreshing(), "run-1")

    assert time.status == "COMPLETED"
    assert [operation for _, operation, _ in entities.operations] == ["claim", "refreshed", "over", "saw"]
    assert entities.state(MEMORY)["refresh"]["over"] is True
    assert entities.state(MEMORY)["claim"] is None
    time.replay()


def test_a_run_that_comes_within_a_minute_uses_the_scan_that_is_under_way() -> None:
    entities = memories()
    in_progress(entities, timedelta(seconds=-59))
    time = hub([seen(RUNNING), seen(SUCCEEDED)], entities=entities).run(refreshing(), "run-2")

    assert "refresh_alert" not in names(time)
    assert (time.status, time.output["fresh"]) == ("COMPLETED", True)


@pytest.mark.parametrize("seconds", [-60, -3600])
def test_a_scan_that_was_asked_for_earlier_is_not_shared(seconds: float) -> None:
    entities = memories()
    in_progress(entities, timedelta(seconds=seconds))
    time = hub([seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)], entities=entities).run(refreshing())

    assert names(time)[0] == "refresh_alert"


def test_a_scan_that_is_over_is_not_shared() -> None:
    entities = memories()
    in_progress(entities)
    entities.operate(MEMORY, "over", {"operationId": OPERATION_ID, "requestedAt": REQUESTED})
    time = hub([seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)], entities=entities).run(refreshing())

    assert names(time)[0] == "refresh_alert"


def test_a_run_waits_for_another_that_is_about_to_refresh_and_uses_its_scan() -> None:
    entities = memories()
    entities.operate(MEMORY, "claim", {"runId": "other", "now": "2026-01-31T12:00:00Z"})
    reports = [(timedelta(seconds=3), lambda: in_progress(entities, timedelta(seconds=3)))]
    time = hub([seen(SUCCEEDED)], entities=entities, meanwhile=reports).run(refreshing())

    assert "refresh_alert" not in names(time)
    assert time.status == "COMPLETED"
    time.replay()


def test_a_claim_of_a_run_that_died_keeps_nobody_off_for_more_than_a_minute() -> None:
    entities = memories()
    entities.operate(MEMORY, "claim", {"runId": "dead", "now": "2026-01-31T12:00:00Z"})
    time = hub([seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)], entities=entities).run(refreshing())

    [asked_at] = [at - START for at, name, _ in time.calls if name == "refresh_alert"]
    assert timedelta(seconds=60) <= asked_at < timedelta(seconds=90)


def test_a_refresh_that_graph_refuses_is_nobody_s_turn_any_more() -> None:
    entities = memories()
    refusal = trouble("permission-missing", kind="problem")
    hub([], refreshes=[refusal], entities=entities).run(refreshing(), "run-1")

    assert entities.state(MEMORY)["claim"] is None


@pytest.mark.parametrize("end", [{"seconds": 100}, {"events": {"cancel": timedelta(seconds=10)}}], ids=str)
def test_a_run_that_ends_before_graph_took_its_refresh_keeps_nobody_off(end: dict[str, Any]) -> None:
    entities = memories()
    options = {name: value for name, value in end.items() if name == "events"}
    seconds = end.get("seconds", 3600)
    time = hub([], refreshes=itertools.repeat(trouble("throttled", 60.0)), entities=entities, **options)
    time.run(refreshing(seconds=seconds), "run-1")

    assert time.custom_statuses[-1]["problem"] is not None
    assert entities.state(MEMORY)["claim"] is None


def test_a_refresh_that_graph_puts_off_is_asked_for_again_by_the_same_run() -> None:
    refreshes = [trouble("throttled", 315.0), refreshed(REQUESTED)]
    time = hub([seen(SUCCEEDED)], refreshes=refreshes).run(refreshing())

    assert names(time).count("refresh_alert") == 2
    assert time.status == "COMPLETED"


def test_a_memory_that_is_broken_costs_a_scan_and_not_the_run() -> None:
    entities = memories()
    entities.put(MEMORY, {"refresh": 7})
    time = hub([seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)], entities=entities).run(refreshing())

    assert time.status == "COMPLETED"
    assert names(time)[0] == "refresh_alert"


def test_runs_of_all_alerts_and_runs_that_watch_ask_no_memory() -> None:
    entities = memories()
    hub(itertools.repeat(seen(SUCCEEDED)), entities=entities).run(asked(START))

    assert entities.operations == []
