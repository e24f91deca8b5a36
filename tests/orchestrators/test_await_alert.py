"""The run in virtual time: what it asks of Graph, when, and how it ends."""

import itertools
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import repeat
from typing import Any, NamedTuple

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

OLD: dict[str, Any] = {"lastScannedDateTime": EARLIER["lastActionDateTime"]}
DISABLED: dict[str, Any] = {"alertConfiguration": {"isEnabled": False}}
OTHER = {**ALERT, "id": "DirectoryRole_x_RedundantAssignmentAlert"}
LATER = {**SUCCEEDED, "createdDateTime": "2023-06-09T22:56:20Z", "lastActionDateTime": "2023-06-09T23:01:00Z"}
"""The end of the scan after the sample's."""
NOT_FOUND = fault("operation-not-found")
WORDS = {"refresh_alert": "refresh", "get_operation": "poll", "fetch_alert": "fetch"}


def problem_of(time: VirtualTime) -> str:
    assert time.status == "FAILED"
    return str(time.custom_statuses[-1]["problem"]["type"]).rpartition(":")[2]


def refresh(**changes: Any) -> Any:
    return make_sample_run(START, target=REFRESH, **changes)


class Row(NamedTuple):
    ends: str | bool | None
    """The problem, or how fresh the result is."""
    calls: str
    """A pattern of the activities that ran."""
    polls: Iterable[Any]
    fetches: Iterable[Any] = repeat(FETCHED)
    refreshes: Iterable[Any] = repeat(refreshed())
    wish: Mapping[str, Any] = {"target": REFRESH}


FRESH, STALE, UNSURE = True, False, None
WATCH: Mapping[str, Any] = {}
ALL = {"target": REFRESH_ALL}
DONE = [polled(SUCCEEDED)]
ROWS: dict[str, Row] = {
    # Watching an operation.
    "over at the first poll": Row(UNSURE, "poll fetch", DONE, wish=WATCH),
    "seen running": Row(FRESH, "poll poll fetch", [polled(RUNNING), *DONE], wish=WATCH),
    "over before notBefore": Row(
        FRESH,
        "poll poll fetch",
        [polled(EARLIER), *DONE],
        wish={"not_before": START.replace(year=2023, month=6, day=9, hour=22)},
    ),
    "404, watched": Row("operation-not-found", "poll", [NOT_FOUND], wish=WATCH),
    "a success without a location": Row(
        "alert-location-missing", "poll", [polled({**SUCCEEDED, "resourceLocation": None})], wish=WATCH
    ),
    "a success at the deadline": Row(
        FRESH, "poll poll fetch", [polled(RUNNING), *DONE], wish={"seconds": 3, "poll_min_seconds": 5.0}
    ),
    # Refreshing first: the end of an earlier scan counts for nothing.
    "an earlier success, and then this one": Row(
        FRESH, "refresh poll poll poll fetch", [polled(EARLIER), polled(RUNNING), *DONE]
    ),
    "an earlier failure, and then a success": Row(
        FRESH, "refresh poll poll fetch", [polled({**EARLIER, "status": "failed"}), *DONE]
    ),
    "an earlier success for good": Row(
        "timed-out", "refresh poll( poll| refresh)+", repeat(polled(EARLIER)), wish={"target": REFRESH, "seconds": 600}
    ),
    # The sample's last action is at 22:56:09.03; a `Date` has whole seconds.
    "a success of the next second": Row(
        STALE, "refresh poll( fetch){4}", DONE, repeat(FETCHED), [refreshed("2023-06-09T22:56:08Z")]
    ),
    "a success of the same second": Row(
        STALE, "refresh poll poll( fetch){4}", [*DONE, polled(LATER)], refreshes=[refreshed("2023-06-09T22:56:09Z")]
    ),
    "a success that another run refreshed": Row(
        FRESH,
        "refresh poll poll fetch fetch",
        [*DONE, polled(LATER)],
        [FETCHED, fetched(lastScannedDateTime="2023-06-09T23:00:59Z")],
        [refreshed("2023-06-09T22:56:15Z")],
    ),
    # Graph can join a refresh to a running scan, which may not show what it asked about: the sample's began at :41.54
    "a scan that began after the request": Row(
        FRESH, "refresh poll fetch", DONE, refreshes=[refreshed(asked_at="2023-06-09T22:50:41.400Z")]
    ),
    "a scan that was under way": Row(
        UNSURE, "refresh poll fetch", DONE, refreshes=[refreshed(asked_at="2023-06-09T22:50:41.600Z")]
    ),
    "a refresh that Graph puts off": Row(
        FRESH, "refresh refresh poll fetch", DONE, refreshes=[fault("refresh-conflict", 315.0), refreshed()]
    ),
    "404 after a refresh": Row(FRESH, "refresh poll poll fetch", [NOT_FOUND, *DONE]),
    "404 at a first poll that comes late": Row(
        FRESH, "refresh poll poll fetch", [NOT_FOUND, *DONE], refreshes=[{**refreshed(), "retryAfter": 400.0}]
    ),
    "an alert that lags": Row(FRESH, "refresh poll fetch fetch fetch", DONE, [*[fetched(**OLD)] * 2, FETCHED]),
    "an alert that lags for good": Row(STALE, "refresh poll( fetch){4}", DONE, repeat(fetched(**OLD))),
    "an alert that lags at the deadline": Row(
        STALE, "refresh poll( fetch){2}", DONE, repeat(fetched(**OLD)), wish={"target": REFRESH, "seconds": 6}
    ),
    "a disabled alert": Row("alert-disabled", "refresh poll fetch", DONE, [fetched(**OLD, **DISABLED)]),
    "faults of the fetch": Row(
        FRESH, "refresh poll fetch fetch fetch", DONE, [fault(), fault("throttled", 20.0), FETCHED]
    ),
    # All alerts: a disabled one does not hold up the others.
    "all, one disabled": Row(
        FRESH, "refresh poll fetch", DONE, [listed(ALERT, {**OTHER, **OLD, **DISABLED})], wish=ALL
    ),
    "all, one lags": Row(STALE, "refresh poll( fetch){4}", DONE, repeat(listed(ALERT, {**OTHER, **OLD})), wish=ALL),
    "all, all disabled": Row(UNSURE, "refresh poll fetch", DONE, [listed({**ALERT, **OLD, **DISABLED})], wish=ALL),
    # Patience.
    "a likely misconfiguration from the start": Row(
        "token-refused", "poll( poll){4}", repeat(fault("token-refused")), wish=WATCH
    ),
    "any other fault from the start": Row("timed-out", "poll( poll){9,}", repeat(fault()), wish=WATCH),
    "what no waiting helps": Row(
        "license-missing", "poll poll", [polled(RUNNING), fault("license-missing")], wish=WATCH
    ),
    "an operation that failed": Row("operation-failed", "poll", [polled({**RUNNING, "status": "failed"})], wish=WATCH),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_how_a_run_ends(row: Row) -> None:
    time = run(hub(row.polls, row.fetches, refreshes=row.refreshes), make_sample_run(START, **row.wish))

    assert (problem_of(time) if isinstance(row.ends, str) else time.output["fresh"]) == row.ends
    calls = " ".join(WORDS[name] for _, name, _ in time.calls)
    assert re.fullmatch(row.calls, calls), calls
    assert time.custom_statuses[-1]["polls"] == calls.count("poll")


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
    fetch = {"resourceLocation": ALERT_URL, "select": [], "expand": ["alertConfiguration"], "limit": 800_000}
    assert time.calls == [
        (START, "get_operation", {"operationId": OPERATION_ID}),
        (START + timedelta(seconds=5), "get_operation", {"operationId": OPERATION_ID}),
        (START + timedelta(seconds=10), "get_operation", {"operationId": OPERATION_ID}),
        (START + timedelta(seconds=10), "fetch_alert", fetch),
    ]
    time.replay()


def test_the_custom_status_follows_the_run() -> None:
    time = run(hub([polled(RUNNING), polled(SUCCEEDED)], refreshes=[refreshed()]), refresh())

    shown = [
        [status["phase"], status["operation"] and status["operation"]["status"], status["polls"], status["nextPollAt"]]
        for status in time.custom_statuses
    ]
    first, second = (format_timestamp(START + timedelta(seconds=seconds)) for seconds in (5, 10))
    assert [line for line, _ in itertools.groupby(shown)] == [
        ["refreshing", None, 0, None],
        ["polling", None, 0, first],
        ["polling", "running", 1, second],
        ["fetching", "succeeded", 2, None],
        ["ended", "succeeded", 2, None],
    ]


def test_in_a_long_run_polls_become_rarer_and_every_history_stays_short() -> None:
    time = run(hub(repeat(polled(RUNNING)), refreshes=[refreshed()]), refresh(seconds=7200, poll_min_seconds=15.0))

    assert problem_of(time) == "timed-out"
    assert time.now == START + timedelta(seconds=7200)
    moments = list_moments(time, "get_operation")
    waits = [(later - before).total_seconds() for before, later in itertools.pairwise(moments[:-1])]
    assert waits[:3] == [15, 15, 15]
    assert waits == sorted(waits)
    assert waits[-1] == 60
    assert time.custom_statuses[-1]["polls"] == len(moments) == len(time.calls) - 1, "it refreshes once"
    assert max(len(request.pastEvents) + len(request.newEvents) for request, _ in time.steps) < 400
    renewed = [json.loads(response.customStatus.value) for request, response in time.steps if not request.pastEvents][1]
    assert (renewed["polls"], renewed["operation"]["status"]) == (POLLS_PER_HISTORY - 1, "running"), (
        "after continue-as-new"
    )
    time.replay()


@pytest.mark.parametrize(
    ("target", "fetches", "asked"),
    [
        (REFRESH, [FETCHED], ({"alertId": ALERT_ID}, {"alertId": ALERT_ID})),
        (REFRESH_ALL, [listed(ALERT, OTHER)], ({"alertId": None}, {"allAlerts": True})),
    ],
)
@pytest.mark.parametrize("location", ["", "https://elsewhere.example/x"])
def test_wherever_a_success_leads_the_run_fetches_what_it_refreshed(
    target: Any, fetches: list[Any], asked: tuple[Any, Any], location: str
) -> None:
    polls = [polled({**SUCCEEDED, "resourceLocation": location})]
    time = run(hub(polls, fetches, refreshes=[refreshed()]), make_sample_run(START, target=target))

    assert time.output.get("alerts", [time.output.get("alert")]) == fetches[0]["alerts"]
    assert [(name, request) for _, name, request in time.calls][::2] == [
        ("refresh_alert", asked[0]),
        ("fetch_alert", {**asked[1], "select": [], "expand": ["alertConfiguration"], "limit": 800_000}),
    ]


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


def test_a_404_after_the_refresh_is_waited_out_for_three_minutes() -> None:
    time = run(hub(repeat(NOT_FOUND), refreshes=[refreshed()]), refresh())

    assert problem_of(time) == "operation-not-found"
    assert timedelta(minutes=3) <= list_moments(time, "get_operation")[-1] <= timedelta(minutes=4)


def test_after_a_good_answer_a_fault_is_a_hiccup() -> None:
    polls = [polled(RUNNING), *[fault("token-refused")] * 12, *DONE]
    time = run(hub(polls), make_sample_run(START))

    assert time.status == "COMPLETED"
    waiting = [status["waitingFor"] for status in time.custom_statuses if status["waitingFor"]]
    assert waiting[-1]["tries"] == 12
    assert waiting[-1]["problem"]["type"].endswith("token-refused")
    assert waiting[-1]["since"] == waiting[0]["since"]
    assert time.custom_statuses[-1]["waitingFor"] is None


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
