"""The table of costs in docs/operate.md is what its prices and the measured numbers make."""

import re

import pytest

from benchmarks.cost import IDLE_EXECUTIONS, TRANSACTIONS_PER_IDLE_MINUTE, TRANSACTIONS_PER_POLL, count_run, run_sample
from tests.infra.test_bicep_settings import PARAMETERS
from tests.support.bicep import INFRA

PAGE = (INFRA.parent / "docs" / "operate.md").read_text()
COSTS = PAGE[PAGE.index("## What it costs") : PAGE.index("## When the deployment or the app fails")]
ROWS = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in COSTS.splitlines() if line[:1] == "|"]
CELLS = {row[0]: row[1:] for row in ROWS}
DAYS = 30
RUNS = {"idle": 0, "one refresh of all alerts a day": 1, "100 a day": 100}
"""Runs of a day."""


def read_number(name: str) -> float:
    """Return the number in the second column of the row that begins with `name`."""
    [value] = [cells[0] for row, cells in CELLS.items() if row.startswith(name)]
    return float(value.replace(",", ""))


def read_grant() -> tuple[float, float]:
    grant = re.search(r"is ([\d,]+) GB-s and ([\d,]+) executions a month", COSTS)
    assert grant is not None
    return float(grant[1].replace(",", "")), float(grant[2].replace(",", ""))


def price_functions(gigabyte_seconds: float, executions: float) -> float:
    return gigabyte_seconds * read_number("a GB-second of Flex Consumption") + executions / 1e6 * read_number(
        "a million executions"
    )


def count_actions() -> int:
    """Return the actions of the scheduler in one run: a turn of the orchestrator, and an activity, is one each."""
    time = run_sample()
    return len(time.steps) + len(time.calls)


def test_the_measured_numbers_are_those_of_the_bench() -> None:
    assert read_number("executions of a refresh") == count_run()["executions"]
    assert f"{count_run()['polls']} polls" in COSTS
    assert read_number("actions of the scheduler for it") == count_actions()
    assert read_number("storage transactions of a poll") == TRANSACTIONS_PER_POLL
    assert read_number("storage transactions of an instance in a minute") == TRANSACTIONS_PER_IDLE_MINUTE
    assert read_number("executions of a day without a run") == IDLE_EXECUTIONS
    assert f"{int(PARAMETERS['instanceMemoryMB']['value'][-4:-1]) / 1024} GB by default" in COSTS


@pytest.mark.parametrize("use", RUNS)
def test_a_month_is_what_the_prices_and_the_measured_numbers_make(use: str) -> None:
    runs = DAYS * RUNS[use]
    executions = DAYS * IDLE_EXECUTIONS + runs * count_run()["executions"]
    gigabyte_seconds = executions * read_number("seconds that an execution is charged for") * 0.5
    free_seconds, free_executions = read_grant()
    functions = price_functions(gigabyte_seconds, executions)
    granted = price_functions(max(gigabyte_seconds - free_seconds, 0), max(executions - free_executions, 0))
    transactions = DAYS * 24 * 60 * TRANSACTIONS_PER_IDLE_MINUTE + runs * count_run()["storageTransactions"]
    storage = transactions / 1e4 * read_number("10,000 operations on queues")
    actions = runs * count_actions() * read_number("an action of the Durable Task Scheduler")
    total = round(functions, 2) + round(storage, 2)
    assert CELLS[use] == [
        f"{executions:,}",
        f"{gigabyte_seconds:,.0f}",
        f"{functions:.2f}",
        f"{granted:.2f}",
        f"{transactions:,}",
        f"{storage:.2f}",
        f"{total:.2f}",
        f"{runs * count_actions():,}",
        f"{round(functions, 2) + round(actions, 2):.2f}",
        f"{round(functions, 2) + round(actions / 1e6, 2):.2f}",
    ]
