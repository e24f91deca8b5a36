"""The run in virtual time: what it asks of Graph, when, and how it ends."""

import itertools
import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from domain.timestamps import format_timestamp
from orchestrators.await_alert import await_alert
from orchestrators.steps import STEPS_PER_HISTORY
from tests.orchestrators.looks import FETCHED, hub, looked_after, seen, trouble
from tests.support.graph_samples import ALERT, ALERT_URL, LIMIT, NO_INCIDENTS, OPERATION_ID, RUNNING, SUCCEEDED, asked
from tests.support.virtual_time import START, VirtualTime

FETCH = {"resourceLocation": ALERT_URL, "select": [], "expand": [], "limit": LIMIT}


def test_the_documented_sample_runs_first_and_succeeds_later() -> None:
    time = hub([seen(RUNNING), seen(RUNNING), seen(SUCCEEDED)]).run(asked(START), "a-run")

    assert time.status == "COMPLETED"
    assert time.output == {
        "runId": "a-run",
        "operation": SUCCEEDED,
        "alert": ALERT,
        "scannedAt": "2023-06-09T22:56:08.52Z",
        "fresh": True,
        **NO_INCIDENTS,
    }
    _, second, third = looked_after(asked(START), 3)
    assert time.calls == [
        (START, "get_operation", {"operationId": OPERATION_ID}),
        (START + second, "get_operation", {"operationId": OPERATION_ID}),
        (START + third, "get_operation", {"operationId": OPERATION_ID}),
        (START + third, "fetch_alert", FETCH),
    ]


def test_the_custom_status_tells_each_look() -> None:
    time = hub([seen(RUNNING), seen(SUCCEEDED)]).run(asked(START, seconds=600))

    deadline = format_timestamp(START + timedelta(seconds=600))
    second = format_timestamp(START + looked_after(asked(START), 2)[1])
    shown = [
        {name: status[name] for name in ("phase", "operationStatus", "polls", "nextPollAt", "deadline")}
        for status in time.custom_statuses
    ]
    assert shown == [
        {"phase": "waiting", "operationStatus": None, "polls": 0, "nextPollAt": None, "deadline": deadline},
        {
            "phase": "waiting",
            "operationStatus": "running",
            "polls": 1,
            "nextPollAt": second,
            "deadline": deadline,
        },
        {
            "phase": "waiting",
            "operationStatus": "running",
            "polls": 1,
            "nextPollAt": second,
            "deadline": deadline,
        },
        {"phase": "fetching", "operationStatus": "succeeded", "polls": 2, "nextPollAt": None, "deadline": deadline},
        {"phase": "fetching", "operationStatus": "succeeded", "polls": 2, "nextPollAt": None, "deadline": deadline},
    ]


def test_a_day_of_waiting_keeps_every_history_short_and_every_count() -> None:
    time = hub(itertools.repeat(seen(RUNNING))).run(
        asked(START, seconds=86_400, pollMinSeconds=240, pollMaxSeconds=240)
    )

    assert time.status == "FAILED"
    assert time.now == START + timedelta(seconds=86_400)
    assert time.custom_statuses[-1]["polls"] == len(time.calls) == 86_400 / 240 + 1
    assert time.custom_statuses[-1]["problem"]["type"].endswith(":timed-out")
    assert longest_history(time) < 400


def test_a_history_stays_short_even_when_every_worker_is_lost_twice() -> None:
    tries = itertools.count(1)

    def look(_: Any) -> Any:
        if next(tries) % 3:
            raise RuntimeError("worker lost")
        return seen(RUNNING)

    time = VirtualTime(await_alert, {"get_operation": look}).run(asked(START, seconds=1800))

    assert time.custom_statuses[-1]["polls"] > STEPS_PER_HISTORY
    assert longest_history(time) < 400


def longest_history(time: VirtualTime) -> int:
    return max(len(request.pastEvents) + len(request.newEvents) + len(answer.actions) for request, answer in time.steps)


def test_after_continue_as_new_the_status_stands_at_once() -> None:
    time = hub([*[seen(RUNNING)] * 20, seen(SUCCEEDED)]).run(asked(START))

    renewed = [response for request, response in time.steps if not request.pastEvents][1]
    assert json.loads(renewed.customStatus.value)["polls"] == STEPS_PER_HISTORY
    assert json.loads(renewed.customStatus.value)["operationStatus"] == "running"
    assert time.status == "COMPLETED"


@pytest.mark.parametrize("looks", [
    [seen(RUNNING), seen(RUNNING), seen(SUCCEEDED)],
    [trouble(), trouble("throttled", 12.0), seen(SUCCEEDED)],
    [seen(RUNNING), trouble("permission-missing", kind="problem")],
    [*[seen(RUNNING)] * 20, seen(SUCCEEDED)],
])  # fmt: skip
def test_every_step_replays_to_the_same(looks: list[Any]) -> None:
    hub(looks).run(asked(START)).replay()


def test_retry_after_is_never_cut_down() -> None:
    time = hub([trouble("throttled", 315.0), seen(RUNNING, 90.5), seen(SUCCEEDED)]).run(asked(START))

    waited = [at - START for at, name, _ in time.calls if name == "get_operation"]
    assert waited == [timedelta(0), timedelta(seconds=315), timedelta(seconds=315 + 91)], "whole seconds, rounded up"


def test_a_retry_after_past_the_deadline_ends_the_run_at_once() -> None:
    time = hub([trouble("throttled", 315.0)]).run(asked(START, seconds=300))

    assert time.status == "FAILED"
    assert time.now == START
    assert "315 s" in time.custom_statuses[-1]["problem"]["detail"]


def test_the_last_look_is_at_the_deadline_and_success_there_counts() -> None:
    second, third = looked_after(asked(START), 3)[1:]
    seconds = round((second + third).total_seconds() / 2)
    time = hub([seen(RUNNING), seen(RUNNING), seen(SUCCEEDED)]).run(asked(START, seconds=seconds))

    assert time.status == "COMPLETED"
    assert [at - START for at, _, _ in time.calls][-1] == timedelta(seconds=seconds)


def test_success_seen_after_the_deadline_still_counts() -> None:
    time = hub([seen(RUNNING), seen(SUCCEEDED)], latency=timedelta(seconds=40)).run(asked(START, seconds=60))

    assert time.now > START + timedelta(seconds=60)
    assert time.status == "COMPLETED"


def test_troubles_on_the_fetch_do_not_lose_the_run() -> None:
    time = hub([seen(SUCCEEDED)], [trouble(), trouble("throttled", 20.0), FETCHED]).run(asked(START))

    assert time.status == "COMPLETED"
    assert time.custom_statuses[-1]["polls"] == 1
    fetches = [at - START for at, name, _ in time.calls if name == "fetch_alert"]
    assert fetches[1] >= timedelta(seconds=5)
    assert fetches[2] - fetches[1] == timedelta(seconds=20)


def test_a_lost_worker_costs_a_retry_and_not_the_run() -> None:
    crashes = iter([RuntimeError("worker lost"), None])

    def look(_: Any) -> Any:
        if crash := next(crashes):
            raise crash
        return seen(SUCCEEDED)

    time = VirtualTime(await_alert, {"get_operation": look, "fetch_alert": lambda _: FETCHED}).run(asked(START))

    assert time.status == "COMPLETED"


def test_a_failed_run_is_a_failed_instance_that_says_why() -> None:
    failed = {**RUNNING, "status": "failed", "statusDetail": "Alert scan could not be started."}
    time = hub([seen(failed)]).run(asked(START))

    assert time.status == "FAILED"
    assert "Alert scan could not be started." in time.failure
    assert time.custom_statuses[-1]["problem"]["type"].endswith(":operation-failed")


def test_the_scan_of_yesterday_is_waited_over() -> None:
    today = {**SUCCEEDED, "createdDateTime": "2023-06-10T09:00:01Z", "lastActionDateTime": "2023-06-10T09:05:00Z"}
    looks = [seen(SUCCEEDED), seen(today)]
    time = hub(looks, itertools.repeat(FETCHED)).run(asked(START, notBefore="2023-06-10T09:00:00.000Z"))

    assert time.status == "COMPLETED"
    assert time.output["operation"] == today
    assert time.output["fresh"] is False, "the alert still carries yesterday's lastScannedDateTime"


def test_one_log_line_for_each_look_and_none_while_replaying(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="orchestrators"):
        time = hub([seen(RUNNING), seen(SUCCEEDED)]).run(asked(START), "a-run")

    ours = [record for record in caplog.records if record.name.startswith("orchestrators")]
    lines = [json.loads(record.getMessage()) for record in ours]
    assert [line.get("decision", line["event"]) for line in lines] == ["wait", "fetch", "succeed", "end"]
    assert {line["runId"] for line in lines} == {"a-run"}
    assert {line["operationId"] for line in lines} == {OPERATION_ID}
    assert [line.get("clientRequestId") for line in lines] == ["c-1", "c-1", "c-2", None]
    assert (lines[-1]["polls"], lines[-1]["problem"]) == (2, None)
    assert len(time.steps) > len(lines)


def test_a_run_that_ends_by_a_fault_of_the_app_logs_its_end_like_any_other(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="orchestrators"):
        time = VirtualTime(await_alert, {}).run(asked(START), "a-run")

    assert time.status == "FAILED"
    end, fault = [record.getMessage() for record in caplog.records if record.name.startswith("orchestrators")]
    assert fault.startswith("a-run: Traceback")
    line = json.loads(end)
    assert (line["event"], line["runId"]) == ("end", "a-run")
    assert line["problem"].endswith(":internal-error")


def test_half_a_surrogate_pair_in_graphs_words_ends_the_run_like_any_other() -> None:
    time = hub([seen({**RUNNING, "status": "failed", "statusDetail": "half \ud83d of it"})]).run(asked(START))

    assert time.status == "FAILED"
    assert "half ? of it" in time.failure
    assert time.custom_statuses[-1]["problem"]["type"].endswith(":operation-failed")


def test_one_hiccup_after_other_troubles_does_not_end_the_run() -> None:
    looks = [trouble(), trouble(), trouble(), trouble(), trouble("identity-unavailable"), seen(SUCCEEDED)]

    assert hub(looks).run(asked(START)).status == "COMPLETED"
