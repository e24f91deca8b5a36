"""An entity that never answers costs a run a minute, and nothing that the run is for."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from orchestrators.steps import ENTITY_SECONDS
from tests.orchestrators.looks import fetched, hub, listed, memories, refreshed, seen
from tests.support.graph_samples import ALERT, ALERT_ID, SUCCEEDED, asked
from tests.support.virtual_entities import VirtualEntities
from tests.support.virtual_time import START, VirtualTime

REQUESTED = "2023-06-09T22:50:40.000Z"


@pytest.fixture
def entities() -> VirtualEntities:
    silent = memories()
    silent.silent = True
    return silent


def compare(alerts: list[dict[str, Any]], entities: VirtualEntities) -> VirtualTime:
    run = asked(START, onlyIfChanged=True, target={"allAlerts": True})
    return hub([seen(SUCCEEDED)], [listed(*alerts)], entities=entities).run(run)


def test_a_refresh_goes_on_without_sharing(entities: VirtualEntities, caplog: pytest.LogCaptureFixture) -> None:
    run = asked(START, target={"alertId": ALERT_ID}, phase="refreshing", operationId=None)
    scanned = {**SUCCEEDED, "lastActionDateTime": "2023-06-09T22:51:00Z"}

    with caplog.at_level(logging.WARNING, logger="orchestrators"):
        time = hub([seen(scanned)], refreshes=[refreshed(REQUESTED)], entities=entities).run(run)

    assert time.status == "COMPLETED"
    assert time.output["fresh"] is True
    assert time.calls[0][:2] == (START + timedelta(seconds=ENTITY_SECONDS), "refresh_alert")
    assert [record.getMessage() for record in caplog.records if record.name.startswith("orchestrators")] == [
        "run-1: entity alert_memory did not answer 'claim' in time."
    ]
    time.replay()


def test_an_alert_is_delivered_without_its_changes(entities: VirtualEntities) -> None:
    run = asked(START, onlyIfChanged=True)

    time = hub([seen(SUCCEEDED)], [fetched(alertIncidents=[], incidentCount=0)], entities=entities).run(run)

    assert time.status == "COMPLETED"
    assert time.output["alert"]["id"] == ALERT["id"]
    assert time.output["changed"] is None
    assert time.output["changes"] == {ALERT["id"]: None}
    time.replay()


def test_many_alerts_wait_for_it_once(entities: VirtualEntities) -> None:
    alerts = [{**ALERT, "id": f"alert-{number}", "alertIncidents": [], "incidentCount": 0} for number in range(7)]

    time = compare(alerts, entities)

    assert time.status == "COMPLETED"
    assert time.output["changed"] is None
    assert set(time.output["changes"].values()) == {None}
    assert time.now == START + timedelta(seconds=ENTITY_SECONDS)
