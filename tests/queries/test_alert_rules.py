"""What the alert rules count in the lines of runs and of the host, with DuckDB in the place of Application Insights."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.queries.test_answers import answer
from tests.support.bicep import INFRA
from tests.support.logged_runs import Row, log_runs, make_host_row

RULES = (INFRA / "modules" / "alerts.bicep").read_text()
STRINGS = dict(re.findall(r"^var (\w+) = '''\n(.*?)'''", RULES, re.DOTALL | re.MULTILINE))
QUERIES = {
    name: STRINGS[variable]
    if variable
    else re.sub(r"\$\{(\w+)\}", lambda match: STRINGS[match[1]], text).replace("\\'", "'")
    for name, variable, text in re.findall(r"name: '([\w-]+)'\n.*\n.*\n    query: (?:(\w+)|'(.*)')\n", RULES)
}
type Count = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def count(tmp_path: Path) -> Count:
    """Return what finds the rows that a rule counts."""

    def found(rule: str, rows: list[Row]) -> list[dict[str, Any]]:
        (tmp_path / "rule.kql").write_text(QUERIES[rule])
        return answer(str(tmp_path / "rule"), traces=rows)

    return found


def change(rows: list[Row], **values: str) -> list[Row]:
    """Return `rows` with other values in their attributes."""
    return [{**row, "customDimensions": {**row["customDimensions"], **values}} for row in rows]


def select_end(run_id: str) -> list[Row]:
    [end] = [row for row in log_runs() if {("event", "end"), ("runId", run_id)} <= row["customDimensions"].items()]
    return [end]


def test_a_failed_run_is_counted_once_by_the_line_of_the_app_or_of_the_host(count: Count) -> None:
    failed = {"refused", "refused-to-watch", "broken"}
    both = [make_host_row(run, "Failed", reason="OrchestratorFailed") for run in ("refused", "known-to-the-host-alone")]
    found = [row["runId"] for row in count("run-failed", [*log_runs(), *log_runs(), *both])]
    assert sorted(found) == sorted({*failed, "known-to-the-host-alone"})
    assert {row["runId"] for row in count("run-failed", log_runs())} == failed, "the trace of the host was not sampled"


@pytest.mark.parametrize(
    "row",
    [
        make_host_row("run", "Completed"),
        make_host_row("run", "Failed", isReplay="True"),
        make_host_row("callback-run", "Failed", functionName="deliver_outcome"),
        make_host_row("run", "Failed", CategoryName="Function.await_alert"),
        *change(select_end("broken"), outcome="run-cancelled"),
        *change(select_end("broken"), outcome="succeeded"),
    ],
    ids=["completed", "replay", "delivery", "another category", "cancelled", "succeeded"],
)
def test_what_is_no_failed_run_is_not_counted_as_one(row: Row, count: Count) -> None:
    assert count("run-failed", [row]) == []


def test_a_day_without_success_has_no_line_of_a_run_that_succeeded(count: Count) -> None:
    assert len(count("no-run-succeeded", log_runs())) == 3
    cancelled = change(select_end("watching"), outcome="run-cancelled")
    assert count("no-run-succeeded", [*select_end("refused"), *cancelled, make_host_row("run", "Completed")]) == []


def test_a_refusal_of_graph_is_counted_for_its_permission_or_its_licence(count: Count) -> None:
    assert len(count("graph-refuses", log_runs())) == 2
    assert len(count("graph-refuses", change(select_end("refused"), outcome="permission-missing"))) == 1
    assert count("graph-refuses", [*select_end("broken"), *select_end("watching")]) == []


def test_a_callback_that_finally_fails_is_counted_with_its_run(count: Count) -> None:
    posted = [row for row in log_runs() if row["customDimensions"]["event"] == "callback"]
    assert count("callback-failed", log_runs()) == []
    assert [row["runId"] for row in count("callback-failed", [posted[0], *change(posted[1:], decision="failed")])] == [
        "watching"
    ]
