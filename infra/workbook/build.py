# ruff: noqa: INP001 - a script beside the templates, no package
"""Write the workbook out of the queries; with `--check`, exit with 1 when it is not what they make now.

This file says which query is on which tab, and how it is drawn. The title of each is the query's
first line. https://learn.microsoft.com/azure/azure-monitor/visualize/workbooks-overview
"""

import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
QUERIES = FOLDER.parent / "queries"
WORKBOOK = FOLDER / "pim-alert-refresh.workbook"

sys.path.append(str(QUERIES))
from parameters import with_parameters  # noqa: E402 - beside the queries

TABS = {
    "Now": ["runs-now", "deliveries", "api-answers"],
    "Over time": [
        "outcomes-over-time",
        "problems",
        "refresh-to-alert",
        "poll-efficiency",
        "throttling",
        "failing-permissions",
        "alert-changes",
    ],
    "One run": ["run-timeline"],
}
CHARTS = {
    "outcomes-over-time": ("barchart", "timestamp", ["runs"]),
    "refresh-to-alert": ("linechart", "timestamp", ["median", "p95", "longest"]),
    "poll-efficiency": ("linechart", "scanEnd", ["pollsPerScan", "most"]),
}
"""How a query is drawn, and which of its columns. The others are tables."""

PARAMETERS = {"grain": "{TimeRange:grain}", "run": "'{RunId}'"}
"""What the workbook puts into a query's own parameters."""

HOUR = 3_600_000
TIME_RANGES = [HOUR, 4 * HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR]
"""Milliseconds. The workspace keeps thirty days."""


def workbook() -> dict[str, Any]:
    """Return the workbook in the form that the portal's advanced editor takes."""
    return {
        "version": "Notebook/1.0",
        "items": [_parameters(), _tabs(), *(_tab(name, queries) for name, queries in TABS.items())],
        "$schema": "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json",
    }


def _parameters() -> dict[str, Any]:
    time_range = {
        "id": "6a0f4b0e-6d0f-4b59-9d0c-0c8f8a1c7b11",
        "version": "KqlParameterItem/1.0",
        "name": "TimeRange",
        "label": "Time range",
        "type": 4,
        "isRequired": True,
        "value": {"durationMs": 24 * HOUR},
        "typeSettings": {"selectableValues": [{"durationMs": each} for each in TIME_RANGES], "allowCustom": True},
    }
    run_id = {
        "id": "0b0f2c55-0a55-4a1e-8f0d-5f1d2b6f4c22",
        "version": "KqlParameterItem/1.0",
        "name": "RunId",
        "label": "Run id",
        "description": "The `id` of a run document; shown on the tab One run.",
        "type": 1,
        "value": "",
    }
    content = {"version": "KqlParameterItem/1.0", "parameters": [time_range, run_id], "style": "pills"}
    return {"type": 9, "content": content, "name": "parameters"}


def _tabs() -> dict[str, Any]:
    links = [
        {"cellValue": "Tab", "linkTarget": "parameter", "linkLabel": name, "subTarget": name, "style": "link"}
        for name in TABS
    ]
    return {"type": 11, "content": {"version": "LinkItem/1.0", "style": "tabs", "links": links}, "name": "tabs"}


def _tab(name: str, queries: list[str]) -> dict[str, Any]:
    items = [_query(query) for query in queries]
    return {
        "type": 12,
        "content": {"version": "NotebookGroup/1.0", "groupType": "editable", "items": items},
        "conditionalVisibility": {"parameterName": "Tab", "comparison": "isEqualTo", "value": name},
        "name": name,
    }


def _query(name: str) -> dict[str, Any]:
    text = (QUERIES / f"{name}.kql").read_text()
    values = {parameter: value for parameter, value in PARAMETERS.items() if f"let {parameter} = " in text}
    content = {
        "version": "KqlItem/1.0",
        "query": with_parameters(text, values),
        "size": 0,
        "title": text.splitlines()[0].removeprefix("// "),
        "noDataMessage": "Nothing in this time range.",
        "timeContextFromParameter": "TimeRange",
        "queryType": 0,
        "resourceType": "microsoft.insights/components",
        "visualization": "table",
    }
    if name in CHARTS:
        visualization, x_axis, y_axis = CHARTS[name]
        content |= {"visualization": visualization, "chartSettings": {"xAxis": x_axis, "yAxis": y_axis}}
    return {"type": 3, "content": content, "name": name}


if __name__ == "__main__":
    made = json.dumps(workbook(), indent=2) + "\n"
    if "--check" not in sys.argv:
        WORKBOOK.write_text(made)
    elif not WORKBOOK.is_file() or WORKBOOK.read_text() != made:
        sys.exit(f"{WORKBOOK.name} is not what the queries make now: run python infra/workbook/build.py")
