"""How a run ends, as the API answers it and the callback gets it."""

from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import pytest

from alert_refresh.problems import attach_run, make_problem
from alert_refresh.run.changes import MOST_NAMES, Changes, compare, give
from alert_refresh.run.observations import INCIDENTS
from alert_refresh.run.outcome import Outcome, attach_changes, extract_alerts, make_result, select_news
from alert_refresh.run.state import Run
from alert_refresh.timestamps import parse_timestamp
from tests.orchestrators.hub import fetched, listed
from tests.run.generated import NOW
from tests.support.graph_samples import ALERT, ALERT_ID, REFRESH, REQUESTED_AT, SUCCEEDED, make_sample_run

OTHER = {**ALERT, "id": "other", "lastScannedDateTime": "2023-06-09T22:55:00Z"}
STALE = {**ALERT, "id": "stale", "lastScannedDateTime": "2023-06-08T22:55:00Z"}
UNKNOWN = {**ALERT, "id": "unknown", "lastScannedDateTime": None}
DISABLED = {**STALE, "id": "disabled", "alertConfiguration": {"isEnabled": False}}
NEVER = {**DISABLED, "id": "never", "lastScannedDateTime": "0001-01-01T00:00:00Z"}
CUT: Any = {"alertId": "other", "returned": 1, "count": 9, "url": "https://graph.microsoft.com/x"}


def refresh(**wish: Any) -> Run:
    requested = cast("datetime", parse_timestamp(REQUESTED_AT))
    return replace(make_sample_run(NOW, target=REFRESH, **wish), requested_at=requested, operation=SUCCEEDED)


def end(observation: Any, **wish: Any) -> Outcome:
    return make_result(refresh(**wish), cast("Any", {"answeredAt": REQUESTED_AT, **observation}))


def expand(alert: dict[str, Any], *ids: str) -> dict[str, Any]:
    return {**alert, "incidentCount": len(ids), INCIDENTS: [{"id": each} for each in ids]}


def get_result(outcome: Outcome | None) -> dict[str, Any]:
    assert outcome is not None
    assert outcome.result is not None
    return cast("dict[str, Any]", outcome.result)


@pytest.mark.parametrize(
    ("alerts", "fresh", "not_scanned", "scanned_at"),
    [
        ([ALERT, OTHER], True, [], "2023-06-09T22:55:00Z"),
        ([ALERT, STALE], False, ["stale"], "2023-06-08T22:55:00Z"),
        ([ALERT, DISABLED], True, ["disabled"], "2023-06-08T22:55:00Z"),
        ([ALERT, UNKNOWN], None, [], ALERT["lastScannedDateTime"]),
        ([DISABLED], None, ["disabled"], "2023-06-08T22:55:00Z"),
        # Graph writes "never" as a time in year 1.
        ([ALERT, NEVER], True, ["never"], ALERT["lastScannedDateTime"]),
        ([NEVER], None, ["never"], None),
        ([], None, [], None),
    ],
)
def test_all_alerts_are_as_fresh_as_those_that_pim_scans(
    alerts: list[Any], fresh: Any, not_scanned: list[str], scanned_at: str | None
) -> None:
    result = get_result(end(listed(*alerts)))
    assert (result["fresh"], result["notScanned"], result["scannedAt"]) == (fresh, not_scanned, scanned_at)
    assert [alert["id"] for alert in result["alerts"]] == [alert["id"] for alert in alerts]


PLAIN = {"@odata.type", "id", "isActive", "incidentCount", "alertDefinition", "lastScannedDateTime"}


@pytest.mark.parametrize(
    ("wish", "shown"),
    [
        ({}, PLAIN),
        ({"expand": ("alertConfiguration",)}, PLAIN | {"alertConfiguration", "alertConfiguration@odata.context"}),
        ({"select": ("isActive",)}, {"@odata.type", "isActive"}),
        ({"select": ("isActive",), "changes_for": "ops"}, {"@odata.type", "isActive", INCIDENTS}),
        ({"select": ("isActive",), "expand": ("alertDefinition",)}, {"@odata.type", "isActive", "alertDefinition"}),
    ],
)
def test_the_caller_gets_what_it_asked_for_and_not_what_the_app_needs(wish: dict[str, Any], shown: set[str]) -> None:
    alert: dict[str, Any] = {
        "@odata.type": "#microsoft.graph.unifiedRoleManagementAlert",
        **dict.fromkeys(("id", "isActive", "incidentCount", "alertDefinition")),
        "lastScannedDateTime": ALERT["lastScannedDateTime"],
        "alertConfiguration": {"isEnabled": True},
        "alertConfiguration@odata.context": "x",
        **({INCIDENTS: []} if "changes_for" in wish else {}),
    }
    observation: Any = {"kind": "alert", "alerts": [alert]}
    result = get_result(end(observation, **wish))
    assert set(result["alert"]) == shown
    assert result["fresh"] is True, "the app itself asks for what it needs"


def compare_with(baseline: dict[str, Any], outcome: Outcome) -> Outcome:
    assert outcome.scans is not None
    return attach_changes(outcome, compare(baseline, outcome.scans))


def test_changes_are_named_by_alert_though_the_caller_did_not_select_the_id() -> None:
    outcome = end(listed(expand(ALERT, "a"), expand(OTHER)), select=("isActive",), changes_for="ops")
    result = get_result(compare_with({}, outcome))
    assert [set(alert) - {"@odata.context"} for alert in result["alerts"]] == [{"isActive", INCIDENTS}] * 2
    assert result["changed"] is True
    named = {ALERT_ID: [{"id": "a", "person": None, "role": None}], "other": []}
    assert {alert_id: each["added"] for alert_id, each in result["changes"].items()} == named


def test_every_added_incident_is_named_however_many_there_are() -> None:
    people = [{"id": f"{number:04}", "assigneeDisplayName": f"Person {number}"} for number in range(MOST_NAMES + 5)]
    outcome = end(listed({**expand(ALERT), "incidentCount": len(people), INCIDENTS: people}), changes_for="ops")
    added = get_result(compare_with({}, outcome))["changes"][ALERT_ID]["added"]
    assert [each["person"] for each in added] == [each["assigneeDisplayName"] for each in people]


@pytest.mark.parametrize(
    ("verdicts", "changed", "news"),
    [
        ([False, False], False, None),
        ([True, False], True, [ALERT_ID]),
        ([None, False], None, [ALERT_ID]),
        ([True, None], True, [ALERT_ID, "other"]),
    ],
)
def test_news_are_alerts_that_changed_and_alerts_that_could_not_be_compared(
    verdicts: list[bool | None], changed: Any, news: list[str] | None
) -> None:
    known = {
        alert_id: cast("Changes", {"changed": verdict, "added": []})
        for alert_id, verdict in zip((ALERT_ID, "other"), verdicts, strict=True)
        if verdict is not None
    }
    known["disabled"] = cast("Changes", {"changed": False, "added": []})
    outcome = attach_changes(end(listed(ALERT, OTHER, DISABLED), changes_for="ops"), known)
    assert get_result(outcome)["changed"] is changed
    selected = select_news(outcome)
    if news is None:
        assert selected is None
        return
    result = get_result(selected)
    assert [alert["id"] for alert in result["alerts"]] == news
    assert result["notScanned"] == ["disabled"]
    assert set(result["changes"]) == {ALERT_ID, "other", "disabled"}
    assert len(extract_alerts(cast("Any", get_result(outcome)))) == 3


def test_an_alert_whose_incidents_were_cut_cannot_be_compared() -> None:
    observation = listed(expand(ALERT, "a"), expand(OTHER, "b"), cut=[CUT])
    outcome = end(observation, changes_for="ops")
    assert outcome.scans is not None
    assert set(outcome.scans) == {ALERT_ID}
    assert get_result(compare_with({}, outcome))["changes"]["other"] is None
    only = compare_with(give({}, outcome.scans), outcome)
    assert get_result(only)["changed"] is None
    assert [alert["id"] for alert in get_result(select_news(only))["alerts"]] == ["other"]


def test_what_nobody_compares_is_always_news() -> None:
    late = Outcome(problem=attach_run(make_problem("timed-out", "Late."), "id"))
    assert attach_changes(late, {}) == late
    for outcome in (end(fetched()), end(listed()), late):
        assert select_news(outcome) == outcome
    assert end(fetched(**expand(ALERT, "a"))).scans is None


def test_a_scan_that_is_dated_in_the_future_counts_from_the_answer() -> None:
    future = {**expand(ALERT, "a"), "lastScannedDateTime": "2043-06-09T00:00:00Z"}
    scans = end(fetched(**future), changes_for="ops").scans
    assert scans is not None
    assert scans[ALERT_ID]["scannedAt"] == REQUESTED_AT
