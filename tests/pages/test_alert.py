"""An alert, its incidents, and what changed, as a page shows them."""

from typing import Any

import pytest

from alert_refresh.pages.alert import MOST_ROWS, make_table
from alert_refresh.pages.words import describe_moment
from alert_refresh.run.changes import OUTDATED
from tests.pages.shown import NOW, make_alerts_result, make_result, show
from tests.support.graph_samples import ALERT, ALERT_ID

SCANNED = "2023-06-09 22:56:08 UTC in 4 min"
CHANGED = {**OUTDATED, "changed": True, "outdated": False}
QUIET = {**ALERT, "id": "DirectoryRole_t_RedundantAssignmentAlert", "isActive": False, "incidentCount": 0}


def test_an_alert_is_shown_with_its_meaning_and_its_incidents() -> None:
    incidents = [{"id": "i-1", "assigneeDisplayName": "Adele Vance", "lastSignInDateTime": "2023-04-21T06:12:44Z"}, 7]
    definition = {"displayName": "Stale", "severityLevel": "medium", "mitigationSteps": "Take the roles away."}
    text = show(make_result({"alertDefinition": definition, "alertIncidents": incidents}))
    assert text.startswith("PIM alert refresh Stale Waiting")
    assert f"Active Yes Severity Medium Incidents 2 Scanned {SCANNED} Fresh Yes" in text
    assert "What to do Take the roles away." in text
    assert "1 incident Assignee display name Last sign in ID Adele Vance 2023-04-21 06:12:44 UTC i-1" in text
    assert "Changes" not in text


def test_what_graph_did_not_send_is_not_made_up() -> None:
    text = show({**make_result(fresh=None), "alert": {"id": ALERT_ID}})
    assert "Active Unknown Severity Not asked for Incidents Unknown Scanned — Fresh Unknown" in text


def test_the_columns_are_what_the_incidents_have_and_ids_come_last() -> None:
    signed_in = "2023-04-21T06:12:44.5414467Z"
    adele = {"@odata.type": "#x", "id": "i-1", "roleId": "r-1", "name": "Adele", "at": signed_in, "no": None, "e": ""}
    table = make_table([adele, {"id": "i-2", "count": 0, "mfa": False, "at": "2023-04-21", "more": {"a": ["é"]}}], NOW)
    assert table["columns"] == ["name", "at", "count", "mfa", "more", "id", "roleId"]
    assert table["rows"] == [
        ["Adele", describe_moment(signed_in, NOW), "—", "—", "—", "i-1", "r-1"],
        ["—", "2023-04-21", "0", "no", '{"a": ["é"]}', "i-2", "—"],
    ]


def test_of_very_many_incidents_the_first_are_shown_and_the_others_counted() -> None:
    incidents = [{"id": str(number)} for number in range(MOST_ROWS + 7)]
    text = show(make_result({"alertIncidents": incidents}))
    assert f"{MOST_ROWS} of {MOST_ROWS + 7} incidents" in text
    assert "The result as JSON has 7 more." in text
    assert "There are none." in show(make_result({"alertIncidents": []}))


@pytest.mark.parametrize(("returned", "count", "first"), [(80, 300, "first 80 of 300"), (0, None, "first 0")])
def test_incidents_that_the_result_does_not_hold_are_counted(returned: int, count: int | None, first: str) -> None:
    incidents = [{"id": str(number)} for number in range(returned)]
    cut = {"alertId": ALERT_ID, "returned": returned, "count": count, "url": "https://graph.example/alert"}
    one = make_result({"alertIncidents": incidents}, incidentsCut=[cut])
    several = make_alerts_result({**ALERT, "alertIncidents": incidents}, QUIET, incidentsCut=[cut])
    for result in (one, several):
        text = show(result)
        assert f"The result has the {first}; all of them: https://graph.example/alert" in text
        assert "There are none." not in text


def test_all_alerts_are_a_table_with_the_active_ones_first() -> None:
    bare = {"id": "DirectoryRole_t_NoLicenseAlert"}
    result = make_alerts_result(QUIET, ALERT, bare, fresh=False, notScanned=[QUIET["id"]])
    text = show(result, target={"allAlerts": True})
    assert "3 alerts, the active ones first" in text
    stale, redundant = f"Stale sign in Yes — 2 {SCANNED} Yes", f"Redundant assignment No — 0 {SCANNED} No"
    assert f"{stale} {redundant} No license Unknown — — — Unknown" in text


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({**CHANGED, "added": ["a", "b"], "removed": ["c"]}, "2 new, 1 gone"),
        ({**CHANGED, "added": [], "removed": []}, "Yes"),
        ({**CHANGED, "changed": False, "added": [], "removed": []}, "None"),
        ({**CHANGED, "firstTime": True, "added": ["a"], "removed": []}, "First time"),
        (OUTDATED, "Not compared: a newer scan is known"),
        (None, "Unknown"),
    ],
)
def test_changes_for_a_subscriber_are_shown(changes: Any, shown: str) -> None:
    found = {ALERT_ID: changes, QUIET["id"]: changes}
    assert f"Changes {shown} " in show(make_result(changes=found))
    assert f"{SCANNED} Yes {shown} " in show(make_alerts_result(ALERT, QUIET, changes=found))
