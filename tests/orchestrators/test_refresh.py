"""A run that refreshes first: fresh or nothing. The names of the tests are those of the traps that Graph lays."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from tests.orchestrators.looks import FETCHED, fetched, hub, listed, looked_after, refreshed, seen, trouble
from tests.support.graph_samples import (
    ALERT,
    ALERT_ID,
    ALERT_URL,
    LIMIT,
    NO_INCIDENTS,
    OPERATION_ID,
    RUNNING,
    SUCCEEDED,
    asked,
)
from tests.support.virtual_time import START, VirtualTime

REQUESTED = "2023-06-09T22:50:40.000Z"
"""A second before the sample operation was created: the sample is the scan of this refresh."""
STALE = {**SUCCEEDED, "createdDateTime": "2023-06-08T22:50:41Z", "lastActionDateTime": "2023-06-08T22:56:09Z"}
"""The same operation id, a day earlier."""
OLD = {"lastScannedDateTime": "2023-06-08T22:56:08Z"}


def refreshing(*, seconds: float = 3600, **changes: Any) -> Any:
    run = {"target": {"alertId": ALERT_ID}, "phase": "refreshing", "operationId": None, **changes}
    return asked(START, seconds=seconds, **run)


def names(time: VirtualTime) -> list[str]:
    return [name for _, name, _ in time.calls]


def moments(time: VirtualTime, activity: str) -> list[timedelta]:
    return [at - START for at, name, _ in time.calls if name == activity]


def test_refresh_wait_fetch() -> None:
    time = hub([seen(RUNNING), seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)]).run(refreshing(), "a-run")

    assert time.status == "COMPLETED"
    assert time.output == {
        "runId": "a-run",
        "operation": SUCCEEDED,
        "alert": ALERT,
        "scannedAt": ALERT["lastScannedDateTime"],
        "fresh": True,
        **NO_INCIDENTS,
    }
    assert [(name, given) for _, name, given in time.calls] == [
        ("refresh_alert", {"alertId": ALERT_ID}),
        ("get_operation", {"operationId": OPERATION_ID}),
        ("get_operation", {"operationId": OPERATION_ID}),
        ("fetch_alert", {"alertId": ALERT_ID, "select": [], "expand": [], "limit": LIMIT}),
    ]
    phases = [phase for phase, _ in itertools.groupby(status["phase"] for status in time.custom_statuses)]
    assert phases == ["refreshing", "waiting", "fetching"]
    time.replay()


def test_the_first_look_is_not_at_once_for_a_scan_takes_minutes() -> None:
    time = hub([seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)]).run(refreshing())

    assert moments(time, "get_operation") == looked_after(refreshing(), 2)[1:]


@pytest.mark.parametrize("status", ["succeeded", "failed", "skipped"])
def test_the_operation_id_is_reused_and_the_end_of_the_previous_scan_is_waited_over(status: str) -> None:
    looks = [seen({**STALE, "status": status}), seen({**STALE, "status": status}), seen(RUNNING), seen(SUCCEEDED)]
    time = hub(looks, refreshes=[refreshed(REQUESTED)]).run(refreshing())

    assert time.status == "COMPLETED"
    assert names(time).count("get_operation") == 4
    assert time.output["fresh"] is True


def test_a_stale_success_never_ends_a_run() -> None:
    time = hub(itertools.repeat(seen(STALE)), refreshes=[refreshed(REQUESTED)]).run(refreshing(seconds=600))

    assert time.status == "FAILED"
    why = time.custom_statuses[-1]["problem"]
    assert why["type"].endswith(":timed-out")
    assert "older than the refresh" in why["detail"]
    assert "fetch_alert" not in names(time)


@pytest.mark.parametrize(
    ("requested", "accepted"),
    [
        ("2023-06-09T22:56:09Z", True),
        ("2023-06-09T22:56:14Z", True),
        ("2023-06-09T22:56:15Z", False),
        ("2023-06-09T23:50:00Z", False),
    ],
)
def test_server_times_decide_with_an_allowance_for_two_clocks_of_graph(requested: str, *, accepted: bool) -> None:
    looks = itertools.repeat(seen(SUCCEEDED))
    time = hub(looks, itertools.repeat(FETCHED), refreshes=[refreshed(requested)]).run(refreshing(seconds=600))

    assert ("fetch_alert" in names(time)) is accepted


def test_the_clock_of_the_hub_does_not_matter_to_freshness() -> None:
    # The hub's clock says 2026, Graph's says 2023.
    time = hub([seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)]).run(refreshing())

    assert time.output["fresh"] is True


def test_the_alert_lags_behind_the_success_and_is_fetched_again() -> None:
    time = hub([seen(SUCCEEDED)], [fetched(**OLD), fetched(**OLD), FETCHED], refreshes=[refreshed(REQUESTED)])
    time.run(refreshing())

    first, second, third = moments(time, "fetch_alert")
    assert timedelta(seconds=5) <= second - first <= timedelta(seconds=6)
    assert timedelta(seconds=10) <= third - second < timedelta(seconds=11.1)
    assert time.output["fresh"] is True
    assert time.output["alert"] == ALERT


def test_an_alert_that_lags_for_good_is_told_so_and_never_silently() -> None:
    time = hub([seen(SUCCEEDED)], itertools.repeat(fetched(**OLD)), refreshes=[refreshed(REQUESTED)])
    time.run(refreshing())

    assert names(time).count("fetch_alert") == 4
    assert time.status == "COMPLETED"
    assert (time.output["fresh"], time.output["scannedAt"]) == (False, OLD["lastScannedDateTime"])


def test_a_lagging_alert_at_the_deadline_is_a_result_and_no_failure() -> None:
    time = hub([seen(SUCCEEDED)], itertools.repeat(fetched(**OLD)), refreshes=[refreshed(REQUESTED)])
    time.run(refreshing(seconds=looked_after(refreshing(), 2)[1].total_seconds() + 1))

    assert (time.status, time.output["fresh"]) == ("COMPLETED", False)


def test_a_disabled_alert_is_not_scanned_and_says_so() -> None:
    disabled = fetched(**OLD, alertConfiguration={"isEnabled": False})
    time = hub([seen(SUCCEEDED)], [fetched(**OLD), *[disabled] * 3], refreshes=[refreshed(REQUESTED)]).run(refreshing())

    assert time.custom_statuses[-1]["problem"]["type"].endswith(":alert-disabled")
    assert [given["expand"] for _, name, given in time.calls if name == "fetch_alert"][1] == ["alertConfiguration"]


def test_a_configuration_that_was_fetched_for_our_own_sake_is_not_handed_out() -> None:
    enabled = fetched(**{**OLD, "alertConfiguration@odata.context": "c", "alertConfiguration": {"isEnabled": True}})
    fetches = [fetched(**OLD), *[enabled] * 3]
    time = hub([seen(SUCCEEDED)], fetches, refreshes=[refreshed(REQUESTED)]).run(refreshing())
    wanted = hub([seen(SUCCEEDED)], fetches, refreshes=[refreshed(REQUESTED)])
    wanted.run(refreshing(expand=["alertConfiguration"]))

    assert time.output["alert"] == {**ALERT, **OLD}
    assert wanted.output["alert"]["alertConfiguration"] == {"isEnabled": True}


NOT_FOUND = trouble("operation-not-found", kind="problem")


def test_a_404_just_after_the_post_is_waited_over() -> None:
    time = hub([NOT_FOUND, seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)]).run(refreshing())

    assert time.status == "COMPLETED"


def test_a_404_a_minute_after_the_post_is_a_wrong_id() -> None:
    time = hub(itertools.repeat(NOT_FOUND), refreshes=[refreshed(REQUESTED)]).run(refreshing())

    assert time.custom_statuses[-1]["problem"]["type"].endswith(":operation-not-found")
    first, *within, last = moments(time, "get_operation")
    assert all(first < at < timedelta(minutes=1) for at in within)
    assert timedelta(minutes=1) <= last <= timedelta(minutes=2)


def test_a_404_on_an_operation_that_is_only_watched_has_no_grace() -> None:
    time = hub([NOT_FOUND]).run(asked(START))

    assert (time.status, len(time.calls)) == ("FAILED", 1)


@pytest.mark.parametrize("name", ["throttled", "refresh-conflict", "graph-unavailable"])
def test_a_refresh_that_graph_puts_off_is_asked_for_again(name: str) -> None:
    refreshes = [trouble(name, 315.0), refreshed(REQUESTED)]
    time = hub([seen(SUCCEEDED)], refreshes=refreshes).run(refreshing())

    assert time.status == "COMPLETED"
    assert moments(time, "refresh_alert") == [timedelta(0), timedelta(seconds=315)]
    assert time.custom_statuses[-1]["polls"] == 1, "a refresh is no look"


@pytest.mark.parametrize("name", ["permission-missing", "license-missing", "alert-not-found"])
def test_a_refresh_that_graph_refuses_ends_the_run(name: str) -> None:
    time = hub([], refreshes=[trouble(name, kind="problem")]).run(refreshing())

    assert time.custom_statuses[-1]["problem"]["type"].endswith(f":{name}")
    assert names(time) == ["refresh_alert"]


COLLECTION = ALERT_URL.rpartition("/")[0]


@pytest.mark.parametrize("location", ["", COLLECTION, f"{COLLECTION}/another", "https://elsewhere.example/x"])
def test_wherever_a_success_leads_the_run_fetches_the_alert_that_it_refreshed(location: str) -> None:
    time = hub([seen({**SUCCEEDED, "resourceLocation": location})], refreshes=[refreshed(REQUESTED)]).run(
        refreshing(select=["id"])
    )

    assert time.calls[-1][1:] == ("fetch_alert", {"alertId": ALERT_ID, "select": ["id"], "expand": [], "limit": LIMIT})


def test_a_run_refreshes_once_however_often_it_continues_as_new() -> None:
    time = hub([*[seen(RUNNING)] * 40, seen(SUCCEEDED)], refreshes=[refreshed(REQUESTED)]).run(refreshing())

    assert names(time).count("refresh_alert") == 1
    assert time.status == "COMPLETED"
    time.replay()


ALL: dict[str, Any] = {"target": {"allAlerts": True}}
OTHER = {**ALERT, "id": "DirectoryRole_x_RedundantAssignmentAlert"}


@pytest.mark.parametrize("location", [COLLECTION, ALERT_URL, ""])
def test_all_alerts_are_listed_wherever_the_operation_says_they_are(location: str) -> None:
    looks = [seen({**SUCCEEDED, "resourceLocation": location})]
    time = hub(looks, [listed(ALERT, OTHER)], refreshes=[refreshed(REQUESTED, "5c5670d6")])
    time.run(refreshing(**ALL, expand=["alertDefinition"]), "a-run")

    assert [(name, given) for _, name, given in time.calls] == [
        ("refresh_all_alerts", {}),
        ("get_operation", {"operationId": "5c5670d6"}),
        ("list_alerts", {"nextLink": None, "select": [], "expand": ["alertDefinition"], "limit": LIMIT}),
    ]
    assert time.output == {
        "runId": "a-run",
        "operation": {**SUCCEEDED, "resourceLocation": location},
        "alerts": [ALERT, OTHER],
        "scannedAt": ALERT["lastScannedDateTime"],
        "fresh": True,
        "notScanned": [],
        "incidentsTruncated": False,
        "changed": None,
        "changes": None,
    }


def test_a_list_in_pages_is_followed_to_its_end() -> None:
    pages = [listed(ALERT, next_link=f"{COLLECTION}?$skiptoken=1"), listed(OTHER)]
    time = hub([seen(SUCCEEDED)], pages, refreshes=[refreshed(REQUESTED)]).run(refreshing(**ALL))

    assert [alert["id"] for alert in time.output["alerts"]] == [ALERT["id"], OTHER["id"]]
    assert [given["nextLink"] for _, name, given in time.calls if name == "list_alerts"] == [
        None,
        f"{COLLECTION}?$skiptoken=1",
    ]
    time.replay()


def test_alerts_that_lag_are_listed_again_and_then_named() -> None:
    pages = [listed(ALERT, next_link=f"{COLLECTION}?$skiptoken=1"), listed({**OTHER, **OLD})] * 4
    time = hub([seen(SUCCEEDED)], pages, refreshes=[refreshed(REQUESTED)]).run(refreshing(**ALL))

    assert names(time).count("list_alerts") == 8
    assert len(time.output["alerts"]) == 2, "each list is a new one"
    assert (time.output["fresh"], time.output["notScanned"]) == (False, [OTHER["id"]])
    assert time.output["scannedAt"] == OLD["lastScannedDateTime"]


def test_a_tenant_without_alerts_is_no_fault() -> None:
    time = hub([seen(SUCCEEDED)], [listed()], refreshes=[refreshed(REQUESTED)]).run(refreshing(**ALL))

    assert (time.output["alerts"], time.output["scannedAt"], time.output["fresh"]) == ([], None, True)


def test_a_watched_operation_whose_location_is_the_collection_gives_all_alerts() -> None:
    looks = [seen({**SUCCEEDED, "resourceLocation": COLLECTION})]
    pages = [listed(ALERT, next_link=f"{COLLECTION}?$skiptoken=1"), listed(OTHER)]
    time = hub(looks, pages).run(asked(START))

    assert names(time) == ["get_operation", "fetch_alert", "list_alerts"]
    assert len(time.output["alerts"]) == 2


def test_a_list_that_leads_back_to_itself_comes_to_an_end() -> None:
    pages = itertools.repeat(listed(next_link=f"{COLLECTION}?$skiptoken=1"))
    time = hub([seen(SUCCEEDED)], pages, refreshes=[refreshed(REQUESTED)]).run(refreshing(**ALL))

    assert time.custom_statuses[-1]["problem"]["type"].endswith(":answer-unreadable")
    assert names(time).count("list_alerts") == 500
