"""The run in virtual time: what it asks of Graph, when, and how it ends."""

import itertools
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from alert_refresh.run.state import dump_run
from alert_refresh.timestamps import format_timestamp
from orchestrators.await_alert import await_alert
from orchestrators.steps import POLLS_PER_HISTORY
from tests.orchestrators.hub import FETCHED, fault, fetched, hub, list_moments, listed, polled, refreshed, run
from tests.support.graph_samples import (
    ALERT,
    ALERT_ID,
    ALERT_URL,
    EARLIER,
    OPERATION_ID,
    REFRESH,
    REFRESH_ALL,
    RUN_ID,
    RUNNING,
    SUCCEEDED,
    make_sample_run,
)
from tests.support.virtual_time import START, VirtualTime

FETCH = {"resourceLocation": ALERT_URL, "select": [], "expand": ["alertConfiguration"], "limit": 800_000}
OLD: dict[str, Any] = {"lastScannedDateTime": EARLIER["lastActionDateTime"]}
DISABLED: dict[str, Any] = {"alertConfiguration": {"isEnabled": False}}
OTHER = {**ALERT, "id": "DirectoryRole_x_RedundantAssignmentAlert"}


def problem_of(time: VirtualTime) -> str:
    assert time.status == "FAILED"
    return str(time.custom_statuses[-1]["problem"]["type"]).rpartition(":")[2]


def names(time: VirtualTime) -> list[str]:
    return [name for _, name, _ in time.calls]


# Watching an operation


def test_the_documented_sample_runs_first_and_succeeds_later() -> None:
    time = run(hub([polled(RUNNING), polled(RUNNING), polled(SUCCEEDED)]), make_sample_run(START))

    assert time.status == "COMPLETED"
    assert time.output == {
        "runId": RUN_ID,
        "operation": SUCCEEDED,
        "alert": ALERT,
        "scannedAt": "2023-06-09T22:56:08.52Z",
        "fresh": True,
        "incidentsCut": [],
        "changed": None,
        "changes": None,
    }
    assert time.calls == [
        (START, "get_operation", {"operationId": OPERATION_ID}),
        (START + timedelta(seconds=5), "get_operation", {"operationId": OPERATION_ID}),
        (START + timedelta(seconds=10), "get_operation", {"operationId": OPERATION_ID}),
        (START + timedelta(seconds=10), "fetch_alert", FETCH),
    ]
    time.replay()


def test_an_operation_that_was_over_at_the_first_poll_may_be_of_any_day() -> None:
    time = run(hub([polled(SUCCEEDED)]), make_sample_run(START))

    assert time.status == "COMPLETED"
    assert time.output["fresh"] is None


def test_polls_become_rarer_up_to_the_longest_interval() -> None:
    time = run(hub(itertools.repeat(polled(RUNNING))), make_sample_run(START, seconds=7200, poll_min_seconds=15.0))

    waits = [
        (later - before).total_seconds()
        for before, later in itertools.pairwise(list_moments(time, "get_operation")[:-1])
    ]
    assert waits[:3] == [15, 15, 15]
    assert waits == sorted(waits)
    assert waits[-1] == 60


def test_the_custom_status_follows_the_run() -> None:
    time = run(hub([polled(RUNNING), polled(SUCCEEDED)]), make_sample_run(START, seconds=600))

    shown = [
        [status["phase"], status["operation"] and status["operation"]["status"], status["polls"], status["nextPollAt"]]
        for status in time.custom_statuses
    ]
    second = format_timestamp(START + timedelta(seconds=5))
    assert [line for line, _ in itertools.groupby(shown)] == [
        ["polling", None, 0, None],
        ["polling", "running", 1, second],
        ["fetching", "succeeded", 2, None],
        ["ended", "succeeded", 2, None],
    ]


def test_a_day_of_polls_keeps_every_history_short_and_every_count() -> None:
    state = make_sample_run(START, seconds=86_400, poll_min_seconds=240.0, poll_max_seconds=240.0)
    time = run(hub(itertools.repeat(polled(RUNNING))), state)

    assert problem_of(time) == "timed-out"
    assert time.now == START + timedelta(seconds=86_400)
    assert time.custom_statuses[-1]["polls"] == len(time.calls) == 86_400 / 240 + 1
    assert max(len(request.pastEvents) + len(request.newEvents) for request, _ in time.steps) < 400


def test_after_continue_as_new_the_status_stands_at_once() -> None:
    time = run(hub([*[polled(RUNNING)] * 20, polled(SUCCEEDED)]), make_sample_run(START))

    renewed = [response for request, response in time.steps if not request.pastEvents][1]
    assert json.loads(renewed.customStatus.value)["polls"] == POLLS_PER_HISTORY
    assert json.loads(renewed.customStatus.value)["operation"]["status"] == "running"
    assert time.status == "COMPLETED"
    time.replay()


def test_the_last_poll_is_at_the_deadline_and_a_success_there_counts() -> None:
    time = run(hub([polled(RUNNING), polled(SUCCEEDED)]), make_sample_run(START, seconds=3))

    assert time.status == "COMPLETED"
    assert list_moments(time, "get_operation")[-1] == timedelta(seconds=3)


def test_a_success_after_the_deadline_still_counts() -> None:
    polls = hub([polled(RUNNING), polled(SUCCEEDED)], latency=timedelta(seconds=40))
    time = run(polls, make_sample_run(START, seconds=60))

    assert time.now > START + timedelta(seconds=60)
    assert time.status == "COMPLETED"


def test_notbefore_waits_the_scan_of_yesterday_out() -> None:
    today = {**SUCCEEDED, "createdDateTime": "2023-06-10T09:00:01Z", "lastActionDateTime": "2023-06-10T09:05:00Z"}
    not_before = START.replace(year=2023, month=6, day=10, hour=9)
    time = run(
        hub([polled(SUCCEEDED), polled(today)], itertools.repeat(FETCHED)),
        make_sample_run(START, not_before=not_before),
    )

    assert time.output["operation"] == today
    assert time.output["fresh"] is False, "the alert still carries the lastScannedDateTime of the day before"


def test_a_404_on_an_operation_that_is_only_watched_has_no_grace() -> None:
    time = run(hub([fault("operation-not-found")]), make_sample_run(START))

    assert (problem_of(time), len(time.calls)) == ("operation-not-found", 1)


@pytest.mark.parametrize("location", ["", None])
def test_a_success_that_names_no_alert_ends_a_run_that_knows_none(location: str | None) -> None:
    time = run(hub([polled({**SUCCEEDED, "resourceLocation": location})]), make_sample_run(START))

    assert problem_of(time) == "alert-location-missing"


# Refreshing first


def test_refresh_poll_fetch() -> None:
    state = make_sample_run(START, target=REFRESH, expand=("alertIncidents",))
    time = run(hub([polled(RUNNING), polled(SUCCEEDED)], refreshes=[refreshed()]), state)

    assert time.output["fresh"] is True
    expand = ["alertConfiguration", "alertIncidents"]
    assert [(name, request) for _, name, request in time.calls] == [
        ("refresh_alert", {"alertId": ALERT_ID}),
        ("get_operation", {"operationId": OPERATION_ID}),
        ("get_operation", {"operationId": OPERATION_ID}),
        ("fetch_alert", {"alertId": ALERT_ID, "select": [], "expand": expand, "limit": 800_000}),
    ]
    phases = [phase for phase, _ in itertools.groupby(status["phase"] for status in time.custom_statuses)]
    assert phases == ["refreshing", "polling", "fetching", "ended"]
    time.replay()


@pytest.mark.parametrize("status", ["succeeded", "failed", "skipped"])
def test_the_end_of_the_previous_scan_is_waited_out(status: str) -> None:
    polls = [polled({**EARLIER, "status": status})] * 2
    time = run(hub([*polls, polled(RUNNING), polled(SUCCEEDED)], refreshes=[refreshed()]), refresh())

    assert time.output["fresh"] is True
    assert names(time).count("get_operation") == 4


def refresh(**changes: Any) -> Any:
    return make_sample_run(START, target=REFRESH, **changes)


def test_a_stale_success_never_ends_a_run() -> None:
    polls, refreshes = itertools.repeat(polled(EARLIER)), itertools.repeat(refreshed())
    time = run(hub(polls, refreshes=refreshes), refresh(seconds=600))

    assert problem_of(time) == "timed-out"
    assert "belongs to an earlier scan" in time.custom_statuses[-1]["problem"]["detail"]
    assert "fetch_alert" not in names(time)


def test_a_refresh_that_joined_a_scan_at_its_end_is_sent_again() -> None:
    """The scan ends within the second of `Date`: its end does not count, and there will be no other."""
    sent = []

    def refreshes() -> Iterator[Any]:
        while True:
            sent.append(refreshed())
            yield sent[-1]

    def polls() -> Iterator[Any]:
        while len(sent) == 1:
            yield polled(EARLIER)
        yield polled(SUCCEEDED)

    time = run(hub(polls(), refreshes=refreshes()), refresh())

    first, second = list_moments(time, "refresh_alert")
    assert timedelta(minutes=3) <= second - first <= timedelta(minutes=4)
    assert time.output["fresh"] is True


@pytest.mark.parametrize(
    ("requested", "taken"),
    [
        ("2023-06-09T22:56:07Z", True),
        ("2023-06-09T22:56:08Z", True),
        ("2023-06-09T22:56:09Z", False),
        ("2023-06-09T23:50:00Z", False),
    ],
)
def test_what_is_dated_within_the_second_of_the_answer_may_be_older(requested: str, *, taken: bool) -> None:
    """The sample's last action is at 22:56:09.03; a `Date` has whole seconds."""
    time = run(
        hub(itertools.repeat(polled(SUCCEEDED)), itertools.repeat(FETCHED), refreshes=[refreshed(requested)]),
        refresh(seconds=600),
    )

    assert ("fetch_alert" in names(time)) is taken


def test_two_runs_of_one_alert_refresh_for_themselves() -> None:
    """The first scan ends before the second run asks, ten seconds after the first one did."""
    later = {**SUCCEEDED, "createdDateTime": "2023-06-09T22:56:20Z", "lastActionDateTime": "2023-06-09T23:01:00Z"}
    fresh = fetched(lastScannedDateTime="2023-06-09T23:00:59Z")
    first = run(hub([polled(SUCCEEDED)], refreshes=[refreshed("2023-06-09T22:56:05Z")]), refresh())
    second = run(
        hub([polled(SUCCEEDED), polled(later)], [FETCHED, fresh], refreshes=[refreshed("2023-06-09T22:56:15Z")]),
        refresh(),
    )

    assert first.output["scannedAt"] == ALERT["lastScannedDateTime"]
    assert second.output["scannedAt"] == "2023-06-09T23:00:59Z"
    assert first.output["fresh"] is second.output["fresh"] is True


@pytest.mark.parametrize(
    ("asked_at", "fresh"),
    [("2023-06-09T22:50:41.400Z", True), ("2023-06-09T22:50:41.600Z", None), ("2023-06-09T22:52:00.000Z", None)],
)
def test_a_scan_that_was_under_way_may_not_show_what_the_run_asked_about(asked_at: str, *, fresh: bool | None) -> None:
    """Graph can join a refresh to a running scan. The sample's began at 22:50:41.54."""
    answer = refreshed(asked_at, asked_at=asked_at)
    time = run(hub([polled(RUNNING), polled(SUCCEEDED)], refreshes=[answer]), refresh())

    assert (time.status, time.output["fresh"]) == ("COMPLETED", fresh)


def test_an_alert_that_lags_behind_the_success_is_fetched_again() -> None:
    time = run(hub([polled(SUCCEEDED)], [fetched(**OLD), fetched(**OLD), FETCHED], refreshes=[refreshed()]), refresh())

    first, second, third = list_moments(time, "fetch_alert")
    assert timedelta(seconds=5) <= second - first <= timedelta(seconds=6)
    assert timedelta(seconds=10) <= third - second <= timedelta(seconds=11)
    assert time.output["fresh"] is True


def test_an_alert_that_lags_for_good_is_handed_over_as_not_fresh() -> None:
    time = run(hub([polled(SUCCEEDED)], itertools.repeat(fetched(**OLD)), refreshes=[refreshed()]), refresh())

    assert names(time).count("fetch_alert") == 4
    assert (time.status, time.output["fresh"]) == ("COMPLETED", False)


def test_a_lagging_alert_at_the_deadline_is_a_result() -> None:
    time = run(hub([polled(SUCCEEDED)], [fetched(**OLD)] * 2, refreshes=[refreshed()]), refresh(seconds=6))

    assert (time.status, time.output["fresh"]) == ("COMPLETED", False)


def test_a_disabled_alert_is_not_scanned_and_the_run_says_so() -> None:
    time = run(hub([polled(SUCCEEDED)], [fetched(**OLD, **DISABLED)], refreshes=[refreshed()]), refresh())

    assert problem_of(time) == "alert-disabled"


@pytest.mark.parametrize("expand", [(), ("alertConfiguration",)])
def test_the_configuration_is_shown_to_who_asked_for_it(expand: tuple[str, ...]) -> None:
    sent: dict[str, Any] = {"alertConfiguration@odata.context": "c", "alertConfiguration": {"isEnabled": True}}
    time = run(hub([polled(SUCCEEDED)], [fetched(**sent)], refreshes=[refreshed()]), refresh(expand=expand))

    assert ("alertConfiguration" in time.output["alert"]) is bool(expand)


def test_only_selected_properties_are_shown() -> None:
    state = refresh(select=("isActive",), expand=("alertIncidents",))
    sent: dict[str, Any] = {"alertIncidents": [{"id": "1"}], "alertIncidents@odata.context": "c"}
    time = run(hub([polled(SUCCEEDED)], [fetched(**sent)], refreshes=[refreshed()]), state)

    assert set(time.output["alert"]) == {
        "@odata.context",
        "isActive",
        "alertIncidents",
        "alertIncidents@odata.context",
    }
    assert time.output["fresh"] is True, "the app itself asks for what it needs"


@pytest.mark.parametrize("poll_min_seconds", [5.0, 60.0])
@pytest.mark.parametrize(("seconds", "status"), [(150, "COMPLETED"), (3600, "FAILED")])
def test_a_404_for_three_minutes_after_the_refresh_is_waited_out(
    seconds: int, status: str, poll_min_seconds: float
) -> None:
    time = hub([], refreshes=[refreshed()])

    def get_operation(_: Any) -> Any:
        known = time.now >= START + timedelta(seconds=seconds)
        return polled(SUCCEEDED) if known else fault("operation-not-found")

    time.activities = {**time.activities, "get_operation": get_operation}
    run(time, refresh(poll_min_seconds=poll_min_seconds))

    assert time.status == status
    last = list_moments(time, "get_operation")[-1]
    assert timedelta(minutes=2.5) <= last <= timedelta(minutes=4)


def test_the_first_poll_has_the_grace_whenever_it_comes() -> None:
    time = run(
        hub([fault("operation-not-found"), polled(SUCCEEDED)], refreshes=[{**refreshed(), "retryAfter": 400.0}]),
        refresh(),
    )

    assert time.status == "COMPLETED"


@pytest.mark.parametrize("name", ["throttled", "refresh-conflict", "graph-unavailable"])
def test_a_refresh_that_graph_puts_off_is_asked_for_again(name: str) -> None:
    time = run(hub([polled(SUCCEEDED)], refreshes=[fault(name, 315.0), refreshed()]), refresh())

    assert time.status == "COMPLETED"
    assert list_moments(time, "refresh_alert") == [timedelta(0), timedelta(seconds=315)]
    assert time.custom_statuses[-1]["polls"] == 1, "a refresh is not a poll"


@pytest.mark.parametrize("location", ["", ALERT_URL.rpartition("/")[0], "https://elsewhere.example/x"])
def test_wherever_a_success_leads_the_run_fetches_the_alert_that_it_refreshed(location: str) -> None:
    time = run(hub([polled({**SUCCEEDED, "resourceLocation": location})], refreshes=[refreshed()]), refresh())

    assert time.calls[-1][2]["alertId"] == ALERT_ID


def test_a_run_refreshes_once_however_often_it_continues_as_new() -> None:
    time = run(hub([*[polled(RUNNING)] * 40, polled(SUCCEEDED)], refreshes=[refreshed()]), refresh())

    assert names(time).count("refresh_alert") == 1
    assert time.status == "COMPLETED"
    time.replay()


# All alerts


def refresh_all(fetches: list[Any], **changes: Any) -> VirtualTime:
    time = hub([polled({**SUCCEEDED, "resourceLocation": ""})], fetches, refreshes=[refreshed()])
    return run(time, make_sample_run(START, target=REFRESH_ALL, **changes))


def test_all_alerts_are_listed_wherever_the_operation_says_they_are() -> None:
    time = refresh_all([listed(ALERT, OTHER)])

    assert [(name, request) for _, name, request in time.calls][::2] == [
        ("refresh_alert", {"alertId": None}),
        ("fetch_alert", {"allAlerts": True, "select": [], "expand": ["alertConfiguration"], "limit": 800_000}),
    ]
    assert time.output["alerts"] == [ALERT, OTHER]
    assert (time.output["fresh"], time.output["notScanned"]) == (True, [])


def test_one_disabled_alert_does_not_hold_the_others_up() -> None:
    time = refresh_all([listed(ALERT, {**OTHER, **OLD, **DISABLED})])

    assert names(time).count("fetch_alert") == 1
    assert (time.output["fresh"], time.output["notScanned"]) == (True, [OTHER["id"]])
    assert "alertConfiguration" not in time.output["alerts"][1]


def test_alerts_that_lag_are_listed_again_and_then_named() -> None:
    time = refresh_all([listed(ALERT, {**OTHER, **OLD})] * 4)

    assert names(time).count("fetch_alert") == 4
    assert (time.output["fresh"], time.output["notScanned"]) == (False, [OTHER["id"]])
    assert time.output["scannedAt"] == OLD["lastScannedDateTime"]


@pytest.mark.parametrize("alerts", [[], [{**ALERT, **OLD, **DISABLED}]], ids=["none", "all disabled"])
def test_nobody_can_say_whether_nothing_is_fresh(alerts: list[Any]) -> None:
    time = refresh_all([listed(*alerts)])

    assert time.status == "COMPLETED"
    assert time.output["fresh"] is None


# Patience

SUSPECTS = ["identity-unavailable", "answer-unreadable", "permission-missing", "token-refused"]
HICCUPS = [*SUSPECTS, "graph-unavailable", "throttled", "invalid-settings"]


@pytest.mark.parametrize("name", HICCUPS)
def test_after_a_good_answer_a_fault_is_a_hiccup(name: str) -> None:
    polls = [*[polled(RUNNING)] * 100, *[fault(name)] * 12, polled(SUCCEEDED)]
    time = run(hub(polls), make_sample_run(START, seconds=86_400))

    assert time.status == "COMPLETED"
    waiting = [status["waitingFor"] for status in time.custom_statuses if status["waitingFor"]]
    assert waiting[-1]["tries"] == 12
    assert waiting[-1]["problem"]["type"].endswith(name)
    assert waiting[-1]["since"] == waiting[0]["since"]
    assert time.custom_statuses[-1]["waitingFor"] is None


@pytest.mark.parametrize("name", SUSPECTS)
def test_from_the_start_on_a_likely_misconfiguration_ends_the_run_at_the_fifth_time(name: str) -> None:
    time = run(hub(itertools.repeat(fault(name))), make_sample_run(START))

    assert (problem_of(time), len(time.calls)) == (name, 5)


@pytest.mark.parametrize("name", ["graph-unavailable", "throttled", "invalid-settings", "internal-error"])
def test_from_the_start_on_any_other_fault_is_waited_out_to_the_deadline(name: str) -> None:
    time = run(hub(itertools.repeat(fault(name))), make_sample_run(START))

    assert problem_of(time) == "timed-out"
    assert time.custom_statuses[-1]["problem"]["cause"].endswith(f":{name}")


@pytest.mark.parametrize("name", ["request-refused", "license-missing", "url-untrusted", "refresh-disabled"])
def test_what_no_waiting_helps_ends_the_run_at_once(name: str) -> None:
    time = run(hub([polled(RUNNING), fault(name)]), make_sample_run(START))

    assert problem_of(time) == name


def test_faults_of_the_fetch_do_not_lose_the_run() -> None:
    time = run(hub([polled(SUCCEEDED)], [fault(), fault("throttled", 20.0), FETCHED]), make_sample_run(START))

    assert time.status == "COMPLETED"
    fetches = list_moments(time, "fetch_alert")
    assert fetches[2] - fetches[1] == timedelta(seconds=20)


def test_retry_after_is_never_cut_down() -> None:
    polls = [fault("throttled", 315.0), polled(RUNNING, 90.5), polled(SUCCEEDED)]
    time = run(hub(polls), make_sample_run(START))

    assert list_moments(time, "get_operation") == [timedelta(seconds=seconds) for seconds in (0, 315, 315 + 91)]


@pytest.mark.parametrize("answer", [fault("throttled", 3600.0), polled(RUNNING, 3600.0)], ids=["429", "200"])
def test_a_retry_after_past_the_deadline_ends_the_run_at_its_deadline(answer: Any) -> None:
    time = run(hub([answer]), make_sample_run(START, seconds=300))

    assert problem_of(time) == "timed-out"
    assert time.now == START + timedelta(seconds=300)
    assert len(time.calls) == 1, "nothing is asked before Graph allows it"
    assert "3600 s" in time.custom_statuses[-1]["problem"]["detail"]
    assert {status["nextPollAt"] for status in time.custom_statuses} == {None}, "nothing is polled any more"
    time.replay()


# Faults of the app and of its workers


def test_a_lost_worker_costs_a_retry_and_not_the_run() -> None:
    crashes = iter([RuntimeError("worker lost"), None])

    def get_operation(_: Any) -> Any:
        if crash := next(crashes):
            raise crash
        return polled(SUCCEEDED)

    activities = {"get_operation": get_operation, "fetch_alert": lambda _: FETCHED}
    assert run(VirtualTime(await_alert, activities), make_sample_run(START)).status == "COMPLETED"


def test_a_failed_run_is_a_failed_instance_that_says_why() -> None:
    failed = {**RUNNING, "status": "failed", "statusDetail": "half \ud83d of it"}
    time = run(hub([polled(failed)]), make_sample_run(START))

    assert problem_of(time) == "operation-failed"
    assert "half ? of it" in time.failure


def test_one_log_line_for_each_step_and_none_while_replaying(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="orchestrators"):
        time = run(hub([polled({**RUNNING, "status": "gone@example.com"}), polled(SUCCEEDED)]), make_sample_run(START))

    records = [record for record in caplog.records if record.name.startswith("orchestrators")]
    lines = [json.loads(record.getMessage()) for record in records]
    assert [line.get("decision", line["event"]) for line in lines] == ["wait", "proceed", "end", "end"]
    assert {line["runId"] for line in lines} == {RUN_ID}
    assert [line.get("clientRequestId") for line in lines] == ["c-1", "c-1", "c-2", None]
    assert (lines[-1]["polls"], lines[-1]["problem"]) == (2, None)
    assert "example.com" not in caplog.text, "no text of Graph's reaches the log"
    assert len(time.steps) > len(lines)


def test_a_fault_of_the_app_ends_the_run_and_its_end_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="orchestrators"):
        time = VirtualTime(await_alert, {}).run(dump_run(make_sample_run(START)), RUN_ID)

    assert problem_of(time) == "internal-error"
    error, end = [record.getMessage() for record in caplog.records if record.name.startswith("orchestrators")]
    assert json.loads(end)["event"] == "end"
    assert error.startswith(f"{RUN_ID}: Traceback")
