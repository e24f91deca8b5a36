"""What the queries read of a log line is in the lines that the app writes, with the same name and type.

To Microsoft's type checker the inside of a line is `dynamic`: it takes any name. The rest of the checks of the queries
is in tests/queries.
"""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from alert_refresh.problems import ProblemName
from alert_refresh.run.delivery import DeliveryState
from alert_refresh.run.observations import Observation
from alert_refresh.run.state import PHASES
from alert_refresh.timestamps import parse_timestamp
from tests.support.bicep import INFRA
from tests.support.logged_runs import log_runs

QUERIES = sorted((INFRA / "queries").glob("*.kql"))
ALERTS = INFRA / "modules" / "alerts.bicep"
READ_AS = {
    "tostring": lambda value: value is None or isinstance(value, str),
    "tolong": lambda value: isinstance(value, int),
    "todouble": lambda value: isinstance(value, int | float),
    "todatetime": lambda value: value is None or parse_timestamp(value) is not None,
}
WORDS = {
    "decision": {"wait", "proceed", "end", *get_args(DeliveryState.__value__)},
    "observed": set(get_args(Observation.__annotations__["kind"])),
    "outcome": {"succeeded", *get_args(ProblemName)},
    "phase": set(PHASES),
    "problem": set(get_args(ProblemName)),
    "state": set(get_args(DeliveryState.__value__)),
}
each_query = pytest.mark.parametrize("path", [*QUERIES, ALERTS], ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def lines() -> dict[str, list[dict[str, Any]]]:
    """Return the lines of each event."""
    written = [json.loads(row["message"]) for row in log_runs()]
    return {event: [line for line in written if line["event"] == event] for event in ("poll", "end", "callback")}


@each_query
def test_every_field_that_is_read_is_written_as_that_type(path: Path, lines: dict[str, list[dict[str, Any]]]) -> None:
    text = path.read_text()
    events = re.findall(r"event\)? == '(\w+)'", text) or list(lines)
    read = re.findall(r"(\w+)\(line((?:\.\w+)+)\)", text)
    assert len(read) == len(re.findall(r"\bline\.", text)), "each field is read by a function that gives it a type"
    for convert, members in read:
        values: list[Any] = [line for event in events for line in lines[event]]
        for name in members.removeprefix(".").split("."):
            values = [value[name] for value in values if name in value]
        assert values, members
        assert [value for value in values if not READ_AS[convert](value)] == [], members


@each_query
def test_every_word_that_a_field_is_compared_with_is_one_of_the_app(path: Path) -> None:
    text = path.read_text()
    for name, words in WORDS.items():
        compared = re.findall(rf"\b{name}\)? [!=]= '([^']+)'", text)
        for values in re.findall(rf"\b{name}\)? (?:in|has_any) \(([^)]*)\)", text):
            compared += re.findall(r"[\w-]+", values)
        assert set(compared) <= words
