"""Runs to show, and what a reader sees of the page."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

from domain.look_history import LookHistory, look_history
from domain.outcome import AlertsResult, Result
from domain.run_document import RunDocument
from pages.run import KnownRun, run_page
from tests.orchestrators.looks import FETCHED, seen
from tests.support.graph_samples import ALERT, RUNNING, SUCCEEDED, asked
from triggers.samples import SAMPLE_ALERTS_RESULT, SAMPLE_RESULT, SAMPLE_RUN

NOW = datetime(2023, 6, 9, 22, 52, 20, tzinfo=UTC)
RUNS_URL = "https://app.example/api/runs"
LOOKS = look_history(asked(NOW), [(NOW, seen(RUNNING)), (NOW, seen(SUCCEEDED)), (NOW, FETCHED)])  # type: ignore[list-item]


def document(**changes: Any) -> RunDocument:
    return {**SAMPLE_RUN, **changes}  # type: ignore[typeddict-item]


def result_of(**alert: Any) -> Result:
    """Return the result about the sample alert, with `alert` in it."""
    return {**SAMPLE_RESULT, "alert": {**ALERT, **alert}}


def result_of_all(*alerts: dict[str, Any], **changes: Any) -> AlertsResult:
    return {**SAMPLE_ALERTS_RESULT, "alerts": list(alerts), **changes}  # type: ignore[typeddict-item]


def html_of(
    shown: RunDocument,
    result: Result | AlertsResult | None = None,
    history: LookHistory | None = LOOKS,
    *,
    refreshing: bool = False,
) -> str:
    return run_page(KnownRun(shown, result, history), RUNS_URL, NOW, refreshing=refreshing)


def text_of(html: str) -> str:
    """Return the text of a page, with single blanks."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", html.partition("</head>")[2])).split())
