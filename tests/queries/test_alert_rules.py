"""What the alert rules count in the log lines of runs, with DuckDB in the place of Application Insights."""

import re
from pathlib import Path

from tests.queries.test_answers import answer
from tests.support.bicep import INFRA
from tests.support.logged_runs import log_runs

RULES = (INFRA / "modules" / "alerts.bicep").read_text()


def test_a_callback_that_finally_fails_is_counted_with_its_run(tmp_path: Path) -> None:
    query = re.search(r"var failedCallbacks = '''\n(.*?)'''", RULES, re.DOTALL)
    assert query is not None
    (tmp_path / "rule.kql").write_text(query[1])
    rows = [*log_runs()]
    assert answer(str(tmp_path / "rule"), traces=rows) == []

    refused = [{**row, "message": row["message"].replace('"delivered"', '"failed"')} for row in rows]
    found = answer(str(tmp_path / "rule"), traces=refused)
    assert [row["runId"] for row in found] == ["watching"]
