"""Runs to show, and what a reader sees of the page."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any, cast

from alert_refresh.pages.run import Site, render_run
from alert_refresh.problems import make_problem
from alert_refresh.run import documents
from alert_refresh.run.documents import Instance, Links, RunDocument
from alert_refresh.run.outcome import AlertsResult, Result
from alert_refresh.run.state import Fault, Wish, dump_fault
from tests.support.graph_samples import ALERT, REFRESH, RUN_ID, RUNNING, SUCCEEDED, make_sample_run

NOW = datetime(2023, 6, 9, 22, 52, 20, tzinfo=UTC)
RUNS_URL = "https://app.example/api/runs"
RUN_URL = f"{RUNS_URL}/{RUN_ID}"
LINKS: Links = {"self": RUN_URL, "result": f"{RUN_URL}/result", "cancel": RUN_URL}
RUN = make_sample_run(NOW - timedelta(seconds=80), target=REFRESH)
STATUS = {"phase": "polling", "polls": 3, "nextPollAt": "2023-06-09T22:52:40.000Z", "operation": RUNNING}
SITE = Site(
    RUNS_URL,
    refresh_enabled=True,
    now=NOW,
    alerts_url="https://app.example/api/alerts",
    doctor_url="https://app.example/api/doctor",
)
INSTANCE = Instance(RUN_ID, "RUNNING", RUN, STATUS, None, NOW - timedelta(seconds=10))
DOCUMENT = documents.make_document(INSTANCE, None, LINKS, NOW, None)
RESULT: Result = {
    "runId": RUN_ID,
    "operation": SUCCEEDED,
    "scannedAt": "2023-06-09T22:56:08.52Z",
    "fresh": True,
    "incidentsCut": [],
    "changed": None,
    "changes": None,
    "alert": ALERT,
}
THROTTLED = make_problem("throttled", "Graph asked to wait.")
WAITING_FOR = dump_fault(Fault(THROTTLED, NOW.replace(minute=50, second=10), tries=4))


def make_document(**changes: Any) -> RunDocument:
    return cast("RunDocument", {**DOCUMENT, **changes})


def make_result(alert: dict[str, Any] | None = None, **changes: Any) -> Result:
    """Return the result about the sample alert with the properties `alert`."""
    return cast("Result", {**RESULT, "alert": {**ALERT, **(alert or {})}, **changes})


def make_alerts_result(*alerts: dict[str, Any], **changes: Any) -> AlertsResult:
    common = {name: value for name, value in RESULT.items() if name != "alert"}
    return cast("AlertsResult", {**common, "alerts": list(alerts), "notScanned": [], **changes})


def html_of(
    result: Result | AlertsResult | None = None,
    *,
    wish: Wish = RUN.wish,
    site: Site = SITE,
    reloading: bool = False,
    **changes: Any,
) -> str:
    """Return the page of the sample run with `changes` to its document."""
    return render_run(make_document(**changes), wish, result, site, reloading=reloading)


def text_of(html: str) -> str:
    """Return the text of a page, with single blanks."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", html.partition("</head>")[2])).split())


def show(result: Result | AlertsResult | None = None, **changes: Any) -> str:
    """Return the text of the page of the sample run with `changes`."""
    return text_of(html_of(result, **changes))
