"""The fault matrix: one table of what can go wrong between a run and Graph, and what the user gets of it.

`calls` names the routes in the order in which Graph was asked. A script is told in answers and never in times, so that
no row depends on how often the app polls.
"""

from datetime import timedelta

from emulator.faults import Fault
from tests.faults.answers import (
    ACCEPTED,
    ALERT_SCANNED,
    CHALLENGED,
    COLLECTION_URL,
    DONE,
    HTML,
    NOT_FOUND,
    PREVIOUS,
    RUNS,
    SCANNED,
    SUCCEEDED,
    UNAUTHORIZED,
    UNSCANNED,
    accepted,
    alert,
    busy,
    listed,
    operation,
    refused,
    said,
    wrapped,
)
from tests.faults.row import FRESH, UNKNOWN, Row, failed, row, succeeded, timed_out
from tests.faults.scenario import World
from tests.support.graph_samples import ALERT_ID, ALERT_URL, GRAPH, OPERATION_ID, OPERATION_URL
from tests.support.scripted_answer import Answer
from tests.support.virtual_app import ELSEWHERE
from tests.support.virtual_time import START

LICENSE = "The tenant needs an AAD Premium 2 license."
SCOPE_MISSING = wrapped(403, "PermissionScopeNotGranted", "Authorization failed due to missing permission scope X.")
EXPANDED = {"expand": ("alertIncidents",)}
HOUR = timedelta(hours=1)
AHEAD, BEHIND = World(skew=HOUR), World(skew=-HOUR)
IMPATIENT = World(patience=0.5)
FOREIGN_ALERT = ALERT_URL.replace(GRAPH, ELSEWHERE)
FOREIGN_OPERATION = OPERATION_URL.replace(GRAPH, ELSEWHERE)
OPERATION_OF_20_MIB = operation(statusDetail="x" * (20 * 2**20))
ALERT_OF_20_MIB = alert(alertIncidents=["x" * (20 * 2**20)])
PAGE = f"{ALERT_URL}/alertIncidents?a=1"
REDIRECT = Answer(302, headers={"Location": f"{ELSEWHERE}/beta/here"})
RETRY_AFTER = {
    None: 0.0,
    "0": 0.0,
    "1": 1.0,
    "0.249": 0.249,
    "315": 315.0,
    "Sat, 31 Jan 2026 12:07:00 GMT": 420.0,
    "Fri, 30 Jan 2026 12:00:00 GMT": 0.0,
    "soon": 0.0,
}
"""Retry-After on an answer of 12:00, and the seconds it comes to."""


def at(time: str, fraction: str = "") -> str:
    return f"2026-01-31T{time}{fraction}Z"


def scan_at(hour: int) -> list[Answer]:
    """Return the polls at a scan in that hour of Graph's clock, of which the first shows the previous one."""
    previous = operation(createdDateTime=at(f"{hour - 1}:40:01"), lastActionDateTime=at(f"{hour - 1}:59:09"))
    return [previous, operation(createdDateTime=at(f"{hour}:00:01"), lastActionDateTime=at(f"{hour}:05:09"))]


ROWS: list[Row] = [
    row("nothing, of an operation that is watched", FRESH, "poll poll fetch", poll=[RUNS, DONE]),
    row("nothing, of a refresh", FRESH, "refresh poll poll fetch", refresh=[ACCEPTED], poll=[RUNS, DONE]),
    row(
        "nothing, of a refresh of all",
        succeeded(fresh=True, alerts=[SCANNED]),
        "refresh poll list",
        refresh=[ACCEPTED],
        poll=[DONE],
        list=[listed(SCANNED)],
    ),
    # 401: one fresh token, and no more.
    row("401 once on a poll", FRESH, "poll poll poll fetch", poll=[UNAUTHORIZED, RUNS, DONE]),
    row("401 once on each poll", FRESH, "poll poll poll poll fetch", poll=[UNAUTHORIZED, RUNS, UNAUTHORIZED, DONE]),
    row("401 once on the alert", UNKNOWN, "poll fetch fetch", poll=[DONE], fetch=[UNAUTHORIZED, ALERT_SCANNED]),
    row("401 once on a refresh", FRESH, "refresh refresh poll fetch", refresh=[UNAUTHORIZED, ACCEPTED], poll=[DONE]),
    row("401 for good on a poll", failed("token-refused", "GRAPH_BASE_URL"), "poll( poll){9}", poll=[UNAUTHORIZED]),
    row("401 for good on a refresh", failed("token-refused"), "refresh( refresh){9}", refresh=[UNAUTHORIZED]),
    row("401 with claims once", UNKNOWN, "poll poll fetch", poll=[CHALLENGED, DONE]),
    row("401 with claims for good", failed("token-refused", "new token"), "poll( poll){9}", poll=[CHALLENGED]),
    row("401 and then 403", failed("permission-missing"), "poll poll( poll){4}", poll=[UNAUTHORIZED, refused(403)]),
    # 403 and 400: what an admin must put right.
    row(
        "403 on a poll",
        failed("permission-missing", "Alert.Read.Directory", "a day"),
        "poll( poll){4}",
        poll=[refused(403)],
    ),
    row(
        "403 on the alert for good",
        timed_out("HTTP 403", "Read"),
        "poll fetch( fetch)+",
        seconds=300,
        poll=[DONE],
        fetch=[refused(403)],
    ),
    row("403 on the alert once", UNKNOWN, "poll fetch fetch", poll=[DONE], fetch=[refused(403), ALERT_SCANNED]),
    row(
        "403 in a JSON string on a refresh",
        failed("permission-missing", "PermissionScopeNotGranted", "missing permission scope X", "ReadWrite"),
        "refresh( refresh){4}",
        refresh=[SCOPE_MISSING],
    ),
    row("403 of a licence", failed("license-missing", "P2"), "poll", poll=[refused(403, "AadPremiumLicenseRequired")]),
    row("400 of a licence", failed("license-missing", "P2"), "refresh", refresh=[wrapped(400, "", LICENSE)]),
    *(
        row(f"{status} of a tenant without a licence", failed("license-missing", "P2"), "poll( poll)?", poll=[answer])
        for status, answer in {
            401: refused(401, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"),
            403: refused(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"),
            400: refused(400, "PimLicenseRequired"),
        }.items()
    ),
    row(
        "an error as OAuth words it",
        failed("request-refused", "AADSTS70011"),
        "poll",
        poll=[Answer(400, b'{"error": "invalid_request", "error_description": "AADSTS70011: wrong scope."}')],
    ),
    row("400 on a poll", failed("request-refused", "HTTP 400", "Report it"), "poll", poll=[refused(400)]),
    row("400 on a refresh", failed("request-refused", "enable it"), "refresh", refresh=[refused(400)]),
    # 404 and 410.
    row("404 at first after a refresh", FRESH, "refresh poll poll fetch", refresh=[ACCEPTED], poll=[NOT_FOUND, DONE]),
    row(
        "404 for good after a refresh",
        failed("operation-not-found", "The id is wrong"),
        "refresh poll( poll)*",
        refresh=[ACCEPTED],
        poll=[NOT_FOUND],
    ),
    row("404 on a watched operation", failed("operation-not-found", "tenant or cloud"), "poll", poll=[NOT_FOUND]),
    row("404 on a refresh", failed("alert-not-found", "<tenant id>"), "refresh", refresh=[NOT_FOUND]),
    row("404 on the alert", failed("alert-not-found"), "poll fetch", poll=[DONE], fetch=[NOT_FOUND]),
    row("410 on a poll", failed("operation-not-found", "has forgotten"), "poll", poll=[refused(410)]),
    row("410 on the alert", failed("alert-not-found"), "poll fetch", poll=[DONE], fetch=[refused(410)]),
    # 409: no quarrel about a poll, and a turn to be waited for of a refresh.
    row("409 on a poll", failed("request-refused", "HTTP 409"), "poll", poll=[refused(409)]),
    row("409 once on a refresh", FRESH, "refresh refresh poll fetch", refresh=[refused(409), ACCEPTED], poll=[DONE]),
    row(
        "409 for good on a refresh",
        timed_out("HTTP 409", "other refresh"),
        "refresh( refresh)+",
        seconds=120,
        refresh=[refused(409)],
    ),
    # 429, with every Retry-After there is.
    *(
        row(f"429 on a poll, Retry-After {text}", UNKNOWN, "poll poll fetch", poll=[busy(text, wait), DONE])
        for text, wait in RETRY_AFTER.items()
    ),
    *(
        row(
            f"429 on a refresh, Retry-After {text}",
            FRESH,
            "refresh refresh poll fetch",
            refresh=[busy(text, wait), ACCEPTED],
            poll=[DONE],
        )
        for text, wait in RETRY_AFTER.items()
    ),
    row("429 on the alert", UNKNOWN, "poll fetch fetch", poll=[DONE], fetch=[busy("315", 315), ALERT_SCANNED]),
    row("429 for good", timed_out("HTTP 429", "fewer runs"), "poll( poll)+", seconds=120, poll=[busy()]),
    row("429 beyond the deadline", timed_out("3600 s", "13:00:00"), "poll", seconds=600, poll=[busy("3600", 3600)]),
    row(
        "429 with a date beyond the deadline",
        timed_out("86400 s"),
        "refresh",
        refresh=[busy("Sun, 01 Feb 2026 12:00:00 GMT", 86_400)],
    ),
    row(
        "Retry-After on a 200",
        FRESH,
        "poll poll fetch",
        poll=[Answer(200, RUNS.body, {"Retry-After": "315"}, 315), DONE],
    ),
    row(
        "Retry-After on a 202",
        FRESH,
        "refresh poll fetch",
        refresh=[Answer(202, b"", {"Location": OPERATION_URL, "Retry-After": "120"}, 120)],
        poll=[DONE],
    ),
    *(
        row(f"{status} with a body that is {how}", FRESH, "poll poll poll fetch", poll=[RUNS, answer, DONE])
        for status in (429, 503)
        for how, answer in {
            "cut off": Answer(status, b"{" * 99, {"Retry-After": "20"}, wait=20, breaks="half the body"),
            "bad gzip": Answer(status, b"no gzip", {"Retry-After": "20", "Content-Encoding": "gzip"}, wait=20),
        }.items()
    ),
    # 408 and 5xx.
    *(
        row(f"{status} once on a poll", FRESH, "poll poll poll fetch", poll=[RUNS, refused(status), DONE])
        for status in (408, 423, 425, 500, 502, 503, 504, 507, 509)
    ),
    *(
        row(f"{status} for good", timed_out(f"HTTP {status}"), "poll( poll)+", seconds=120, poll=[refused(status)])
        for status in (408, 500, 502, 503, 504)
    ),
    row("503 with HTML", UNKNOWN, "poll poll fetch", poll=[Answer(503, HTML, {"Content-Type": "text/html"}), DONE]),
    row("503 with Retry-After", UNKNOWN, "poll poll fetch", poll=[busy("45", 45, status=503), DONE]),
    row("503 once on a refresh", FRESH, "refresh refresh poll fetch", refresh=[refused(503), ACCEPTED], poll=[DONE]),
    row(
        "500 in a JSON string", timed_out("An error"), "poll( poll)+", seconds=60, poll=[wrapped(500, "", "An error.")]
    ),
    # The network.
    row("refused for a while", UNKNOWN, "poll fetch", world=World(refuses_for=timedelta(seconds=20)), poll=[DONE]),
    row("refused for good", timed_out("Cannot connect"), "", seconds=120, world=World(refuses_for=HOUR), poll=[DONE]),
    *(
        row(
            f"{breaks}, once",
            UNKNOWN,
            "poll poll fetch",
            world=IMPATIENT,
            poll=[Answer(200, DONE.body, breaks=breaks), DONE],
        )
        for breaks in ("reset before headers", "reset after headers", "half the body", "no headers", "no end")
    ),
    row(
        "reset for good",
        timed_out("Check GRAPH_BASE_URL and the app's outbound network"),
        "poll( poll)+",
        seconds=120,
        poll=[Answer(breaks="reset before headers")],
    ),
    row(
        "slow for good",
        timed_out("no answer in time"),
        "poll( poll)+",
        seconds=30,
        world=World(patience=0.05),
        poll=[Answer(breaks="no headers")],
    ),
    row(
        "reset after a refresh that Graph took",
        FRESH,
        "refresh refresh poll fetch",
        refresh=[Answer(202, ACCEPTED.body, ACCEPTED.headers, breaks="reset before headers"), ACCEPTED],
        poll=[DONE],
    ),
    row(
        "half an alert",
        UNKNOWN,
        "poll fetch fetch",
        poll=[DONE],
        fetch=[Answer(200, ALERT_SCANNED.body, breaks="half the body"), ALERT_SCANNED],
    ),
    row(
        "a certificate of another name",
        timed_out("certificate is not valid for"),
        "",
        seconds=60,
        world=World(tls_name="graph.example"),
        poll=[DONE],
    ),
    # Answers that are none.
    row("wrong JSON once", UNKNOWN, "poll poll fetch", poll=[Answer(200, b'{"status": '), DONE]),
    row("wrong JSON for good", failed("answer-unreadable", "not JSON"), "poll( poll){4}", poll=[Answer(200, b"{")]),
    row("HTML for good", failed("answer-unreadable", "GRAPH_BASE_URL"), "poll( poll){4}", poll=[Answer(200, HTML)]),
    row(
        "a JSON array for good",
        failed("answer-unreadable", "not a JSON object"),
        "poll( poll){4}",
        poll=[said([SUCCEEDED])],
    ),
    row("204", failed("answer-unreadable"), "poll( poll){4}", poll=[Answer(204)]),
    row(
        "an alert that is no object",
        timed_out("Check that GRAPH_BASE_URL"),
        "poll fetch( fetch)+",
        seconds=300,
        poll=[DONE],
        fetch=[said("alert")],
    ),
    row("20 MiB once", UNKNOWN, "poll poll fetch", poll=[OPERATION_OF_20_MIB, DONE]),
    row(
        "20 MiB of an alert",
        timed_out("Check that GRAPH_BASE_URL", "16777216"),
        "poll fetch( fetch)+",
        seconds=300,
        poll=[DONE],
        fetch=[ALERT_OF_20_MIB],
    ),
    row(
        "a list that is none",
        timed_out("Check that GRAPH_BASE_URL", "page"),
        "refresh poll list( list)+",
        seconds=300,
        refresh=[ACCEPTED],
        poll=[DONE],
        list=[said({"value": 7})],
    ),
    # The status is an open enum.
    row("no status at first", FRESH, "poll poll fetch", poll=[said({"id": OPERATION_ID}), DONE]),
    row(
        "no status for good",
        timed_out("no status"),
        "poll( poll)+",
        seconds=120,
        poll=[said({"id": OPERATION_ID})],
    ),
    row("a null status at first", FRESH, "poll poll fetch", poll=[operation(status=None), DONE]),
    row(
        "a null status for good",
        timed_out("no status"),
        "poll( poll)+",
        seconds=120,
        poll=[operation(status=None)],
    ),
    row(
        "a status that is a number",
        timed_out("no status"),
        "poll( poll)+",
        seconds=120,
        poll=[operation(status=2)],
    ),
    row("skipped", failed("operation-skipped", "disabled"), "poll", poll=[operation(status="skipped")]),
    row(
        "unknownFutureValue for good",
        timed_out("a status that is not known"),
        "poll( poll)+",
        seconds=120,
        poll=[operation(status="unknownFutureValue")],
    ),
    row("a status of tomorrow", FRESH, "poll poll fetch", poll=[operation(status="validating"), DONE]),
    row("Succeeded", UNKNOWN, "poll fetch", poll=[operation(status="Succeeded")]),
    row(
        "FAILED",
        failed("operation-failed", "out of luck"),
        "poll",
        poll=[operation(status="FAILED", statusDetail="out of luck")],
    ),
    row(
        "failed without a detail",
        failed("operation-failed", "no statusDetail"),
        "poll",
        poll=[operation(status="failed", statusDetail=None)],
    ),
    # resourceLocation is server data, and a token follows it.
    row(
        "no resourceLocation",
        failed("alert-location-missing", "alert's id"),
        "poll",
        poll=[operation(resourceLocation="")],
    ),
    *(
        row(f"a resourceLocation {where}", UNKNOWN, "poll fetch", poll=[operation(resourceLocation=location)])
        for where, location in {
            "in OData's other spelling": f"{COLLECTION_URL}('{ALERT_ID}')",
            "with a trailing slash": f"{ALERT_URL}/",
            "without a host": ALERT_URL.removeprefix(GRAPH),
        }.items()
    ),
    row("a null resourceLocation", failed("alert-location-missing"), "poll", poll=[operation(resourceLocation=None)]),
    row(
        "no resourceLocation after a refresh",
        FRESH,
        "refresh poll fetch",
        refresh=[ACCEPTED],
        poll=[operation(resourceLocation="")],
    ),
    *(
        row(
            f"a resourceLocation {where}",
            failed("url-untrusted", "No token was sent there"),
            "poll",
            poll=[operation(resourceLocation=location)],
        )
        for where, location in {
            "on another host": FOREIGN_ALERT,
            "behind user info": FOREIGN_ALERT.replace("https://", f"{GRAPH}@"),
            "in v1.0": ALERT_URL.replace("/beta/", "/v1.0/"),
            "in another area": f"{GRAPH}/beta/users/7",
            "with a query": f"{ALERT_URL}?$expand=*",
            "that climbs": f"{COLLECTION_URL}/..",
        }.items()
    ),
    *(
        row(
            f"{where} as the resourceLocation of a refresh",
            succeeded(fresh=True, alert=SCANNED),
            "refresh poll fetch",
            refresh=[ACCEPTED],
            poll=[operation(resourceLocation=location)],
        )
        for where, location in {
            "another host": FOREIGN_ALERT,
            "the collection": COLLECTION_URL,
        }.items()
    ),
    row(
        "a resourceLocation that is the collection",
        succeeded(alerts=[SCANNED]),
        "poll list",
        poll=[operation(resourceLocation=COLLECTION_URL)],
        list=[listed(SCANNED)],
    ),
    # So is the Location of a refresh.
    *(
        row(f"a Location {where}", FRESH, "refresh poll fetch", refresh=[accepted(location)], poll=[DONE])
        for where, location in {
            "without a host": OPERATION_URL.removeprefix(GRAPH),
            "without host and version": OPERATION_URL.removeprefix(f"{GRAPH}/beta"),
            "in OData's other spelling": OPERATION_URL.replace(f"/{OPERATION_ID}", f"('{OPERATION_ID}')"),
            "with %3A": OPERATION_URL.replace("refresh:", "refresh%3A"),
            "with a trailing slash": f"{OPERATION_URL}/",
            "in other letter case": OPERATION_URL.replace("roleManagementAlerts", "RoleManagementAlerts"),
        }.items()
    ),
    *(
        row(
            f"a Location {where}",
            failed("url-untrusted", "Location", "scanned all the same"),
            "refresh",
            refresh=[accepted(location)],
        )
        for where, location in {
            "on another host": FOREIGN_OPERATION,
            "in v1.0": OPERATION_URL.replace("/beta/", "/v1.0/"),
            "that is a bare id": OPERATION_ID,
            "of an alert": ALERT_URL,
        }.items()
    ),
    row("no Location", failed("url-untrusted", "Location"), "refresh", refresh=[Answer(202)]),
    # Redirects are not followed.
    row("a redirect of a poll", failed("request-refused", "HTTP 302", "GRAPH_BASE_URL"), "poll", poll=[REDIRECT]),
    row("a redirect of a refresh", failed("request-refused", "HTTP 302"), "refresh", refresh=[REDIRECT]),
    row("a redirect of the alert", failed("request-refused", "HTTP 302"), "poll fetch", poll=[DONE], fetch=[REDIRECT]),
    # Links of lists.
    row(
        "a foreign nextLink",
        failed("url-untrusted", "No token was sent there"),
        "refresh poll list",
        refresh=[ACCEPTED],
        poll=[DONE],
        list=[listed(SCANNED, **{"@odata.nextLink": f"{ELSEWHERE}/x?$skip=1"})],
    ),
    row(
        "a foreign nextLink of incidents",
        failed("url-untrusted", "No token was sent there"),
        "poll fetch",
        asked=EXPANDED,
        poll=[DONE],
        fetch=[alert(alertIncidents=[], **{"alertIncidents@odata.nextLink": f"{ELSEWHERE}/x?$skip=1"})],
    ),
    row(
        "incidents that are cut",
        succeeded(incidentsCut=[]),
        "poll fetch incidents fetch incidents",
        asked=EXPANDED,
        poll=[DONE],
        fetch=[alert(alertIncidents=[])],
        incidents=[busy("1", 1), listed({"id": "i-1"}, {"id": "i-2"})],
    ),
    row(
        "a nextLink that names its own page",
        succeeded(incidentsCut=[]),
        "poll fetch incidents",
        asked=EXPANDED,
        poll=[DONE],
        fetch=[alert(incidentCount=0, alertIncidents=[], **{"alertIncidents@odata.nextLink": PAGE})],
        incidents=[listed(**{"@odata.nextLink": PAGE})],
    ),
    row(
        "incidents that are strings and null",
        UNKNOWN,
        "poll fetch",
        asked={**EXPANDED, "changes_for": "ops"},
        poll=[DONE],
        fetch=[alert(incidentCount=0, alertIncidents=["text", None])],
    ),
    # One operation id serves every scan.
    row(
        "the previous scan's success",
        FRESH,
        "refresh poll poll poll fetch",
        refresh=[ACCEPTED],
        poll=[said(PREVIOUS), RUNS, DONE],
    ),
    row(
        "the previous scan's success for good",
        timed_out("belongs to an earlier scan"),
        "refresh poll( poll)+",
        seconds=120,
        refresh=[ACCEPTED],
        poll=[said(PREVIOUS)],
    ),
    row(
        "the previous scan's failure",
        FRESH,
        "refresh poll poll fetch",
        refresh=[ACCEPTED],
        poll=[said({**PREVIOUS, "status": "failed"}), DONE],
    ),
    row(
        "a success before notBefore",
        timed_out("belongs to an earlier scan"),
        "poll( poll)+",
        asked={"not_before": START},
        seconds=120,
        poll=[said(PREVIOUS)],
    ),
    row(
        "an alert that lags behind",
        FRESH,
        "refresh poll fetch fetch",
        refresh=[ACCEPTED],
        poll=[DONE],
        fetch=[said(UNSCANNED), ALERT_SCANNED],
    ),
    row(
        "an alert that lags for good",
        succeeded(fresh=False, scannedAt=UNSCANNED["lastScannedDateTime"]),
        "refresh poll fetch( fetch){3}",
        refresh=[ACCEPTED],
        poll=[DONE],
        fetch=[said(UNSCANNED)],
    ),
    # Graph's clock against the task hub's.
    row(
        "Graph an hour ahead",
        FRESH,
        "refresh poll poll fetch",
        world=AHEAD,
        refresh=[ACCEPTED],
        poll=scan_at(13),
        fetch=[alert(lastScannedDateTime=at("13:05:08"))],
    ),
    row(
        "Graph an hour behind",
        FRESH,
        "refresh poll poll fetch",
        world=BEHIND,
        refresh=[ACCEPTED],
        poll=scan_at(11),
        fetch=[alert(lastScannedDateTime=at("11:05:08"))],
    ),
    row(
        "an hour ahead, and a Retry-After date",
        UNKNOWN,
        "poll poll fetch",
        world=AHEAD,
        poll=[busy("Sat, 31 Jan 2026 13:07:00 GMT", 420), DONE],
    ),
    row(
        "an hour behind, and a Retry-After date",
        UNKNOWN,
        "poll poll fetch",
        world=BEHIND,
        poll=[busy("Sat, 31 Jan 2026 11:07:00 GMT", 420), DONE],
    ),
    # Times as .NET prints them.
    *(
        row(
            f"a time with {len(fraction[1:])} digits",
            succeeded(fresh=True, scannedAt=at("12:05:08", fraction)),
            "refresh poll fetch",
            refresh=[ACCEPTED],
            poll=[operation(createdDateTime=at("12:00:01", fraction), lastActionDateTime=at("12:05:09", fraction))],
            fetch=[alert(lastScannedDateTime=at("12:05:08", fraction))],
        )
        for fraction in ("", ".1", ".21", ".457", ".0296", ".02960", ".400029", ".0296021")
    ),
    row(
        "broken times of an operation",
        succeeded(fresh=None),
        "poll fetch",
        poll=[operation(createdDateTime="2026-01-31T12-00-01Z", lastActionDateTime=7)],
    ),
    row(
        "broken times after a refresh",
        timed_out("has no readable time"),
        "refresh poll( poll)+",
        seconds=120,
        refresh=[ACCEPTED],
        poll=[operation(createdDateTime="soon", lastActionDateTime="")],
    ),
    row(
        "a broken time of the alert",
        succeeded(fresh=None, scannedAt=None),
        "poll fetch",
        poll=[DONE],
        fetch=[alert(lastScannedDateTime="2026-01-31T12-05-08Z")],
    ),
    row(
        "an alert that was never scanned",
        succeeded(fresh=False),
        "refresh poll fetch( fetch){3}",
        refresh=[ACCEPTED],
        poll=[DONE],
        fetch=[alert(lastScannedDateTime="0001-01-01T08:00:00Z")],
    ),
    row(
        "an alert without a scan",
        succeeded(fresh=None, scannedAt=None),
        "poll fetch",
        poll=[DONE],
        fetch=[alert(lastScannedDateTime=None)],
    ),
    # The identity endpoint.
    row(
        "no identity endpoint for a while",
        UNKNOWN,
        "poll fetch",
        world=World(identity=[Fault(drop="before headers", times=3)]),
        poll=[DONE],
    ),
    row(
        "no identity endpoint",
        failed("identity-unavailable", "managed identity"),
        "",
        world=World(identity=[Fault(drop="before headers", times=None)]),
        poll=[DONE],
    ),
    row(
        "a slow identity endpoint once",
        UNKNOWN,
        "poll fetch",
        world=World(identity=[Fault(delay=9)], token_patience=0.5),
        poll=[DONE],
    ),
    row(
        "a slow identity endpoint",
        failed("identity-unavailable", "no token within"),
        "",
        world=World(identity=[Fault(delay=9, times=None)], token_patience=0.02),
        poll=[DONE],
    ),
    row(
        "an identity endpoint that says 400",
        failed("identity-unavailable", "managed identity"),
        "",
        world=World(identity=[Fault(status=400, json={"message": "No identity."}, times=None)]),
        poll=[DONE],
    ),
    row(
        "an identity endpoint that says 500 once",
        UNKNOWN,
        "poll fetch",
        world=World(identity=[Fault(status=500)]),
        poll=[DONE],
    ),
    row(
        "a token that expires during the wait",
        FRESH,
        "poll poll poll poll fetch",
        poll=[RUNS, RUNS, UNAUTHORIZED, DONE],
    ),
    row(
        "tokens that have expired when they come",
        FRESH,
        "poll poll fetch",
        world=World(token_lifetime=-1),
        poll=[RUNS, DONE],
    ),
]
