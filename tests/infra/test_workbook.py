"""The workbook is what the queries make, and each query stands on it under its question."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.bicep import INFRA

QUERIES = sorted((INFRA / "queries").glob("*.kql"))
WORKBOOK = json.loads((INFRA / "workbook" / "pim-alert-refresh.workbook").read_text())
PARAMETERS, TABS, *GROUPS = WORKBOOK["items"]
ITEMS: dict[str, Any] = {item["name"]: item["content"] for group in GROUPS for item in group["content"]["items"]}


def check(infra: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(infra / "workbook" / "build.py"), "--check"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 - our own script


def test_the_workbook_is_what_the_queries_make_and_a_query_that_was_changed_since_is_noticed(tmp_path: Path) -> None:
    assert check(INFRA).stderr == ""

    for folder in ("queries", "workbook"):
        shutil.copytree(INFRA / folder, tmp_path / folder, ignore=shutil.ignore_patterns("node_modules"))
    with (tmp_path / "queries" / "runs-now.kql").open("a") as query:
        query.write("| take 5\n")
    assert "run python infra/workbook/build.py" in check(tmp_path).stderr


def test_every_query_is_shown_once_under_its_question() -> None:
    questions = {query.stem: query.read_text().splitlines()[0] for query in QUERIES}
    assert [name for name, question in questions.items() if not re.fullmatch(r"// [A-Z].*\?", question)] == []
    assert {name: f"// {item['title']}" for name, item in ITEMS.items()} == questions
    assert sum(len(group["content"]["items"]) for group in GROUPS) == len(QUERIES)


def test_every_tab_opens_a_group() -> None:
    shown = [(each["parameterName"], each["value"]) for each in (group["conditionalVisibility"] for group in GROUPS)]
    assert [(link["cellValue"], link["subTarget"]) for link in TABS["content"]["links"]] == shown


def test_what_the_queries_ask_for_is_a_parameter() -> None:
    declared = {parameter["name"] for parameter in PARAMETERS["content"]["parameters"]}
    asked = {name for item in ITEMS.values() for name in re.findall(r"\{(\w+)(?::\w+)?\}", item["query"])}
    assert asked == declared
    assert {item["timeContextFromParameter"] for item in ITEMS.values()} <= declared
    assert "let run = '{RunId}';" in ITEMS["run-timeline"]["query"]
