"""Runs to show, and what a reader sees of the page. The operation and the alert are Microsoft's documented samples.

https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta
"""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any, cast

from alert_refresh.pages.run import render_run
from alert_refresh.problems import Problem, make_problem
from alert_refresh.run.documents import RunDocument
from alert_refresh.run.outcome import AlertsResult, Result
from alert_refresh.run.state import Fault, dump_fault

NOW = datetime(2023, 6, 9, 22, 52, 20, tzinfo=UTC)
RUNS_URL = "https://app.example/api/runs"
RUN_URL = f"{RUNS_URL}/0d4c1f7e-53b4-4c9e-8a11-9c7f6b6f2f0e"
ALERT_ID = "DirectoryRole_19356be4-7e93-4ed6-a7c6-0ae28454d125_StaleSignInAlert"
ALERT = {"id": ALERT_ID, "incidentCount": 2, "isActive": True, "lastScannedDateTime": "2023-06-09T22:56:08.52Z"}
OPERATION = {
    "id": f"refresh:{ALERT_ID}",
    "lastActionDateTime": "2023-06-09T22:52:09.0296021Z",
    "status": "running",
    "statusDetail": "",
}
DOCUMENT: RunDocument = {
    "id": RUN_URL.rpartition("/")[2],
    "state": "polling",
    "target": {"alertId": ALERT_ID},
    "createdAt": "2023-06-09T22:51:00.000Z",
    "updatedAt": "2023-06-09T22:52:10.000Z",
    "deadline": "2023-06-09T23:51:00.000Z",
    "polls": 3,
    "nextPollAt": "2023-06-09T22:52:40.000Z",
    "waitingFor": None,
    "problem": None,
    "links": {"self": RUN_URL, "result": f"{RUN_URL}/result", "cancel": RUN_URL},
    "operation": OPERATION,
    "callback": {"state": "none", "host": None, "attempts": 0, "nextAttemptAt": None, "detail": None},
}
RESULT: Result = {
    "runId": DOCUMENT["id"],
    "operation": {**OPERATION, "status": "succeeded"},
    "scannedAt": "2023-06-09T22:56:08.52Z",
    "fresh": True,
    "incidentsCut": [],
    "changed": None,
    "changes": None,
    "alert": ALERT,
}
THROTTLED: Problem = make_problem("throttled", "Graph asked to wait.")
WAITING_FOR = dump_fault(Fault(THROTTLED, NOW.replace(minute=50, second=10), tries=4))


def make_document(**changes: Any) -> RunDocument:
    return cast("RunDocument", {**DOCUMENT, **changes})


def make_result(alert: dict[str, Any] | None = None, **changes: Any) -> Result:
    """Return the result about the sample alert with the properties `alert`."""
    return cast("Result", {**RESULT, "alert": {**ALERT, **(alert or {})}, **changes})


def make_alerts_result(*alerts: dict[str, Any], **changes: Any) -> AlertsResult:
    common = {name: value for name, value in RESULT.items() if name != "alert"}
    return cast("AlertsResult", {**common, "alerts": list(alerts), "notScanned": [], **changes})


def html_of(result: Result | AlertsResult | None = None, *, refreshing: bool = False, **changes: Any) -> str:
    """Return the page of the sample run with `changes`."""
    return render_run(make_document(**changes), result, RUNS_URL, NOW, refreshing=refreshing)


def text_of(html: str) -> str:
    """Return the text of a page, with single blanks."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", html.partition("</head>")[2])).split())


def show(result: Result | AlertsResult | None = None, **changes: Any) -> str:
    """Return the text of the page of the sample run with `changes`."""
    return text_of(html_of(result, **changes))
