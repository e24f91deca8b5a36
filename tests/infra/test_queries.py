"""What the queries read of a log line is in the lines that the app or its host writes, with the same name and type.

To Microsoft's type checker, customDimensions are `dynamic`: it takes any name. The rest of the checks of the queries
is in tests/queries.
"""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from alert_refresh.problems import ProblemName
from alert_refresh.run.delivery import DeliveryState
from alert_refresh.run.observations import Observation
from alert_refresh.run.state import PHASES
from tests.support.bicep import INFRA
from tests.support.logged_runs import log_changes, log_runs

QUERIES = sorted((INFRA / "queries").glob("*.kql"))
ALERTS = INFRA / "modules" / "alerts.bicep"
OF_THE_HOST = {"CategoryName", "functionName", "instanceId", "isReplay", "reason", "state"}
"""The host's names of `telemetryMode: OpenTelemetry`: EndToEndTraceHelper.cs in azure-functions-durable-extension, and
CategoryName by https://github.com/Azure/azure-sdk-for-net/pull/44754. Other modes put `prop__` before them."""
READ_AS: dict[str, Callable[[str], Any]] = {
    "tostring": str,
    "tolong": int,
    "todouble": float,
    "todatetime": datetime.fromisoformat,
}
"""An attribute is a text in Application Insights. Each of these raises ValueError when it cannot read it."""
WORDS = {
    "change": {"active", "inactive", "added", "removed", "unlisted"},
    "decision": {"wait", "proceed", "end", *get_args(DeliveryState.__value__)},
    "observed": set(get_args(Observation.__annotations__["kind"])),
    "outcome": {"succeeded", *get_args(ProblemName)},
    "phase": set(PHASES),
    "problem": set(get_args(ProblemName)),
    "state": {"Failed", *get_args(DeliveryState.__value__)},
}
each_query = pytest.mark.parametrize("path", [*QUERIES, ALERTS], ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def lines() -> dict[str, list[dict[str, str]]]:
    """Return the attributes of the lines of each event."""
    written = [row["customDimensions"] for row in [*log_runs(), *log_changes()]]
    events = ("poll", "end", "callback", "pim.alert.changed")
    return {event: [line for line in written if line["event"] == event] for event in events}


@each_query
def test_every_attribute_that_is_read_is_written_as_that_type(
    path: Path, lines: dict[str, list[dict[str, str]]]
) -> None:
    text = path.read_text()
    assert "message" not in text, "the values of a line are its attributes"
    events = re.findall(r"event\)? == '([\w.]+)'", text) or list(lines)
    for convert, name in find_attributes(text):
        values = [line[name] for event in events for line in lines[event] if name in line]
        assert values or name in OF_THE_HOST, name
        for value in values:
            READ_AS[convert](value)


def find_attributes(text: str) -> list[tuple[str, str]]:
    """Return each attribute that a query reads, and the function that gives it a type."""
    read = re.findall(r"(\w+)\(customDimensions\.(\w+)\)", text)
    assert len(read) == text.count("customDimensions."), "each attribute is read by a function that gives it a type"
    return read


@each_query
def test_every_word_that_a_field_is_compared_with_is_one_of_the_app(path: Path) -> None:
    text = path.read_text()
    for name, words in WORDS.items():
        compared = re.findall(rf"\b{name}\)? [!=]= '([^']+)'", text)
        for values in re.findall(rf"\b{name}\)? !?in \(([^)]*)\)", text):
            compared += re.findall(r"[\w-]+", values)
        assert set(compared) <= words


def test_the_rule_of_sentinel_is_the_query_with_the_names_of_a_workspace() -> None:
    template = (INFRA / "modules" / "sentinel.bicep").read_text()
    query = (INFRA / "queries" / "alert-changes.kql").read_text()
    renamed = re.findall(r"'([^',]+)', '([^',]+)'\)", template)
    for classic, name in renamed:
        query = query.replace(classic.replace("\\n", "\n"), name.replace("\\n", "\n"))
    assert len(renamed) == 3
    assert "\nAppTraces\n| where tostring(Properties.event) == 'pim.alert.changed'\n" in query
    assert "min(TimeGenerated)" in query
    assert not re.search("traces\n|customDimensions|timestamp", query.replace("AppTraces", ""))
    [condition] = re.findall(r"\| where change in \(([^)]+)\)", template)
    assert set(re.findall(r"\w+", condition)) <= WORDS["change"]
