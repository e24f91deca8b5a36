"""What changed belongs to a subscriber: compared with what that subscriber was last given."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from orchestrators.steps import ENTITY_SECONDS
from tests.orchestrators.hub import SUBSCRIBER, hub, listed, polled, refreshed, run, subscribers
from tests.support.graph_samples import ALERT, ALERT_ID, REFRESH_ALL, RUN_ID, SUCCEEDED, make_sample_run
from tests.support.virtual_entities import VirtualEntities
from tests.support.virtual_time import START, VirtualTime

CALLBACK = "https://prod-07.westeurope.logic.azure.com/workflows/w?sig=secret"


def scan(*ids: str, **changes: Any) -> dict[str, Any]:
    return {**ALERT, "incidentCount": len(ids), "alertIncidents": [{"id": incident} for incident in ids], **changes}


def compare(entities: VirtualEntities, *alerts: dict[str, Any], **changes: Any) -> VirtualTime:
    time = hub([polled(SUCCEEDED)], [listed(*alerts)], refreshes=[refreshed()], entities=entities)
    return run(time, make_sample_run(START, **{"target": REFRESH_ALL, "changes_for": "ops", **changes}))


def test_without_a_callback_the_baseline_of_each_subscriber_moves_at_the_end_of_its_run() -> None:
    entities = subscribers()
    first = compare(entities, scan("1"))
    same = compare(entities, scan("1"))
    more = compare(entities, scan("1", "2"))
    another = compare(entities, scan("1"), changes_for="schedule")

    assert [time.output["changed"] for time in (first, same, more)] == [True, False, True]
    assert [time.output["changes"][ALERT_ID]["firstTime"] for time in (first, same, another)] == [True, False, True]
    assert more.output["changes"][ALERT_ID]["added"] == [{"id": "2", "person": None, "role": None}]
    more.replay()


def test_with_a_callback_the_baseline_waits_for_its_acceptance() -> None:
    entities = subscribers()
    time = compare(entities, scan("1"), callback_url=CALLBACK)

    [(_, _, delivery)] = time.children
    assert entities.state(SUBSCRIBER) is None
    assert (delivery["subscriber"], list(delivery["scans"])) == ("ops", [ALERT_ID])


def test_a_callback_gets_only_the_alerts_that_changed_and_none_when_nothing_changed() -> None:
    entities = subscribers()
    other: dict[str, Any] = {"id": "other"}
    compare(entities, scan("1"), scan("7", **other))
    same = compare(entities, scan("1"), scan("7", **other), callback_url=CALLBACK)
    time = compare(entities, scan("1"), scan("7", "8", **other), callback_url=CALLBACK)

    assert (same.output["changed"], same.children) == (False, [])
    [(_, _, delivery)] = time.children
    # Only what is given moves the baseline: an older delivery may still bring something else.
    assert [operation for _, operation, _ in entities.operations] == ["compare", "give", "compare", "compare"]
    assert list(delivery["scans"]) == ["other"]
    assert [alert["id"] for alert in delivery["post"]["body"]["alerts"]] == ["other"]
    assert len(time.output["alerts"]) == 2


def test_each_change_is_logged_once_whatever_is_replayed(caplog: pytest.LogCaptureFixture) -> None:
    entities = subscribers()
    low: dict[str, Any] = {"id": "low", "alertDefinition": {"severityLevel": "low"}}
    with caplog.at_level(logging.INFO, logger="orchestrators"):
        compare(entities, scan("1"), scan("7", **low))
        # The turn after these lines, when the baseline has moved, replays the turn that wrote them.
        compare(entities, scan("1", "2", isActive=False), scan("8", **low), changes_min_severity="medium")

    lines = [json.loads(text) for record in caplog.records if "pim.alert.changed" in (text := record.getMessage())]
    assert [(line["alertId"], line["change"], line.get("incidentId")) for line in lines] == [
        (ALERT_ID, "inactive", None),
        (ALERT_ID, "added", "2"),
    ], "a severity that is too low is no news"
    assert {(line["runId"], line["subscriber"]) for line in lines} == {(RUN_ID, "ops")}


def test_a_run_for_nobody_moves_no_baseline() -> None:
    entities = subscribers()
    time = compare(entities, scan("1"), changes_for=None)

    assert (time.output["changed"], time.output["changes"]) == (None, None)
    assert entities.operations == []


def test_a_tenant_without_alerts_has_no_news() -> None:
    time = compare(subscribers(), callback_url=CALLBACK)

    assert (time.output["changed"], time.output["changes"], time.children) == (False, {}, [])


def test_a_subscriber_that_never_answers_costs_the_comparison_alone(caplog: pytest.LogCaptureFixture) -> None:
    entities = VirtualEntities(subscribers().functions, silent=True)
    with caplog.at_level(logging.WARNING, logger="orchestrators"):
        time = compare(entities, scan("1"), scan("2", id="other"), callback_url=CALLBACK)

    assert time.status == "COMPLETED"
    assert (time.output["changed"], time.output["changes"]) == (None, None)
    assert time.now == START + timedelta(seconds=5 + ENTITY_SECONDS)
    assert len(time.children) == 1
    assert "subscriber ops did not answer in 60 s" in caplog.text
    # What nobody could compare moves no baseline: the next run says what changed, and logs it.
    assert time.children[0][2]["scans"] == {}
    time.replay()


def test_a_subscriber_that_fails_costs_the_comparison_alone() -> None:
    entities = subscribers()
    entities.put(SUBSCRIBER, {ALERT_ID: "this is no scan"})
    time = compare(entities, scan("1"))

    assert (time.status, time.output["changed"]) == ("COMPLETED", None)
