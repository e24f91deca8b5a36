"""The page of a run, and of a list: the state of a run, what it is about, what it waits for, and what to do."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from html import unescape
from typing import Any, get_args
from uuid import UUID

import pytest

from alert_refresh.pages.run import (
    ALIVE,
    CONTENT_SECURITY_POLICY,
    STATES,
    Site,
    render,
    render_runs,
    repeat,
    seconds_to_reload,
)
from alert_refresh.pages.words import describe_moment
from alert_refresh.problems import make_problem
from alert_refresh.run.documents import State
from alert_refresh.run.state import Target
from alert_refresh.timestamps import format_timestamp
from tests.pages.shown import (
    DOCUMENT,
    NOW,
    RUN,
    RUN_URL,
    RUNS_URL,
    SITE,
    THROTTLED,
    WAITING_FOR,
    html_of,
    make_document,
    make_result,
    show,
    text_of,
)
from tests.support.graph_samples import ALERT_ID, REFRESH, REFRESH_ALL, RUN_ID, RUNNING, WATCH

OVER: dict[str, Any] = {"state": "succeeded", "nextPollAt": None}
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
    assert text_of(html).startswith(f"PIM alert refresh Alerts Runs Doctor Stale sign in {name} ")


@pytest.mark.parametrize(
    ("target", "about"),
    [
        ({"alertId": ALERT_ID}, "Stale sign in"),
        ({"operationId": f"refresh:{ALERT_ID}"}, "Stale sign in"),
        ({"operationId": "5c56"}, "Operation 5c56"),
        ({"allAlerts": True}, "All alerts"),
        ({"alertId": "StaleSignInAlert"}, "Stale sign in"),
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
    reloading = html_of(links=CODED, reloading=True)
    assert 'href="https://app.example/api/runs/1?code=secret&amp;refresh=off"' in reloading
    assert follow in html_of(links=CODED)
    assert follow not in html_of(state="succeeded", links=CODED)


def forms_of(html: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the forms of a page: the text of the button → the URL, and the fields without the key."""
    forms = {}
    for action, content in re.findall(r'<form method="post" action="([^"]*)">(.*?)</form>', html, re.DOTALL):
        pairs = re.findall('<input type="hidden" name="([^"]*)" value="([^"]*)">', content)
        fields = {name: unescape(value) for name, value in pairs if name != "idempotencyKey"}
        assert len(pairs) - len(fields) == (1 if fields else 0)
        forms[text_of(f"</head>{content}")] = (unescape(action), fields)
    return forms


def test_a_run_that_goes_on_can_be_cancelled_and_one_that_is_over_repeated() -> None:
    for state in get_args(State.__value__):
        forms = forms_of(html_of(state=state, links=CODED))
        assert forms.keys() == ({"Cancel the run"} if state in ALIVE else {"Refresh this alert", "Start again"})
    assert forms_of(html_of(links=CODED))["Cancel the run"] == ("https://app.example/api/runs/1/cancel?code=secret", {})


def test_the_forms_ask_for_what_a_page_shows_and_for_what_the_run_asked() -> None:
    wish = replace(RUN.wish, target=REFRESH, select=("id", "isActive"), changes_for="me")
    forms = forms_of(html_of(wish=wish, changesFor="me", site=SITE._replace(runs_url="r?code=k"), **OVER))
    assert forms["Refresh this alert"] == (
        "r?code=k",
        {"alertId": ALERT_ID, "expand": "alertDefinition,alertIncidents"},
    )
    again = {"alertId": ALERT_ID, "select": "id,isActive", "changesFor": "me", "timeoutSeconds": "3600"}
    assert forms["Start again"] == ("r?code=k", again)


def test_each_form_has_a_key_of_its_own() -> None:
    keys = re.findall('name="idempotencyKey" value="([^"]*)"', html_of(**OVER) + html_of(**OVER))
    assert len({str(UUID(key)) for key in keys}) == 4


def test_a_run_is_repeated_without_its_callback_and_leaves_the_changes_to_that() -> None:
    assert repeat(replace(RUN.wish, target=REFRESH_ALL)) == {"allAlerts": "true", "timeoutSeconds": "3600"}
    noon = replace(RUN.wish, target=WATCH, not_before=NOW, expand=("alertIncidents",))
    assert repeat(noon) == {
        "operationId": WATCH.id,
        "expand": "alertIncidents",
        "notBefore": "2023-06-09T22:52:20+00:00",
        "timeoutSeconds": "3600",
    }
    posting = replace(RUN.wish, callback_url="https://h.example/?sig=s3cret", changes_for="me")
    html = html_of(wish=posting, changesFor="me", **OVER)
    assert "changesFor" not in repeat(posting)
    assert "s3cret" not in html
    for words in ("It posts to no callback", "a secret", "does not compare for me"):
        assert words in text_of(html)
    assert "callback" not in text_of(html_of(**OVER)).lower()


@pytest.mark.parametrize(
    ("target", "forms"), [(REFRESH, set()), (REFRESH_ALL, set()), (WATCH, {"Start again"})], ids=str
)
def test_a_button_that_cannot_work_is_not_there_and_the_page_says_why(target: Target, forms: set[str]) -> None:
    site = SITE._replace(refresh_enabled=False)
    html = html_of(wish=replace(RUN.wish, target=target), target=target.dump(), site=site, **OVER)
    assert forms_of(html).keys() == forms
    assert "This app does not refresh alerts: its setting REFRESH_ENABLED is not true." in text_of(html)
    assert "Cancel the run" in forms_of(html_of(site=site))


def test_a_callback_that_is_still_tried_can_be_stopped() -> None:
    for state in ("pending", "delivering", "delivered", "failed", "notNeeded"):
        forms = forms_of(html_of(**OVER, **callback(state)))
        assert ("Stop the callback" in forms) == (state in {"pending", "delivering"})


def test_who_started_and_cancelled_a_run_is_named_when_the_app_knows() -> None:
    people: dict[str, Any] = {"startedBy": "adele@contoso.com", "cancelledBy": "alex@contoso.com"}
    assert "Started by adele@contoso.com Cancelled by alex@contoso.com Polls" in show(**people)
    assert "Refresh, at most 60 min by adele@contoso.com Waiting" in text_of(listed(people))
    assert "Started by" not in show()


@pytest.mark.parametrize(
    ("state", "note"),
    [
        ("queued", "The run has not begun."),
        ("refreshing", "asks Microsoft Graph to scan"),
        ("polling", "Privileged Identity Management scans. That takes minutes. Next request to Microsoft Graph: 2023"),
        ("fetching", "the run waits until the alert shows it"),
    ],
)
def test_a_run_that_goes_on_says_what_it_waits_for(state: str, note: str) -> None:
    text = show(state=state)
    assert note in text
    assert "The run ends at the latest 2023-06-09 23:51:00 UTC in 59 min ." in text


def test_what_only_a_developer_reads_is_folded() -> None:
    html = html_of(make_result(), **OVER, **callback("failed"))
    shown, folded = html.partition("<details>\n<summary>How the run went")[::2]
    for words in ("Polls", "Deadline", "The operation", "Attempts", RUN_ID, "The result as JSON"):
        assert words not in text_of(shown)
        assert words in text_of(f"</head>{folded}")
    assert "Callback to h.example: failed." in text_of(shown)


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
    text = text_of(render("problem.html", SITE, problem=invalid))
    assert "The request is not valid pageSize must be 1 All runs" in text
    hub = make_problem("task-hub-unavailable", "Try again.")
    text = text_of(render("problem.html", SITE, problem=hub))
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


def listed(*runs: dict[str, Any], next_link: str | None = None, site: Site = SITE, **query: str) -> str:
    value = [{**DOCUMENT, **run} for run in runs]
    return render_runs({"value": value, "nextLink": next_link}, site, query)


def test_a_run_is_a_row_that_leads_to_it_and_names_its_problem() -> None:
    html = listed({}, {"state": "failed", "problem": make_problem("throttled", "Wait.")}, {"waitingFor": WAITING_FOR})
    assert f'<a href="{RUN_URL}">Stale sign in</a>' in html
    asked = "Refresh, at most 60 min"
    assert f"Stale sign in {asked} Waiting for the scan 2023-06-09 22:51:00 UTC 80 s ago" in text_of(html)
    assert "Failed Microsoft Graph throttles the app 2023" in text_of(html)
    assert "Waiting for the scan Microsoft Graph throttles the app, since 22:50:10 UTC, 4 tries 2023" in text_of(html)


def test_a_run_that_cannot_be_read_has_a_row() -> None:
    unreadable = {"id": "u-1", "state": "unreadable", "links": {"self": f"{RUNS_URL}/u-1"}}
    html = listed({}, {**dict.fromkeys(DOCUMENT), **unreadable})
    assert f'<a href="{RUNS_URL}/u-1">Run u-1</a>' in html
    assert "Run u-1 — Unreadable Its result is too large to be read. — —" in text_of(html)


def test_a_row_says_what_the_run_was_asked() -> None:
    watch = {"target": {"operationId": "o"}, "changesFor": "me", "deadline": "2023-06-09T22:52:00.000Z"}
    assert "Operation o Watch, changes for me, at most 60 s" in text_of(listed(watch))


def find_current(html: str) -> list[str]:
    return re.findall('aria-current="page">([^<]*)</a>', html)


@pytest.mark.parametrize(("name", "states"), STATES.items())
@pytest.mark.parametrize(
    ("alert", "shown"),
    [
        ("", "All"),
        ("StaleSignInAlert", "Stale sign in"),
        (ALERT_ID.lower(), "Stale sign in"),
        ("DirectoryRole_t_NewAlert", "New"),
        ("5c56", "5c56"),
    ],
)
def test_the_current_choices_are_marked(name: str, states: str, alert: str, shown: str) -> None:
    assert find_current(listed({}, state=states, alertId=alert)) == [name, shown]


def test_a_choice_keeps_the_other_one() -> None:
    html = listed(site=SITE._replace(runs_url="r?code=k"), state="failed,timedOut", alertId=ALERT_ID)
    assert '<a href="r?code=k&amp;alertId=StaleSignInAlert">All</a>' in html
    assert '<a href="r?code=k&amp;state=succeeded&amp;alertId=StaleSignInAlert">Succeeded</a>' in html
    assert '<a href="r?code=k&amp;state=failed%2CtimedOut&amp;alertId=RedundantAssignmentAlert">' in html
    assert '<a href="r?code=k&amp;state=failed%2CtimedOut">All</a>' in html


def test_a_list_has_a_button_to_refresh_all_unless_refreshing_is_off() -> None:
    fields = {"allAlerts": "true", "expand": "alertDefinition,alertIncidents"}
    assert forms_of(listed()) == {"Refresh all": (RUNS_URL, fields)}
    off = listed(site=SITE._replace(refresh_enabled=False))
    assert forms_of(off) == {}
    assert "This app does not refresh alerts" in text_of(off)


def test_the_links_of_a_list_hold_the_key_when_the_caller_used_it() -> None:
    coded = f"{RUNS_URL}?code=k"
    html = listed(next_link=f"{coded}&continuationToken=t", site=SITE._replace(runs_url=coded))
    assert f'href="{coded}&amp;state=succeeded"' in html
    assert f'<a href="{coded}&amp;continuationToken=t" rel="next">' in html
    assert "None on this page." in text_of(html)
    assert f'href="{RUNS_URL}?state=succeeded"' in listed()
    assert 'rel="next"' not in listed()
