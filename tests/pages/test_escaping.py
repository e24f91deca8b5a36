"""Whatever Graph, a caller or a receiver sends is shown as text."""

from dataclasses import replace
from typing import Any, cast

import pytest

from alert_refresh.pages.run import Site, render, render_runs
from alert_refresh.problems import Problem, make_problem
from alert_refresh.run.changes import OUTDATED
from alert_refresh.run.state import Target
from tests.pages.shown import DOCUMENT, NOW, RUN, RUNS_URL, html_of, make_alerts_result, make_result, text_of
from tests.support.graph_samples import ALERT_ID, RUNNING

HOSTILE = """<script>alert('x')</script>"><img src=x onerror="alert(1)">&amp;"""
DEFINITION = dict.fromkeys(
    ("displayName", "severityLevel", "description", "securityImpact", "mitigationSteps", "howToPrevent"), HOSTILE
)
INCIDENT = {HOSTILE: HOSTILE, "assigneeDisplayName": HOSTILE, "nested": {HOSTILE: [HOSTILE]}}
HOME = f"{RUNS_URL}?code={HOSTILE}"
LINKS = dict.fromkeys(DOCUMENT["links"], f"https://app.example/?code={HOSTILE}")
CALLBACK = {"host": HOSTILE, "state": "failed", "attempts": 1, "nextAttemptAt": HOSTILE, "detail": HOSTILE}
CUT = {"alertId": ALERT_ID, "returned": 0, "count": 1, "url": HOSTILE}
GRAPH = dict.fromkeys(("code", "message", "requestId", "clientRequestId", HOSTILE), HOSTILE)
ERRORS = [{"field": HOSTILE, "detail": HOSTILE}]
PROBLEM = cast("Problem", {**make_problem("invalid-request", HOSTILE), "graph": GRAPH, "errors": ERRORS})
ROWS: list[dict[str, Any]] = [
    {**DOCUMENT, "target": {"alertId": HOSTILE}, "links": LINKS},
    {**DOCUMENT, "state": HOSTILE},
    {**dict.fromkeys(DOCUMENT), "id": HOSTILE, "state": "unreadable", "links": LINKS},
]

CHANGES = {
    **OUTDATED,
    "changed": True,
    "outdated": False,
    "added": [{"id": "i", "person": HOSTILE, "role": HOSTILE}],
    "removed": [{"id": HOSTILE, "person": None, "role": None}],
}
ALERT = {"alertDefinition": DEFINITION, "alertIncidents": [INCIDENT]}

SITE = Site(HOME, refresh_enabled=True, now=NOW, alerts_url=HOME, doctor_url=HOME)
PAGES = {
    "an operation": html_of(target={"operationId": HOSTILE}, links=LINKS, callback=CALLBACK),
    "its status": html_of(operation={**RUNNING, "status": HOSTILE, "statusDetail": HOSTILE}),
    "a request": html_of(
        wish=replace(RUN.wish, target=Target("operationId", HOSTILE), changes_for=HOSTILE, select=(HOSTILE,)),
        state="succeeded",
        changesFor=HOSTILE,
        startedBy=HOSTILE,
        cancelledBy=HOSTILE,
        links=LINKS,
    ),
    "what changed": html_of(make_result(changes={ALERT_ID: CHANGES}), wish=replace(RUN.wish, changes_for=HOSTILE)),
    "an alert": html_of(make_result(ALERT, incidentsCut=[CUT])),
    "an alert of a strange id": html_of(make_result({"id": f"a_{HOSTILE}", "lastScannedDateTime": HOSTILE})),
    "alerts": html_of(make_alerts_result({"id": HOSTILE}, {"id": ALERT_ID, **ALERT}), target={"allAlerts": True}),
    "a problem of a run": html_of(state="failed", problem=PROBLEM),
    "what a run waits for": html_of(waitingFor={"problem": PROBLEM, "since": HOSTILE, "tries": HOSTILE}),
    "a problem": render("problem.html", SITE, problem=PROBLEM),
    "a list": render_runs(
        {"value": ROWS, "nextLink": f"{HOME}&continuationToken={HOSTILE}"},
        SITE,
        {"state": HOSTILE, "alertId": f"a_{HOSTILE}"},
    ),
}


@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)
def test_no_text_becomes_an_element_or_leaves_an_attribute(html: str) -> None:
    assert "<script" not in html
    assert "<img" not in html
    assert 'onerror="' not in html
    assert HOSTILE in text_of(html)


def test_texts_of_a_definition_lose_their_tags_and_their_holes() -> None:
    link = 'Review <b>accounts</b> with <a href="https://evil.example" target="_blank">access reviews</a> &amp; care.'
    definition = {"howToPrevent": link, "description": "{0} account(s) in the past {1} day(s)"}
    html = html_of(make_result({"alertDefinition": definition}))
    assert "Review accounts with access reviews &amp; care." in html
    assert "2 account(s) in the past … day(s)" in html
    assert "evil.example" not in html
