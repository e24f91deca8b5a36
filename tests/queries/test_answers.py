"""What the queries answer about the log lines of runs, with DuckDB in the place of Application Insights."""

import json
import subprocess
from datetime import datetime
from typing import Any

import pytest

from alert_refresh.run.changes import MOST_LINES
from tests.support.bicep import INFRA
from tests.support.graph_samples import OPERATION_ID
from tests.support.logged_runs import Row, log_changes, log_runs, make_host_row
from tests.support.virtual_time import START

PYTHON = INFRA.parent / ".venv-infra" / "bin" / "python"
QUERIES = INFRA / "queries"
NOON, AT_TWO = "2026-01-31 12:00:00", "2026-01-31 14:00:00"


@pytest.fixture(scope="module")
def logged() -> list[Any]:
    return [*log_runs()]


def answer(query: str, *parameters: str, **tables: list[Any]) -> list[dict[str, Any]]:
    command = [str(PYTHON), str(QUERIES / "try_query.py"), str(QUERIES / f"{query}.kql"), *parameters]
    ended = subprocess.run(command, input=json.dumps(tables), capture_output=True, text=True, check=False, timeout=50)  # noqa: S603 - our own program
    assert ended.returncode == 0, ended.stderr
    found: list[dict[str, Any]] = json.loads(ended.stdout)
    return found


def is_line(row: Row, **values: str) -> bool:
    return values.items() <= row["customDimensions"].items()


def test_runs_now_are_those_without_an_end(logged: list[Any]) -> None:
    [run] = answer("runs-now", traces=logged)
    assert run == {
        "runId": "going-on",
        "target": OPERATION_ID,
        "phase": "polling",
        "operationStatus": "running",
        "polls": 1,
        "lastRequest": NOON,
        "nextRequest": "2026-01-31 12:00:05",
        "deadline": "2026-01-31 13:00:00",
        "overdue": True,
        "reason": "the operation is running",
    }


def test_outcomes_count_each_run_once_although_a_line_is_written_twice(logged: list[Any]) -> None:
    assert answer("outcomes-over-time", traces=[*logged, *logged]) == [
        {"timestamp": NOON, "outcome": "internal-error", "runs": 1},
        {"timestamp": NOON, "outcome": "license-missing", "runs": 2},
        {"timestamp": NOON, "outcome": "succeeded", "runs": 2},
        {"timestamp": AT_TWO, "outcome": "succeeded", "runs": 1},
    ]


def test_the_grain_is_a_parameter_and_one_that_a_query_lacks_is_refused(logged: list[Any]) -> None:
    found = answer("outcomes-over-time", "grain=1d", traces=logged)
    counted = {each["outcome"]: each["runs"] for each in found}
    assert counted == {"internal-error": 1, "license-missing": 2, "succeeded": 3}
    with pytest.raises(AssertionError, match="the query has no parameter grain"):
        answer("runs-now", "grain=1h")


def test_problems_name_a_run(logged: list[Any]) -> None:
    refused, broken = answer("problems", traces=logged)
    assert (refused["problem"], refused["runs"]) == ("license-missing", 2)
    assert refused["lastRun"] in {"refused", "refused-to-watch"}
    assert broken == {"problem": "internal-error", "runs": 1, "lastEnd": "2026-01-31 12:00:10", "lastRun": "broken"}


def test_the_time_to_the_alert_is_that_of_runs_that_refreshed(logged: list[Any]) -> None:
    end = next(row["timestamp"] for row in logged if is_line(row, event="end", runId="refreshing"))
    seconds = pytest.approx((datetime.fromisoformat(end) - START).total_seconds())
    assert answer("refresh-to-alert", traces=logged) == [
        {"timestamp": NOON, "median": seconds, "p95": seconds, "longest": seconds, "alerts": 1}
    ]


def test_poll_efficiency_counts_the_polls_of_an_operation(logged: list[Any]) -> None:
    first, second = answer("poll-efficiency", traces=logged)
    # Three polls with 5 s and 20 s between them, and two with 5 s. The wait before the first poll does not count.
    assert (first["scans"], first["pollsPerScan"], first["most"], first["secondsBetweenPolls"]) == (2, 2.5, 3, 10.0)
    assert second == {"scanEnd": AT_TWO, "scans": 1, "pollsPerScan": 2.0, "most": 2, "secondsBetweenPolls": 5.0}


def test_throttling_shows_how_long_it_made_the_app_wait(logged: list[Any]) -> None:
    assert answer("throttling", traces=logged) == [
        {"timestamp": NOON, "problem": "throttled", "times": 1, "runs": 1, "seconds": 20.0, "longest": 20.0}
    ]


def test_a_failing_permission_is_that_of_the_call(logged: list[Any]) -> None:
    found = answer("failing-permissions", traces=logged)
    assert {each["permission"]: each["lastRun"] for each in found} == {
        "RoleManagementAlert.ReadWrite.Directory": "refused",
        "RoleManagementAlert.Read.Directory": "refused-to-watch",
    }
    assert {(each["problem"], each["clientRequestId"]) for each in found} == {("license-missing", "c-1")}


@pytest.mark.parametrize(
    ("attempts", "state", "next_attempt"), [(1, "delivering", "2026-01-31 12:00:06"), (2, "delivered", None)]
)
def test_deliveries_show_the_last_attempt(logged: list[Any], attempts: int, state: str, next_attempt: str) -> None:
    callbacks = [row for row in logged if is_line(row, event="callback")]
    [found] = answer("deliveries", traces=callbacks[:attempts])
    assert (found["runId"], found["state"], found["attempts"]) == ("watching", state, attempts)
    assert found["nextAttempt"] == next_attempt


def test_the_timeline_holds_the_lines_of_one_run_and_what_the_host_says_of_it(logged: list[Any]) -> None:
    ended = make_host_row("refreshing", "Completed", reason="")
    others = [make_host_row("refreshing", "Started", isReplay="True"), make_host_row("watching", "Completed")]
    terminated = make_host_row("refreshing", "Terminated")
    del terminated["customDimensions"]["isReplay"]  # as the host writes it

    found = answer("run-timeline", "run='refreshing'", traces=[*logged, *others, ended, terminated])

    assert [(each["event"], each["phase"], each["decision"]) for each in found] == [
        ("poll", "polling", "wait"),
        ("poll", "polling", "wait"),
        ("poll", "fetching", "proceed"),
        ("poll", "ended", "end"),
        ("end", "", ""),
        ("host", "await_alert", "Completed"),
        ("host", "await_alert", "Terminated"),
    ]


@pytest.mark.parametrize("parameters", [[], ["run=''"]], ids=["not set", "empty"])
def test_the_timeline_of_no_run_is_empty(logged: list[Any], parameters: list[str]) -> None:
    of_no_run = [{**row, "customDimensions": {}} for row in logged[:1]]
    of_no_instance = [make_host_row("", "Completed")]
    assert answer("run-timeline", *parameters, traces=[*logged, *of_no_run, *of_no_instance]) == []


def test_a_change_is_listed_once_although_its_line_is_written_twice() -> None:
    lines = log_changes()
    found = answer("alert-changes", traces=[*lines, *lines])
    common = {"timestamp": found[0]["timestamp"], "runId": "comparing", "subscriber": "ops"}
    alert = {**common, "alert": "StaleSignInAlert", "severity": "medium", "unlisted": None}
    nobody = {"role": "", "person": "", "incidentId": ""}
    megan = {"role": "Reader", "person": "Megan Bowen"}
    assert len(found) == MOST_LINES + 1
    assert found[0] == {**common, **nobody, "alert": "", "severity": "", "change": "unlisted", "unlisted": 1}
    assert found[1] == {**alert, **nobody, "change": "active"}
    assert found[2] == {**alert, **megan, "change": "added", "incidentId": "i-0000"}


def test_the_answers_of_the_api_are_requests_with_an_address() -> None:
    asked = {"name": "start_run", "resultCode": "202", "url": "https://a.example/api/runs", "itemCount": 1}
    inner = {"name": "await_alert", "resultCode": "0", "url": "", "duration": 5.0, "itemCount": 1}
    rows = [{**asked, "duration": duration} for duration in (20.0, 40.0, 60.0)]
    [found] = answer("api-answers", requests=[*rows, inner])
    assert (found["name"], found["resultCode"], found["requests"], found["median"]) == ("start_run", "202", 3, 40.0)


def test_a_chart_draws_columns_that_its_query_has(logged: list[Any]) -> None:
    workbook = json.loads((INFRA / "workbook" / "pim-alert-refresh.workbook").read_text())
    items = [item for group in workbook["items"] if group["type"] == 12 for item in group["content"]["items"]]
    charts = {item["name"]: item["content"]["chartSettings"] for item in items if "chartSettings" in item["content"]}
    assert charts
    for name, drawn in charts.items():
        assert {drawn["xAxis"], *drawn["yAxis"]} <= set(answer(name, traces=logged)[0]), name
