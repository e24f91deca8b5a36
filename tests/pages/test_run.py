"""The page of a run, and of a list: the state of a run, what it is about, what it waits for, and what to do."""

from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any, get_args

import pytest

from alert_refresh.pages.run import ALIVE, CHOICES, CONTENT_SECURITY_POLICY, render, render_runs, seconds_to_reload
from alert_refresh.pages.words import describe_moment
from alert_refresh.problems import make_problem
from alert_refresh.run.documents import State
from alert_refresh.timestamps import format_timestamp
from tests.pages.shown import (
    DOCUMENT,
    NOW,
    RUN_URL,
    RUNS_URL,
    THROTTLED,
    WAITING_FOR,
    html_of,
    make_document,
    show,
    text_of,
)
from tests.support.graph_samples import ALERT_ID, RUNNING

OVER = {"state": "succeeded", "nextPollAt": None}
CODED = {"self": "https://app.example/api/runs/1?code=secret", "result": "r", "cancel": "c"}


def ago(**distance: float) -> str:
    return format_timestamp(NOW - timedelta(**distance))


def callback(state: str, **changes: Any) -> dict[str, Any]:
    about = {"host": "h.example", "attempts": 1, "nextAttemptAt": None, "detail": "HTTP 500."}
    return {"callback": {**about, "state": state, **changes}}


@pytest.mark.parametrize(
    ("state", "name"),
    [("polling", "Waiting for the scan"), ("queued", "Queued"), ("timedOut", "Timed out"), ("cancelled", "Cancelled")],
)
def test_the_title_and_the_page_name_the_state(state: State, name: str) -> None:
    html = html_of(state=state)
    assert f"<title>{name}: Stale sign in" in html
    assert text_of(html).startswith(f"PIM alert refresh Stale sign in {name} ")


@pytest.mark.parametrize(
    ("target", "about"),
    [
        ({"alertId": ALERT_ID}, "Stale sign in"),
        ({"operationId": f"refresh:{ALERT_ID}"}, "Stale sign in"),
        ({"operationId": "5c56"}, "Operation 5c56"),
        ({"allAlerts": True}, "All alerts"),
        ({"alertId": "DirectoryRole_t_NoMfaOnRoleActivationAlert"}, "No MFA on role activation"),
        ({"alertId": "DirectoryRole_t_Alert"}, "DirectoryRole_t_Alert"),
        ({"alertId": "5c5670d6-a2c0-a394-ef42-982954856de5"}, "5c5670d6-a2c0-a394-ef42-982954856de5"),
    ],
)
def test_the_heading_names_what_the_run_is_about(target: dict[str, Any], about: str) -> None:
    assert f"<h1>{about}</h1>" in html_of(target=target)


def test_times_are_elements_with_the_distance_beside_them() -> None:
    html = html_of()
    assert '<time datetime="2023-06-09T22:52:40Z">2023-06-09 22:52:40 UTC</time> <small>in 20 s</small>' in html
    assert "Deadline 2023-06-09 23:51:00 UTC in 59 min" in text_of(html)


@pytest.mark.parametrize(
    ("seconds", "distance"),
    [(-0.4, "now"), (-1, "1 s ago"), (119, "in 119 s"), (-180, "3 min ago"), (7200, "in 2 h"), (-200_000, "2 d ago")],
)
def test_a_time_has_its_distance(seconds: float, distance: str) -> None:
    moment = describe_moment(ago(seconds=-seconds), NOW)
    assert moment
    assert moment.distance == distance


def test_the_operation_is_shown_as_last_polled() -> None:
    text = show(operation={**RUNNING, "status": "failed"})
    assert "The operation Status failed Last action 2023-06-09 22:52:09 UTC 11 s ago" in text
    assert "Status Unknown Last action —" in show(operation={"id": "o"})
    assert "The operation" not in show(operation=None)


def test_the_badge_names_what_the_run_waits_for() -> None:
    text = show(state="refreshing", waitingFor=WAITING_FOR)
    assert f"Stale sign in Waiting: {THROTTLED['title']}, since 22:50:10 UTC, 4 tries " in text
    assert "Step Asking for a refresh" in text
    assert THROTTLED["detail"] in text
    text = show(waitingFor={**WAITING_FOR, "since": "2023-06-08T22:50:10Z", "tries": 1})
    assert "since 2023-06-08 22:50:10 UTC, 1 try " in text


def test_a_run_that_goes_on_can_be_kept_from_reloading_and_followed_again() -> None:
    follow = '<a href="https://app.example/api/runs/1?code=secret">Follow the run</a>'
    refreshing = html_of(links=CODED, refreshing=True)
    assert 'href="https://app.example/api/runs/1?code=secret&amp;refresh=off"' in refreshing
    assert follow in html_of(links=CODED)
    assert follow not in html_of(state="succeeded", links=CODED)


def test_the_command_to_cancel_is_shown_without_the_key() -> None:
    command = "curl -X DELETE -H 'x-functions-key: KEY' 'https://app.example/api/runs/1'"
    for state in get_args(State.__value__):
        assert (command in show(state=state, links=CODED)) == (state in ALIVE)


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({}, 21),
        ({"nextPollAt": ago(hours=-1)}, 30),
        ({"nextPollAt": ago(seconds=5)}, 2),
        ({"state": "queued", "nextPollAt": None}, 2),
        (OVER, None),
        (OVER | callback("pending"), 2),
        (OVER | callback("delivering"), 2),
        (OVER | callback("delivering", nextAttemptAt=ago(seconds=-9)), 10),
        (OVER | callback("delivered"), None),
    ],
)
def test_a_page_reloads_when_there_may_be_something_new(changes: dict[str, Any], seconds: int | None) -> None:
    assert seconds_to_reload(make_document(**changes), NOW) == seconds


def test_a_problem_says_what_to_do_and_what_graph_answered() -> None:
    graph = {"status": 403, "code": "Forbidden", "message": None, "requestId": "r-7", "clientRequestId": "c-7"}
    problem = {**make_problem("permission-missing", "Grant RoleManagementAlert.Read.Directory."), "graph": graph}
    text = show(state="failed", problem=problem)
    assert "The app lacks a permission Grant RoleManagementAlert.Read.Directory. What Microsoft Graph answered" in text
    assert "Status 403 Code Forbidden Request ID r-7 Client request ID c-7" in text


def test_a_failed_request_says_what_to_correct() -> None:
    invalid = {**make_problem("invalid-request", "No."), "errors": [{"field": "pageSize", "detail": "must be 1"}]}
    text = text_of(render("problem.html", problem=invalid, runs_url=RUNS_URL))
    assert "The request is not valid pageSize must be 1 All runs" in text
    hub = make_problem("task-hub-unavailable", "Try again.")
    text = text_of(render("problem.html", problem=hub, runs_url=RUNS_URL))
    assert "The durable task hub did not answer Try again." in text


def test_the_callback_is_shown_by_its_host() -> None:
    text = show(**callback("delivering", nextAttemptAt="2023-06-09T22:53:00Z"))
    assert "To h.example State Delivering Attempts 1 Next attempt 2023-06-09 22:53:00 UTC in 40 s HTTP 500." in text
    assert "State Not needed" in show(**callback("notNeeded"))
    assert "Callback" not in show()


def test_the_policy_lets_the_style_in_and_nothing_else() -> None:
    html = html_of()
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in CONTENT_SECURITY_POLICY
    assert "style=" not in html
    for directive in ("default-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert directive in CONTENT_SECURITY_POLICY


def listed(*runs: dict[str, Any], next_link: str | None = None, url: str = RUNS_URL, states: str = "") -> str:
    value = [{**DOCUMENT, **run} for run in runs]
    return render_runs({"value": value, "nextLink": next_link}, url, states, NOW)


def test_a_run_is_a_row_that_leads_to_it_and_names_its_problem() -> None:
    html = listed({}, {"state": "failed", "problem": make_problem("throttled", "Wait.")}, {"waitingFor": WAITING_FOR})
    assert f'<a href="{RUN_URL}">Stale sign in</a>' in html
    assert "Stale sign in Waiting for the scan 2023-06-09 22:51:00 UTC 80 s ago" in text_of(html)
    assert "Failed Microsoft Graph throttles the app 2023" in text_of(html)
    assert "Waiting for the scan Microsoft Graph throttles the app, since 22:50:10 UTC, 4 tries 2023" in text_of(html)


def test_a_run_that_cannot_be_read_has_a_row() -> None:
    unreadable = {"id": "u-1", "state": "unreadable", "links": {"self": f"{RUNS_URL}/u-1"}}
    html = listed({}, {**dict.fromkeys(DOCUMENT), **unreadable})
    assert f'<a href="{RUNS_URL}/u-1">Run u-1</a>' in html
    assert "Run u-1 Unreadable Its result is too large to be read. — — —" in text_of(html)


@pytest.mark.parametrize(("name", "states"), CHOICES.items())
def test_the_current_choice_is_marked(name: str, states: str) -> None:
    html = listed({}, states=states)
    assert f'aria-current="page">{name}</a>' in html
    assert html.count('aria-current="page"') == 1


def test_the_links_of_a_list_hold_the_key_when_the_caller_used_it() -> None:
    coded = f"{RUNS_URL}?code=k"
    html = listed(next_link=f"{coded}&continuationToken=t", url=coded)
    assert f'href="{coded}&amp;state=succeeded"' in html
    assert f'<a href="{coded}&amp;continuationToken=t" rel="next">' in html
    assert "None on this page." in text_of(html)
    assert f'href="{RUNS_URL}?state=succeeded"' in listed()
    assert 'rel="next"' not in listed()
