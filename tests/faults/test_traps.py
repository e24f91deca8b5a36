"""The traps of Graph's alerts and their operations, each under its name: what a run makes of it, by its own activities.

Where Microsoft documents the trap, the page is named; the others were met in samples and by other callers.
https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta
https://learn.microsoft.com/graph/api/unifiedrolemanagementalert-refresh?view=graph-rest-beta
https://learn.microsoft.com/graph/how-to-pim-alerts
"""

import json
from datetime import timedelta
from typing import Any

import pytest

from alert_refresh.graph.tokens import AUTHORITIES
from alert_refresh.settings import read_settings
from alert_refresh.timestamps import parse_timestamp
from tests.faults.answers import (
    ACCEPTED,
    CHALLENGED,
    COLLECTION_URL,
    DONE,
    NOT_FOUND,
    PREVIOUS,
    RUNS,
    SCANNED,
    SUCCEEDED,
    accepted,
    alert,
    busy,
    listed,
    operation,
    refused,
    said,
    wrapped,
)
from tests.faults.conftest import Play
from tests.faults.scenario import Scenario, World, scenario
from tests.support.graph_samples import ALERT_URL, GRAPH, OPERATION_ID, OPERATION_URL
from tests.support.scripted_answer import Answer
from tests.support.virtual_app import ELSEWHERE, VirtualApp
from tests.support.virtual_time import START

EXPANDED = {"expand": ("alertIncidents",)}
FILTER = "$filter=scopeId%20eq%20'/'%20and%20scopeType%20eq%20'DirectoryRole'"


def routes(app: VirtualApp) -> list[str]:
    return [call.route for call in app.calls]


def kind(app: VirtualApp) -> str:
    """Return the last word of the problem's type."""
    assert app.problem is not None, app.result
    return app.problem["type"].rpartition(":")[2]


def detail(app: VirtualApp) -> str:
    assert app.problem is not None, app.result
    return app.problem["detail"]


def refreshes(**told: Any) -> Scenario:
    """Return the scenario of a run that refreshes the alert, in which nothing is wrong but what is `told`."""
    return scenario(**{"refresh": [ACCEPTED], "poll": [DONE], **told})


def watches(**told: Any) -> Scenario:
    """Return the scenario of a run that watches an operation, likewise."""
    return scenario(**{"poll": [DONE], **told})


def test_the_operation_id_is_reused_and_shows_the_end_of_the_previous_scan(play: Play) -> None:
    """A poll just after the POST can show the last scan's `succeeded`, under the very same id."""
    app = play(refreshes(poll=[said(PREVIOUS), RUNS, DONE]))

    assert app.result["operation"]["createdDateTime"] == SUCCEEDED["createdDateTime"]
    assert app.result["fresh"] is True
    assert routes(app) == ["refresh", "poll", "poll", "poll", "fetch"]


def test_a_refresh_wakes_dismissed_alerts_and_so_nothing_refreshes_unasked(play: Play) -> None:
    """When the scan succeeds, what an admin has dismissed is active again: a watching run sends no POST."""
    app = play(watches(poll=[RUNS, busy(), DONE]))

    assert {call.method for call in app.calls} == {"GET"}
    assert read_settings({}).refresh_enabled is False


@pytest.mark.parametrize("location", ["", None, ALERT_URL])
def test_resource_location_is_empty_until_success_and_may_stay_empty(play: Play, location: str | None) -> None:
    """It is `""` while the scan runs; and a success need not fill it: the run knows its alert by the id."""
    app = play(refreshes(poll=[operation(status="running", resourceLocation=""), operation(resourceLocation=location)]))

    assert app.result["alert"] == SCANNED
    assert app.calls[-1].target.partition("?")[0] == ALERT_URL.removeprefix(GRAPH)


def test_a_resource_location_that_is_the_collection_needs_the_filter(play: Play) -> None:
    """A plain GET of all alerts is a 400: the scope must be filtered for."""
    app = play(watches(poll=[operation(resourceLocation=COLLECTION_URL)], list=[listed(SCANNED)]))

    assert app.result["alerts"] == [SCANNED]
    assert FILTER in app.calls[-1].target.partition("?")[2].split("&")


def test_the_status_is_an_open_enum(play: Play) -> None:
    """`skipped` is documented and in no enum, `unknownFutureValue` hides newer words: neither is a success."""
    skipped = play(watches(poll=[operation(status="skipped")]))
    hidden = play(watches(seconds=120, poll=[operation(status="unknownFutureValue")]))
    later = play(watches(poll=[operation(status="validating"), operation(status="SUCCEEDED")]))

    assert (skipped.state, kind(skipped)) == ("failed", "operation-skipped")
    assert (hidden.state, "status that is not known" in detail(hidden)) == ("timedOut", True)
    assert later.state == "succeeded"
    assert {call.headers["prefer"] for call in later.calls} == {"include-unknown-enum-members"}


@pytest.mark.parametrize(
    "operation_id",
    [OPERATION_ID, "5c5670d6-a2c0-a394-ef42-882954856de5", "7d6771e9-e1d0-a344-fg41-882954856ed7", "a:b_c"],
)
def test_an_operation_id_has_no_form_to_rely_on(play: Play, operation_id: str) -> None:
    """The pages disagree on it: prefix, GUID, or neither. It is taken as it comes, its `:` bare however it came."""
    location = OPERATION_URL.replace(OPERATION_ID, operation_id)
    bare, quoted = (
        play(refreshes(refresh=[accepted(url)]))
        for url in (location, location.replace(":", "%3A").replace("https%3A", "https:"))
    )

    for app in (bare, quoted):
        assert app.calls[1].target == location.removeprefix(GRAPH)
        assert app.state == "succeeded"


@pytest.mark.parametrize("fraction", ["", ".2", ".21", ".4000290"])
def test_times_have_any_number_of_digits(play: Play, fraction: str) -> None:
    """.NET trims zeros: none to seven digits come, and are handed on as they came."""
    moment = f"2026-01-31T12:15:08{fraction}Z"
    app = play(refreshes(poll=[operation(lastActionDateTime=moment)], fetch=[alert(lastScannedDateTime=moment)]))

    assert (app.result["fresh"], app.result["scannedAt"]) == (True, moment)
    assert app.result["operation"]["lastActionDateTime"] == moment


def test_the_year_1_means_never(play: Play) -> None:
    """`0001-01-01T08:00:00Z` stands for "never", and no arithmetic may trip over it."""
    never = "0001-01-01T08:00:00Z"
    silent = play(watches(poll=[RUNS, DONE], fetch=[alert(lastModifiedDateTime=never)]))
    unscanned = play(watches(poll=[operation(createdDateTime=never)], fetch=[alert(lastScannedDateTime=never)]))
    western = play(watches(fetch=[alert(lastScannedDateTime="0001-01-01T00:00:00+14:00")]))

    assert (silent.result["fresh"], silent.result["alert"]["lastModifiedDateTime"]) == (True, never)
    assert (unscanned.state, unscanned.result["scannedAt"]) == ("succeeded", never)
    assert (western.state, western.result["fresh"]) == ("succeeded", None)


def test_a_time_that_is_given_back_equals_itself(play: Play) -> None:
    """Seven digits do not fit Python's six: what a result showed, taken as `notBefore`, is still not before it."""
    moment = SUCCEEDED["lastActionDateTime"]
    assert moment.endswith(".0296021Z")
    app = play(watches(asked={"not_before": parse_timestamp(moment)}, fetch=[alert(lastScannedDateTime=moment)]))

    assert (routes(app), app.result["fresh"]) == (["poll", "fetch"], True)


def test_retry_after_comes_on_a_success_too_is_long_or_is_missing(play: Play) -> None:
    """On a 200 it is a lower bound all the same; minutes are honoured; a 429 without it is backed off from."""
    asked = Answer(200, RUNS.body, {"Retry-After": "400"}, wait=400)
    app = play(watches(poll=[asked, busy("315", 315), busy(), DONE]))

    waits = [later.at - earlier.at for earlier, later in zip(app.calls, app.calls[1:], strict=False)]
    assert waits[0] >= timedelta(seconds=400)
    assert waits[1] >= timedelta(seconds=315)
    assert waits[2] > timedelta(0)
    assert app.state == "succeeded"


def test_pim_hides_the_true_code_in_a_json_string(play: Play) -> None:
    """`UnknownError` holds a JSON document in its message: its code and its words are what the user gets."""
    app = play(refreshes(refresh=[wrapped(403, "PermissionScopeNotGranted", "Missing scope X.")]))

    assert kind(app) == "permission-missing"
    assert app.problem is not None
    assert (app.problem["graph"]["code"], app.problem["graph"]["message"]) == (
        "PermissionScopeNotGranted",
        "Missing scope X.",
    )
    assert "{" not in detail(app)


def test_a_permission_that_was_just_granted_takes_up_to_a_day(play: Play) -> None:
    """A managed identity keeps its old token, so that the 403 goes on: the problem says so."""
    app = play(watches(poll=[refused(403, "Forbidden", "Insufficient privileges.")]))

    assert (kind(app), "up to a day" in detail(app)) == ("permission-missing", True)


def test_a_claims_challenge_may_be_met_with_the_same_token(play: Play) -> None:
    """On Functions the new token can be the refused one: one more try a poll, and the run ends after five."""
    app = play(watches(poll=[CHALLENGED]))

    assert kind(app) == "token-refused"
    assert (routes(app), len(app.identity.requests)) == (["poll", "poll"] * 5, 6)


def test_what_graph_names_may_lie_elsewhere(play: Play) -> None:
    """`resourceLocation`, `Location` and redirects are server data, and a token would follow them."""
    there = play(watches(poll=[operation(resourceLocation=ALERT_URL.replace(GRAPH, ELSEWHERE))]))
    begun = play(refreshes(refresh=[accepted(OPERATION_URL.replace(GRAPH, ELSEWHERE))]))
    led_astray = play(watches(poll=[Answer(307, headers={"Location": f"{ELSEWHERE}/operations/x"})]))

    assert (kind(there), routes(there)) == ("url-untrusted", ["poll"])
    assert (kind(begun), routes(begun)) == ("url-untrusted", ["refresh"])
    assert (kind(led_astray), routes(led_astray)) == ("request-refused", ["poll"])
    assert [app.elsewhere.calls for app in (there, begun, led_astray)] == [[], [], []]


def test_minutes_of_waiting_are_nobody_s_sleep_and_server_time_tells_what_is_fresh(play: Play) -> None:
    """An activity asks once and returns, whatever comes; and Graph's clock, an hour off, decides about the scan."""
    scanned = {"lastScannedDateTime": "2026-01-31T13:05:08Z"}
    polls = [
        operation(createdDateTime="2026-01-31T12:40:01Z", lastActionDateTime="2026-01-31T12:59:00Z"),
        refused(503),
        operation(createdDateTime="2026-01-31T13:00:01Z", lastActionDateTime="2026-01-31T13:05:09Z"),
    ]
    ahead = World(skew=timedelta(hours=1))
    app = play(refreshes(world=ahead, poll=polls, fetch=[alert(**scanned)]))

    assert [(at, name) for at, name, _ in app.time.calls] == [
        (call.at, {"refresh": "refresh_alert", "poll": "get_operation", "fetch": "fetch_alert"}[call.route])
        for call in app.calls
    ]
    assert (app.time.now > START, app.result["fresh"]) == (True, True)
    assert app.result["operation"]["createdDateTime"] == "2026-01-31T13:00:01Z"


def test_the_list_of_alerts_is_open_and_incidents_differ_by_alert(play: Play) -> None:
    """An eighth alert may come, incidents without a role or without a user principal name exist: all pass as sent."""
    eighth = ALERT_URL.replace("StaleSignInAlert", "AnEighthAlert")
    incident = {"@odata.type": "#microsoft.graph.anEighthAlertIncident", "id": "i", "assigneeUserPrincipalName": None}
    sent = {**SCANNED, "id": eighth.rpartition("/")[2], "incidentCount": 1, "alertIncidents": [incident]}
    app = play(watches(asked=EXPANDED, poll=[operation(resourceLocation=eighth)], fetch=[said(sent)]))

    assert app.result["alert"] == sent


def test_incidents_name_people_and_can_be_large(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    """What does not fit stays out of the durable history, with a link to it; and no person is in the log."""
    people = [{"id": str(n), "assigneeUserPrincipalName": f"anna{n}@contoso.example"} for n in range(50)]
    sent = alert(incidentCount=50, alertIncidents=people)
    few, all_of_them = (
        play(watches(asked={**EXPANDED, "incidents_limit": limit}, fetch=[sent])) for limit in (700, 100_000)
    )

    [cut] = few.result["incidentsCut"]
    kept = len(few.result["alert"]["alertIncidents"])
    assert (cut["returned"], cut["count"], cut["url"]) == (kept, 50, f"{ALERT_URL}/alertIncidents")
    assert 0 < kept < 50
    assert not any(b"anna49@" in request.SerializeToString() for request, _ in few.time.steps)
    assert all_of_them.result["alert"]["alertIncidents"] == people
    assert "anna" not in caplog.text


def test_keys_come_unannounced(play: Play) -> None:
    """`@microsoft.graph.tips`, `@odata.*` and what is new tomorrow pass through, texts with holes and HTML as well."""
    more = {"@microsoft.graph.tips": "Use $select.", "@odata.etag": 'W/"1"', "newToday": {"a": [1, None]}}
    definition = {"description": "Unused for {0} days.", "howToPrevent": '<a href="https://x">this</a> · that'}
    app = play(watches(poll=[operation(**more)], fetch=[alert(**more, alertDefinition=definition)]))

    assert app.result["operation"] == {**SUCCEEDED, **more}
    assert app.result["alert"] == {**SCANNED, **more, "alertDefinition": definition}


@pytest.mark.parametrize("others", [{}, {"statusDetail": None, "resourceLocation": None}], ids=["absent", "null"])
def test_operations_of_other_areas_have_fewer_keys(play: Play, others: dict[str, None]) -> None:
    """The type is shared: keys may be absent or null, and a run that refreshed does not need them."""
    times = {name: SUCCEEDED[name] for name in ("createdDateTime", "lastActionDateTime")}
    app = play(
        refreshes(
            poll=[
                said({"id": "x", "status": "running", **others}),
                said({"id": "x", "status": "succeeded", **times, **others}),
            ]
        )
    )

    assert (app.state, app.result["alert"]) == ("succeeded", SCANNED)


@pytest.mark.parametrize(
    ("script", "permission"),
    [
        ({"refresh": [ACCEPTED], "poll": [refused(403)]}, "RoleManagementAlert.Read.Directory"),
        ({"refresh": [refused(403)]}, "RoleManagementAlert.ReadWrite.Directory"),
    ],
    ids=["poll", "refresh"],
)
def test_watching_needs_less_than_refreshing(play: Play, script: Any, permission: str) -> None:
    """ReadWrite can also remove role assignments: it is named only where nothing less will do."""
    app = play(refreshes(**script))

    assert app.problem
    assert app.problem.get("cause", app.problem["type"]).endswith(":permission-missing")
    assert permission in detail(app)


def test_a_token_of_one_cloud_is_worth_nothing_in_another(play: Play) -> None:
    """Host, scope and authority hang on one setting; and a refused token hints at it."""
    app = play(watches(poll=[refused(401)]))
    gov = read_settings({"GRAPH_BASE_URL": "https://graph.microsoft.us"})

    assert all(word in detail(app) for word in ("GRAPH_BASE_URL", "GRAPH_SCOPE"))
    assert all(f"resource={app.graph.base_url}&" in f"{request.target}&" for request in app.identity.requests)
    assert (gov.graph_scope, AUTHORITIES[gov.graph_base_url]) == (
        "https://graph.microsoft.us/.default",
        "https://login.microsoftonline.us",
    )


def test_a_404_may_mean_not_yet(play: Play) -> None:
    """Or expired, or the wrong tenant: it is waited out for three minutes, and only by the run that made the POST."""
    own, watched = play(refreshes(poll=[NOT_FOUND, DONE])), play(watches(poll=[NOT_FOUND, DONE]))

    assert own.state == "succeeded"
    assert (routes(watched), kind(watched)) == (["poll"], "operation-not-found")
    assert all(word in detail(watched) for word in ("tenant", "cloud", "forgotten"))


@pytest.mark.parametrize("status", [404, 410])
def test_an_operation_is_not_kept_for_good(play: Play, status: int) -> None:
    """Nothing promises how long: a run ends at once, and says how the alert can be had instead."""
    app = play(watches(poll=[RUNS, refused(status)]))

    assert (routes(app), kind(app)) == (["poll", "poll"], "operation-not-found")
    assert "refresh the alert" in detail(app)


def test_operations_and_alerts_come_bare(play: Play) -> None:
    """Old pages wrap them into `value`. A wrapped success is none, and the result wraps nothing."""
    wrapped_up = play(watches(seconds=120, poll=[said({"value": SUCCEEDED})]))
    app = play(watches())

    assert (wrapped_up.state, "names no status" in detail(wrapped_up)) == ("timedOut", True)
    assert (app.result["operation"], app.result["alert"]) == (SUCCEEDED, SCANNED)


def test_the_alerts_are_in_beta_only(play: Play) -> None:
    """Public snippets call v1.0, where the type is not: nothing is asked there, whatever leads there."""
    app = play(watches(poll=[RUNS, operation(resourceLocation=ALERT_URL.replace("/beta/", "/v1.0/"))]))

    assert kind(app) == "url-untrusted"
    assert all(call.target.startswith("/beta/identityGovernance/roleManagementAlerts/") for call in app.calls)


def test_the_count_of_incidents_may_differ_from_the_list(play: Play) -> None:
    """Paging and dismissal make them differ: the rest is fetched, and the count stays."""
    expanded = {"incidentCount": 5, "alertIncidents": [{"id": "1"}]}
    app = play(
        watches(asked=EXPANDED, fetch=[alert(**expanded)], incidents=[listed(*({"id": str(n)} for n in range(3)))])
    )

    assert (app.result["alert"]["incidentCount"], app.result["incidentsCut"]) == (5, [])
    assert [incident["id"] for incident in app.result["alert"]["alertIncidents"]] == ["0", "1", "2"]


def test_a_post_without_a_body_still_names_its_type(play: Play) -> None:
    """The page demands Content-Type, and a POST of no length at all may be a 411."""
    one = play(refreshes()).calls[0]
    every = play(refreshes(list=[listed(SCANNED)])).calls[0]

    assert (one.target, one.body) == (f"{ALERT_URL.removeprefix(GRAPH)}/refresh", b"")
    assert (one.headers["content-type"], one.headers["content-length"]) == ("application/json", "0")
    assert json.loads(every.body) == {"scopeId": "/", "scopeType": "DirectoryRole"}
    assert every.headers["content-type"] == "application/json"
