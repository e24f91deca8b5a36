"""Whatever Graph, a caller or a receiver says is shown as text."""

from typing import Any

import pytest

from domain.look_history import look_history
from domain.problem import problem
from pages.problem import problem_page
from pages.run_list import list_page
from tests.orchestrators.looks import seen
from tests.pages.shown import NOW, RUNS_URL, document, html_of, result_of, result_of_all, text_of
from tests.support.graph_samples import ALERT_ID, RUNNING, asked
from triggers.samples import SAMPLE_LINKS, SAMPLE_PAGE

HOSTILE = """<script>alert('x')</script>"><img src=x onerror="alert(1)">&amp;"""
DEFINITION = dict.fromkeys(
    ("displayName", "severityLevel", "description", "securityImpact", "mitigationSteps", "howToPrevent"), HOSTILE
)
INCIDENT = {HOSTILE: HOSTILE, "assigneeDisplayName": HOSTILE, "nested": {HOSTILE: [HOSTILE]}}
LINKS = dict.fromkeys(SAMPLE_LINKS, f"https://app.example/?code={HOSTILE}")
CALLBACK = {"host": HOSTILE, "state": "failed", "attempts": 1, "nextAttemptAt": HOSTILE, "detail": HOSTILE}
GRAPH = dict.fromkeys(("code", "message", "requestId", "clientRequestId", HOSTILE), HOSTILE)
WHY = {**problem("invalid-request", HOSTILE), "graph": GRAPH, "errors": [{"field": HOSTILE, "detail": HOSTILE}]}
SPOKEN: Any = seen({**RUNNING, "status": HOSTILE, "statusDetail": HOSTILE})

PAGES = {
    "an operation": html_of(document(target={"operationId": HOSTILE}, links=LINKS, callback=CALLBACK)),
    "an alert": html_of(document(), result_of(alertDefinition=DEFINITION, alertIncidents=[INCIDENT])),
    "an alert of a strange id": html_of(document(), result_of(id=f"a_{HOSTILE}", lastScannedDateTime=HOSTILE)),
    "alerts": html_of(
        document(target={"allAlerts": True}),
        result_of_all({"id": HOSTILE}, {"id": ALERT_ID, "alertDefinition": DEFINITION, "alertIncidents": [INCIDENT]}),
    ),
    "a problem of a run": html_of(document(state="failed", problem=WHY)),
    "looks": html_of(document(), None, look_history(asked(NOW), [(NOW, SPOKEN)])),
    "a problem": problem_page(WHY, f"{RUNS_URL}?code={HOSTILE}"),  # type: ignore[arg-type]
    "a list": list_page(
        {
            "value": [{**SAMPLE_PAGE["value"][0], "target": {"alertId": HOSTILE}, "links": LINKS}],  # type: ignore[typeddict-item]
            "nextLink": f"{RUNS_URL}?continuationToken={HOSTILE}",
        },
        f"{RUNS_URL}?code={HOSTILE}",
        HOSTILE,
        NOW,
    ),
}


@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)
def test_nothing_that_was_sent_becomes_an_element_or_leaves_an_attribute(html: str) -> None:
    assert "<script" not in html
    assert "<img" not in html
    assert 'onerror="' not in html
    assert HOSTILE in text_of(html)


def test_texts_of_a_definition_lose_their_tags_and_their_holes() -> None:
    link = 'Review <b>accounts</b> with <a href="https://evil.example" target="_blank">access reviews</a> &amp; care.'
    told = {"howToPrevent": link, "description": "{0} account(s) in the past {1} day(s)"}
    html = html_of(document(), result_of(alertDefinition=told))
    assert "Review accounts with access reviews &amp; care." in html
    assert "… account(s) in the past … day(s)" in html
    assert "evil.example" not in html
