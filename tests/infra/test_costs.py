"""The measured numbers in docs/operate.md, of which its costs are made, are those of the bench."""

from benchmarks.cost import IDLE_EXECUTIONS, TRANSACTIONS_PER_IDLE_MINUTE, TRANSACTIONS_PER_POLL, count_run, run_sample
from tests.infra.test_bicep_settings import PARAMETERS
from tests.support.bicep import INFRA

PAGE = (INFRA.parent / "docs" / "operate.md").read_text()
COSTS = PAGE[PAGE.index("## What it costs") : PAGE.index("## When the deployment or the app fails")]
ROWS = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in COSTS.splitlines() if line[:1] == "|"]
CELLS = {row[0]: row[1:] for row in ROWS}


def read_number(name: str) -> float:
    """Return the number in the second column of the row that begins with `name`."""
    [value] = [cells[0] for row, cells in CELLS.items() if row.startswith(name)]
    return float(value.replace(",", ""))


def test_the_measured_numbers_are_those_of_the_bench() -> None:
    assert read_number("executions of a refresh") == count_run()["executions"]
    assert f"{count_run()['polls']} polls" in COSTS
    time = run_sample()
    assert read_number("actions of the scheduler for it") == len(time.steps) + len(time.calls), "turns and activities"
    assert read_number("storage transactions of a poll") == TRANSACTIONS_PER_POLL
    assert read_number("storage transactions of an instance in a minute") == TRANSACTIONS_PER_IDLE_MINUTE
    assert read_number("executions of a day without a run") == IDLE_EXECUTIONS
    assert f"{int(PARAMETERS['instanceMemoryMB']['value'][-4:-1]) / 1024} GB by default" in COSTS
