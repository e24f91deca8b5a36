"""The page of a run: its state, what it is about, what was seen, and what to do."""

from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any, get_args

import pytest

from domain.instance import State
from domain.look_history import look_history
from domain.problem import problem
from domain.timestamps import format_timestamp
from pages.incidents import MOST_ROWS
from pages.run import STATES, seconds_to_reload
from pages.template import CONTENT_SECURITY_POLICY
from tests.orchestrators.looks import listed, refreshed, seen, trouble
from tests.pages.shown import NOW, document, html_of, result_of, result_of_all, text_of
from tests.support.graph_samples import ALERT, ALERT_ID, RUNNING, SUCCEEDED, asked

OVER = {"nextPollAt": None}
SCANNED = "2023-06-09 22:56:08 UTC"


def callback(state: str, next_attempt: str | None = None) -> dict[str, Any]:
    return {"host": "h.example", "state": state, "attempts": 1, "nextAttemptAt": next_attempt, "detail": "HTTP 500."}


@pytest.mark.parametrize("state", get_args(State.__value__))
def test_the_title_and_the_page_say_the_state_in_words(state: State) -> None:
    html = html_of(document(state=state))
    assert f"<title>{STATES[state]}: Stale sign in" in html
    assert STATES[state] in text_of(html)


@pytest.mark.parametrize(
    ("target", "about"),
    [
        ({"alertId": ALERT_ID}, "Stale sign in"),
        ({"operationId": f"refresh:{ALERT_ID}"}, "Stale sign in"),
        ({"operationId": "5c56"}, "Operation 5c56"),
        ({"allAlerts": True}, "All alerts"),
    ],
)
def test_the_heading_says_what_it_is_about(target: dict[str, Any], about: str) -> None:
    assert f"<h1>{about}</h1>" in html_of(document(target=target))


def test_microsofts_own_name_of_the_alert_is_taken_when_it_came_along() -> None:
    html = html_of(document(), result_of(alertDefinition={"displayName": "Potential stale accounts"}))
    assert "<h1>Potential stale accounts</h1>" in html


def test_times_are_elements_with_the_distance_beside_them() -> None:
    html = html_of(document())
    assert '<time datetime="2023-06-09T22:52:40Z">2023-06-09 22:52:40 UTC</time> <small>in 20 s</small>' in html
    assert "Deadline 2023-06-09 23:51:00 UTC in 59 min" in text_of(html)


def test_a_run_under_way_can_be_kept_still_and_followed_again() -> None:
    code = {**document()["links"], "self": "https://app.example/api/runs/1?code=k"}
    assert 'href="https://app.example/api/runs/1?code=k&amp;refresh=off"' in html_of(
        document(links=code), refreshing=True
    )
    assert 'href="https://app.example/api/runs/1?code=k">Follow' in html_of(document(links=code))
    assert "refresh=off" not in html_of(document(state="succeeded", links=code))


def test_how_to_cancel_is_told_without_the_key() -> None:
    links = {**document()["links"], "self": "https://app.example/api/runs/1?code=secret"}
    assert "curl -X DELETE -H 'x-functions-key: KEY' 'https://app.example/api/runs/1'" in text_of(
        html_of(document(links=links))
    )
    assert "DELETE" not in html_of(document(state="cancelled", links=links))


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({}, 21),
        ({"nextPollAt": format_timestamp(NOW + timedelta(hours=1))}, 30),
        ({"nextPollAt": format_timestamp(NOW - timedelta(seconds=5))}, 2),
        ({"state": "queued", **OVER}, 2),
        ({"state": "fetching", **OVER}, 2),
        ({"state": "succeeded", **OVER}, None),
        ({"state": "failed", **OVER}, None),
        ({"state": "succeeded", **OVER, "callback": callback("pending")}, None),
        ({"state": "succeeded", **OVER, "callback": callback("delivering")}, 2),
        (
            {
                "state": "timedOut",
                **OVER,
                "callback": callback("delivering", format_timestamp(NOW + timedelta(seconds=9))),
            },
            10,
        ),
        ({"state": "succeeded", **OVER, "callback": callback("delivered")}, None),
    ],
)
def test_a_page_loads_again_when_there_is_something_new_to_see(changes: dict[str, Any], seconds: int | None) -> None:
    assert seconds_to_reload(document(**changes), NOW) == seconds


def test_the_looks_say_what_graph_said_and_what_was_decided() -> None:
    run = asked(NOW, phase="refreshing", operationId=None, target={"alertId": ALERT_ID})
    stale = {**SUCCEEDED, "createdDateTime": "2023-06-08T00:00:00Z", "lastActionDateTime": "2023-06-08T00:00:09Z"}
    observations: list[Any] = [refreshed(format_timestamp(NOW)), trouble(), seen(stale), seen(RUNNING), listed(ALERT)]
    history = look_history(run, [(NOW, each) for each in observations])

    text = text_of(html_of(document(), None, history))

    for told in (
        "Graph took the refresh. Wait ",
        "s: Graph has begun to scan.",
        "Microsoft Graph could not be reached. Wait 6",
        "s: Graph said: HTTP 503.",
        "The operation is 'succeeded'. Wait ",
        "s: this 'succeeded' is older than the refresh",
        "The operation is 'running'. Wait ",
        "Graph sent 1 alert.",
        "The next look.",
    ):
        assert told in text
    assert "earlier looks" not in text


def test_what_a_new_history_has_forgotten_is_counted() -> None:
    history = look_history(asked(NOW, polls=32), [])
    assert "32 earlier looks at the operation are not kept." in text_of(html_of(document(), None, history))


def test_a_run_is_shown_without_its_looks_when_the_task_hub_does_not_tell() -> None:
    assert "The task hub does not tell them." in text_of(html_of(document(), None, None))


def test_the_alert_and_its_incidents() -> None:
    incidents = [{"id": "i-1", "assigneeDisplayName": "Adele Vance", "lastSignInDateTime": "2023-04-21T06:12:44Z"}]
    told = {"severityLevel": "medium", "mitigationSteps": "Take the roles away."}
    text = text_of(html_of(document(), result_of(alertDefinition=told, alertIncidents=incidents)))
    assert f"Active Yes Severity Medium Incidents 2 Scanned {SCANNED}" in text
    assert "What to do Take the roles away." in text
    assert "1 incident Assignee display name Last sign in ID Adele Vance 2023-04-21 06:12:44 UTC i-1" in text


def test_what_graph_was_not_asked_is_not_made_up() -> None:
    bare: Any = {**result_of(), "alert": {"id": ALERT_ID}, "fresh": None}
    text = text_of(html_of(document(), bare))
    assert "Active not told Severity Not asked for Incidents not told Scanned — Fresh cannot be told" in text


def test_incidents_that_do_not_fit_are_told_of() -> None:
    many = [{"id": str(number)} for number in range(MOST_ROWS + 1)]
    text = text_of(html_of(document(), result_of(alertIncidents=many)))
    assert f"{MOST_ROWS} of {MOST_ROWS + 1} incidents" in text
    assert "And 1 more" in text
    truncated: Any = {**result_of(), "incidentsTruncated": True}
    assert "too large for a run's history" in text_of(html_of(document(), truncated))
    assert "There are none." in text_of(html_of(document(), result_of(alertIncidents=[])))


def test_all_alerts_are_a_table_with_the_active_ones_first() -> None:
    quiet = {**ALERT, "id": "DirectoryRole_t_RedundantAssignmentAlert", "isActive": False, "incidentCount": 0}
    result = result_of_all(quiet, ALERT, fresh=False, notScanned=[quiet["id"]])
    text = text_of(html_of(document(target={"allAlerts": True}), result))
    assert "2 alerts, the active ones first" in text
    stale, redundant = f"Stale sign in Yes — 2 {SCANNED} in 4 min", f"Redundant assignment No — 0 {SCANNED} in 4 min"
    assert f"{stale} Yes {redundant} No" in text


def test_a_problem_says_what_to_do_and_what_graph_answered() -> None:
    graph = {"status": 403, "code": "Forbidden", "message": None, "requestId": "r-7", "clientRequestId": "c-7"}
    why = {**problem("permission-missing", "Grant RoleManagementAlert.Read.Directory."), "graph": graph}
    text = text_of(html_of(document(state="failed", problem=why)))
    assert "The app lacks a permission Grant RoleManagementAlert.Read.Directory." in text
    assert "What to do Grant the permission that the text names to the identity;" in text
    assert "Status 403 Code Forbidden Request ID r-7 Client request ID c-7" in text
    assert "What to do" not in text_of(html_of(document(state="cancelled", problem=problem("run-cancelled", "So."))))


def test_the_callback_is_shown_by_its_host() -> None:
    text = text_of(html_of(document(callback=callback("delivering", "2023-06-09T22:53:00Z"))))
    assert "To h.example State Delivering Attempts 1 Next attempt 2023-06-09 22:53:00 UTC in 40 s HTTP 500." in text


def test_the_policy_lets_the_style_in_and_nothing_else() -> None:
    html = html_of(document())
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in CONTENT_SECURITY_POLICY
    assert "style=" not in html
    for directive in ("default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"):
        assert directive in CONTENT_SECURITY_POLICY
