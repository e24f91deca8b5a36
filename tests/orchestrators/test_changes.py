"""What changed belongs to a subscriber: compared with what that subscriber was last given."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from orchestrators.steps import ENTITY_SECONDS
from tests.orchestrators.hub import SUBSCRIBER, fault, fetched, hub, listed, polled, refreshed, run, subscribers
from tests.support.graph_samples import ALERT, ALERT_ID, REFRESH, REFRESH_ALL, SUCCEEDED, make_sample_run
from tests.support.virtual_entities import VirtualEntities
from tests.support.virtual_time import START, VirtualTime

CALLBACK = "https://prod-07.westeurope.logic.azure.com/workflows/w?sig=secret"


def scan(*ids: str, active: bool = True, at: str = "2023-06-09T22:56:08.52Z", **changes: Any) -> dict[str, Any]:
    incidents = [{"id": incident} for incident in ids]
    return {
        **ALERT,
        "isActive": active,
        "incidentCount": len(ids),
        "alertIncidents": incidents,
        "lastScannedDateTime": at,
        **changes,
    }


def compare(entities: VirtualEntities, *alerts: dict[str, Any], **changes: Any) -> VirtualTime:
    time = hub([polled(SUCCEEDED)], [listed(*alerts)], refreshes=[refreshed()], entities=entities)
    return run(time, make_sample_run(START, **{"target": REFRESH_ALL, "changes_for": "ops", **changes}))


def test_without_a_callback_the_baseline_moves_at_the_end_of_the_run() -> None:
    entities = subscribers()
    first = compare(entities, scan("1"))
    same = compare(entities, scan("1"))
    more = compare(entities, scan("1", "2"))

    assert [time.output["changed"] for time in (first, same, more)] == [True, False, True]
    assert first.output["changes"][ALERT_ID]["firstTime"] is True
    assert more.output["changes"][ALERT_ID]["added"] == ["2"]
    more.replay()


def test_with_a_callback_the_baseline_waits_for_its_acceptance() -> None:
    entities = subscribers()
    time = compare(entities, scan("1"), callback_url=CALLBACK)

    [(_, _, delivery)] = time.children
    assert entities.state(SUBSCRIBER) is None
    assert (delivery["subscriber"], list(delivery["scans"])) == ("ops", [ALERT_ID])


def test_no_callback_is_posted_when_nothing_changed() -> None:
    entities = subscribers()
    compare(entities, scan("1"))
    time = compare(entities, scan("1"), callback_url=CALLBACK)

    assert time.children == []
    assert time.output["changed"] is False


def test_a_callback_gets_only_the_alerts_that_changed() -> None:
    entities = subscribers()
    other: dict[str, Any] = {"id": "other"}
    compare(entities, scan("1"), scan("7", **other))
    time = compare(entities, scan("1"), scan("7", "8", **other), callback_url=CALLBACK)

    [(_, _, delivery)] = time.children
    assert [alert["id"] for alert in delivery["post"]["body"]["alerts"]] == ["other"]
    assert len(time.output["alerts"]) == 2


def test_a_failed_run_is_news() -> None:
    time = hub([fault("request-refused")], refreshes=[refreshed()])
    run(time, make_sample_run(START, target=REFRESH_ALL, changes_for="ops", callback_url=CALLBACK))

    assert len(time.children) == 1


def test_what_changed_without_a_new_scan_is_news() -> None:
    entities = subscribers()
    compare(entities, scan("1", "2"))
    time = compare(entities, scan("1"))

    assert time.output["changes"][ALERT_ID]["removed"] == ["2"]


def test_subscribers_have_baselines_of_their_own() -> None:
    entities = subscribers()
    compare(entities, scan("1"))
    time = compare(entities, scan("1"), changes_for="schedule")

    assert time.output["changes"][ALERT_ID]["firstTime"] is True


def test_a_run_for_nobody_moves_no_baseline() -> None:
    entities = subscribers()
    time = compare(entities, scan("1"), changes_for=None)

    assert (time.output["changed"], time.output["changes"]) == (None, None)
    assert entities.operations == []


def test_an_older_scan_is_outdated() -> None:
    entities = subscribers()
    compare(entities, scan("1", at="2023-06-09T22:58:00Z"))
    time = compare(entities, scan("1", "2"))

    assert time.output["changes"][ALERT_ID]["outdated"] is True
    assert time.output["changed"] is False


def test_one_scan_dated_in_the_future_makes_no_later_one_outdated() -> None:
    entities, now = subscribers(), "2023-06-09T22:57:00Z"

    def refresh(alert: dict[str, Any]) -> VirtualTime:
        answer = {"kind": "alert", "alerts": [alert], "incidentsCut": [], "answeredAt": now}
        time = hub([polled(SUCCEEDED)], [answer], refreshes=[refreshed()], entities=entities)
        return run(time, make_sample_run(START, target=REFRESH, changes_for="ops"))

    refresh(scan("1", at="2043-06-09T00:00:00Z"))
    assert refresh(scan("1", "2", at="2023-06-09T22:58:00Z")).output["changes"][ALERT_ID]["added"] == ["2"]


def test_an_alert_with_cut_incidents_cannot_be_compared() -> None:
    cut = [{"alertId": ALERT_ID, "returned": 1, "count": 9, "url": "u"}]
    time = hub([polled(SUCCEEDED)], [listed(scan("1"), cut=cut)], refreshes=[refreshed()], entities=subscribers())
    run(time, make_sample_run(START, target=REFRESH_ALL, changes_for="ops", callback_url=CALLBACK))

    assert (time.output["changed"], time.output["changes"]) == (None, {ALERT_ID: None})
    assert len(time.children) == 1, "what nobody can compare is news"


def test_a_tenant_without_alerts_has_no_news() -> None:
    time = compare(subscribers(), callback_url=CALLBACK)

    assert (time.output["changed"], time.output["changes"], time.children) == (False, {}, [])


def test_the_id_need_not_be_selected() -> None:
    time = compare(subscribers(), scan("1"), select=("isActive",))

    assert list(time.output["changes"]) == [ALERT_ID]


def test_a_subscriber_that_never_answers_costs_the_comparison_alone(caplog: pytest.LogCaptureFixture) -> None:
    entities = VirtualEntities(subscribers().functions, silent=True)
    with caplog.at_level(logging.WARNING, logger="orchestrators"):
        time = compare(entities, scan("1"), scan("2", id="other"), callback_url=CALLBACK)

    assert time.status == "COMPLETED"
    assert (time.output["changed"], time.output["changes"]) == (None, None)
    assert time.now == START + timedelta(seconds=5 + ENTITY_SECONDS)
    assert len(time.children) == 1
    assert "subscriber ops did not answer in 60 s" in caplog.text
    time.replay()


@pytest.mark.parametrize("operation", ["compare", "give"])
def test_a_subscriber_that_fails_costs_the_comparison_alone(operation: str) -> None:
    entities = subscribers()
    entities.put(SUBSCRIBER, {ALERT_ID: "this is no scan"} if operation == "compare" else {})
    time = compare(entities, scan("1"))

    assert time.status == "COMPLETED"
    assert time.output["changed"] is (None if operation == "compare" else True)


def test_a_fetched_alert_is_compared_too() -> None:
    time = hub([polled(SUCCEEDED)], [fetched(incidentCount=0, alertIncidents=[])], entities=subscribers())
    run(time, make_sample_run(START, changes_for="ops"))

    assert time.output["changed"] is True
    assert time.calls[-1][2]["expand"] == ["alertConfiguration", "alertIncidents"]
