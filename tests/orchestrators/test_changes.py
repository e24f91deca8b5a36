"""A run that is asked for changes tells what is new since the last one saw the alert."""

from datetime import timedelta
from typing import Any

from domain.alert_memory import entity_key
from tests.orchestrators.looks import fetched, hub, listed, memories, refreshed, seen
from tests.support.graph_samples import ALERT, ALERT_ID, SUCCEEDED, asked
from tests.support.virtual_entities import VirtualEntities
from tests.support.virtual_time import START, VirtualTime


def incidents(*ids: str, scanned: str = "2023-06-09T22:56:08.52Z", **changes: Any) -> dict[str, Any]:
    rows = [{"id": each} for each in ids]
    return {**ALERT, "incidentCount": len(rows), "alertIncidents": rows, "lastScannedDateTime": scanned, **changes}


def ran(entities: VirtualEntities, alert: dict[str, Any]) -> VirtualTime:
    time = hub([seen(SUCCEEDED)], [fetched(**alert)], entities=entities)
    return time.run(asked(START, onlyIfChanged=True))


def test_the_first_time_everything_is_new() -> None:
    time = ran(memories(), incidents("a", "b"))

    assert time.output["changed"] is True
    assert time.output["changes"][ALERT_ID]["firstTime"] is True
    assert time.output["changes"][ALERT_ID]["added"] == ["a", "b"]
    time.replay()


def test_what_was_added_and_removed_is_told() -> None:
    entities = memories()
    ran(entities, incidents("a", "b"))
    time = ran(entities, incidents("b", "c", scanned="2023-06-10T22:56:08Z"))

    changes = time.output["changes"][ALERT_ID]
    assert (time.output["changed"], changes["added"], changes["removed"]) == (True, ["c"], ["a"])


def test_nothing_new_is_told_as_such() -> None:
    entities = memories()
    ran(entities, incidents("a", "b"))
    time = ran(entities, incidents("b", "a", scanned="2023-06-10T22:56:08Z"))

    assert time.output["changed"] is False
    assert time.output["changes"][ALERT_ID]["added"] == []


def test_an_alert_that_became_inactive_has_changed() -> None:
    entities = memories()
    ran(entities, incidents("a"))
    time = ran(entities, incidents("a", scanned="2023-06-10T22:56:08Z", isActive=False))

    assert time.output["changed"] is True
    assert time.output["changes"][ALERT_ID]["activeBefore"] is True


def test_the_incidents_are_asked_for_and_handed_out() -> None:
    time = ran(memories(), incidents("a"))

    assert time.calls[-1][2]["expand"] == ["alertIncidents"]
    assert time.output["incidentsFetched"] == 1


def test_incidents_that_are_too_many_for_the_history_cannot_be_compared() -> None:
    alert = {**ALERT, "incidentCount": 5000}
    entities = memories()
    look = {**fetched(**alert), "truncated": True}
    time = hub([seen(SUCCEEDED)], [look], entities=entities).run(asked(START, onlyIfChanged=True))

    assert (time.output["changed"], time.output["changes"]) == (None, {ALERT_ID: None})
    assert entities.operations == []


def test_a_count_that_differs_for_good_is_no_obstacle() -> None:
    entities = memories()
    for scanned in ("2023-06-09T22:56:08.52Z", "2023-06-10T22:56:08Z"):
        alert = incidents("a", "b", scanned=scanned, incidentCount=3)
        page = {"value": alert["alertIncidents"], "nextLink": None}
        rest = {"kind": "incidents", "page": page, "retryAfter": None, "clientRequestId": "c-3"}
        time = hub([seen(SUCCEEDED)], [fetched(**alert), rest], entities=entities).run(asked(START, onlyIfChanged=True))

    assert time.output["changed"] is False


def test_of_all_alerts_each_is_compared_with_its_own_past() -> None:
    entities = memories()
    other = {**incidents("x"), "id": "other"}
    question: Any = {"target": {"allAlerts": True}, "phase": "refreshing", "operationId": None, "onlyIfChanged": True}
    next_day = "2023-06-10T22:56:08Z"
    later = incidents("a", "b", scanned=next_day)
    for first, second in ((incidents("a"), other), (later, {**other, "lastScannedDateTime": next_day})):
        refreshes = [refreshed("2023-06-09T22:50:40.000Z")]
        time = hub([seen(SUCCEEDED)], [listed(first, second)], refreshes=refreshes, entities=entities)
        time.run(asked(START, **question))

    assert time.output["changed"] is True
    assert time.output["changes"][ALERT_ID]["added"] == ["b"]
    assert time.output["changes"]["other"]["changed"] is False


def test_who_does_not_ask_leaves_no_trace() -> None:
    entities = memories()
    time = hub([seen(SUCCEEDED)], [fetched(**incidents("a"))], entities=entities).run(asked(START))

    assert (time.output["changed"], time.output["changes"]) == (None, None)
    assert entities.operations == []


def test_a_memory_that_is_broken_costs_the_comparison_and_not_the_alert() -> None:
    entities = memories()
    entities._states[f"@alert_memory@{entity_key(ALERT_ID)}"] = '{"known": 7}'  # noqa: SLF001 - as in test_sharing
    time = ran(entities, incidents("a"))

    assert time.status == "COMPLETED"
    assert time.output["changed"] is None


def test_a_run_that_is_cancelled_compares_nothing() -> None:
    entities = memories()
    time = hub([], events={"cancel": timedelta(0)}, entities=entities, latency=timedelta(seconds=1))
    time.activities = {"get_operation": lambda _: seen({**SUCCEEDED, "status": "running"})}
    time.run(asked(START, onlyIfChanged=True))

    assert entities.operations == []
