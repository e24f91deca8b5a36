"""The fault matrix: one table of what can go wrong between a run and Graph, and what the user gets of it.

`calls` names the routes in the order in which Graph was asked. A script is told in answers and never in times, so that
no row depends on how often the app polls. Where Microsoft documents a trap, it is on one of these pages:
https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta
https://learn.microsoft.com/graph/api/unifiedrolemanagementalert-refresh?view=graph-rest-beta
https://learn.microsoft.com/graph/how-to-pim-alerts
"""

from dataclasses import replace
from datetime import timedelta

from alert_refresh.timestamps import parse_timestamp
from emulator.faults import Fault
from tests.faults.answers import (
    ACCEPTED,
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
    delayed,
    listed,
    operation,
    refused,
    said,
    wrapped,
)
from tests.faults.row import EXPANDED, FRESH, UNKNOWN, Row, World, failed, row, succeeded, timed_out
from tests.faults.scripted_graph import Answer
from tests.faults.virtual_app import ELSEWHERE
from tests.support.graph_samples import ALERT_ID, ALERT_URL, GRAPH, OPERATION_ID, OPERATION_URL
from tests.support.virtual_time import START

LICENSE = "The tenant needs an AAD Premium 2 license."
SCOPE_MISSING = wrapped(403, "PermissionScopeNotGranted", "Authorization failed due to missing permission scope X.")
HOUR = timedelta(hours=1)
UNTRUSTED = failed("url-untrusted", "No token was sent there")
LOST = failed("url-untrusted", "Location", "scanned all the same")
BY_ITS_ID = replace(succeeded(fresh=True, alert=SCANNED), logs="the alert is fetched by its id, since its resourceLo")
NOWHERE = failed("alert-location-missing", "alert's id")
IMPATIENT = World(patience=0.5)
FOREIGN_ALERT = ALERT_URL.replace(GRAPH, ELSEWHERE)
OPERATION_OF_20_MIB = operation(statusDetail="x" * (20 * 2**20))
ALERT_OF_20_MIB = alert(alertIncidents=["x" * (20 * 2**20)])
LISTED = listed(SCANNED)
PAGE = f"{ALERT_URL}/alertIncidents?a=1"
NEVER = "0001-01-01T08:00:00Z"
"""What Graph writes for never."""
UNANNOUNCED = {
    "@microsoft.graph.tips": "Use $select.",
    "newToday": {"a": [1, None]},
    "howToPrevent": '<a href="https://x">Unused</a> for {0} days · that',
}
ENDED = {"status": "succeeded", **{name: SUCCEEDED[name] for name in ("id", "createdDateTime", "lastActionDateTime")}}
EIGHTH = {
    **SCANNED,
    "id": ALERT_ID.replace("StaleSignInAlert", "AnEighthAlert"),
    "incidentCount": 1,
    "alertIncidents": [{"@odata.type": "#microsoft.graph.anEighthAlertIncident", "assigneeUserPrincipalName": None}],
}
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
    """Return polls in that hour of Graph's clock: the previous scan, a Retry-After till seven past, the scan."""
    previous = operation(createdDateTime=at(f"{hour - 1}:40:01"), lastActionDateTime=at(f"{hour - 1}:59:09"))
    scanned = operation(createdDateTime=at(f"{hour}:00:01"), lastActionDateTime=at(f"{hour}:05:09"))
    return [previous, busy(f"Sat, 31 Jan 2026 {hour}:07:00 GMT", 400), scanned]


ROWS: list[Row] = [
    row("nothing, of an operation that is watched", FRESH, "poll{2} fetch", poll=[RUNS, DONE]),
    row("nothing, of a refresh", FRESH, "refresh poll{2} fetch", poll=[RUNS, DONE]),
    row("nothing, of a refresh of all", succeeded(fresh=True, alerts=[SCANNED]), "refresh poll list", list=[LISTED]),
    # 401: one fresh token, and no more.
    row("401 once on a poll", FRESH, "poll{3} fetch", poll=[UNAUTHORIZED, RUNS, DONE]),
    row("401 once on each poll", FRESH, "poll{4} fetch", poll=[UNAUTHORIZED, RUNS, UNAUTHORIZED, DONE]),
    row("401 once on the alert", UNKNOWN, "poll fetch{2}", fetch=[UNAUTHORIZED, alert()]),
    row("401 once on a refresh", FRESH, "refresh{2} poll fetch", refresh=[UNAUTHORIZED, ACCEPTED]),
    row(
        "401 for good on a poll",
        failed("token-refused", "GRAPH_BASE_URL", "GRAPH_SCOPE"),
        "poll{10}",
        poll=[UNAUTHORIZED],
    ),
    row("401 for good on a refresh", failed("token-refused"), "refresh{10}", refresh=[UNAUTHORIZED]),
    row("401 with claims once", UNKNOWN, "poll{2} fetch", poll=[CHALLENGED, DONE]),
    row("401 with claims for good", failed("token-refused", "new token"), "poll{10}", poll=[CHALLENGED]),
    row("401 and then 403", failed("permission-missing"), "poll{6}", poll=[UNAUTHORIZED, refused(403)]),
    # 403 and 400: what an admin must put right.
    row("403 on a poll", failed("permission-missing", "Alert.Read.Directory", "a day"), "poll{5}", poll=[refused(403)]),
    row(
        "403 on the alert for good",
        timed_out("HTTP 403", "Alert.Read.Directory"),
        "poll fetch{2,}",
        fetch=[refused(403)],
    ),
    row("403 on the alert once", UNKNOWN, "poll fetch{2}", fetch=[refused(403), alert()]),
    row(
        "403 in a JSON string on a refresh",
        failed("permission-missing", "PermissionScopeNotGranted", "missing permission scope X", "ReadWrite"),
        "refresh{5}",
        refresh=[SCOPE_MISSING],
    ),
    row("403 of a licence", failed("license-missing", "P2"), "poll", poll=[refused(403, "AadPremiumLicenseRequired")]),
    row("400 of a licence", failed("license-missing", "P2"), "refresh", refresh=[wrapped(400, "", LICENSE)]),
    *(
        row(f"{status} of a tenant without a licence", failed("license-missing", "P2"), "poll{1,2}", poll=[answer])
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
    row("404 at first after a refresh", FRESH, "refresh poll{2} fetch", poll=[NOT_FOUND, DONE]),
    row(
        "404 for good after a refresh", failed("operation-not-found", "id is wrong"), "refresh poll+", poll=[NOT_FOUND]
    ),
    row("404 on a watched operation", failed("operation-not-found", "tenant or cloud"), "poll", poll=[NOT_FOUND]),
    row(
        "404 on somebody else's new operation",
        FRESH,
        "poll{2} fetch",
        asked={"not_before": START},
        poll=[NOT_FOUND, DONE],
    ),
    row("404 on the alert at first after a refresh", FRESH, "refresh poll fetch{2}", fetch=[NOT_FOUND, said(SCANNED)]),
    row("404 on a refresh", failed("alert-not-found", "<tenant id>"), "refresh", refresh=[NOT_FOUND]),
    row("404 on the alert", failed("alert-not-found"), "poll fetch", fetch=[NOT_FOUND]),
    row(
        "410 on a poll",
        failed("operation-not-found", "has forgotten", "refresh the alert"),
        "poll",
        poll=[refused(410)],
    ),
    row("410 on the alert", failed("alert-not-found"), "poll fetch", fetch=[refused(410)]),
    # 409: no quarrel about a poll, and a turn to be waited for of a refresh.
    row("409 on a poll", failed("request-refused", "HTTP 409"), "poll", poll=[refused(409)]),
    row("409 once on a refresh", FRESH, "refresh{2} poll fetch", refresh=[refused(409), ACCEPTED]),
    row("409 for good on a refresh", timed_out("HTTP 409", "other refresh"), "refresh{2,}", refresh=[refused(409)]),
    # 429, with every Retry-After there is.
    *(
        row(f"429 on a poll, Retry-After {text}", UNKNOWN, "poll{2} fetch", poll=[busy(text, wait), DONE])
        for text, wait in RETRY_AFTER.items()
    ),
    *(
        row(
            f"429 on a refresh, Retry-After {text}",
            FRESH,
            "refresh{2} poll fetch",
            refresh=[busy(text, wait), ACCEPTED],
        )
        for text, wait in RETRY_AFTER.items()
    ),
    row("429 on the alert", UNKNOWN, "poll fetch{2}", fetch=[busy("315", 315), alert()]),
    row("429 for good", timed_out("HTTP 429", "fewer runs"), "poll{2,}", poll=[busy()]),
    row("429 beyond the deadline", timed_out("3600 s", "13:00:00"), "poll", poll=[busy("3600", 3600)]),
    row(
        "429 with a date beyond the deadline",
        timed_out("86400 s"),
        "refresh",
        refresh=[busy("Sun, 01 Feb 2026 12:00:00 GMT", 86_400)],
    ),
    row("Retry-After on a 200", FRESH, "poll{2} fetch", poll=[delayed(RUNS, 315), DONE]),
    row("Retry-After on the success", UNKNOWN, "poll fetch", poll=[delayed(DONE, 315)]),
    row("Retry-After on the success beyond the deadline", timed_out("3600 s"), "poll", poll=[delayed(DONE, 3600)]),
    row("Retry-After on a 202", FRESH, "refresh poll fetch", refresh=[delayed(ACCEPTED, 120)]),
    row(
        "Retry-After on a lagging alert", FRESH, "refresh poll fetch{2}", fetch=[delayed(said(UNSCANNED), 99), alert()]
    ),
    *(
        row(f"{status} with a body that is {how}", FRESH, "poll{3} fetch", poll=[RUNS, answer, DONE])
        for status in (429, 503)
        for how, answer in {
            "cut off": delayed(Answer(status, b"{" * 99, breaks="half the body"), 20),
            "bad gzip": delayed(Answer(status, b"no gzip", {"Content-Encoding": "gzip"}), 20),
        }.items()
    ),
    # 408 and 5xx.
    *(
        row(f"{status} once on a poll", FRESH, "poll{3} fetch", poll=[RUNS, refused(status), DONE])
        for status in (408, 423, 425, 500, 502, 503, 504, 507, 509)
    ),
    *(
        row(f"{status} for good", timed_out(f"HTTP {status}"), "poll{2,}", poll=[refused(status)])
        for status in (408, 500, 502, 503, 504)
    ),
    row("503 with HTML", UNKNOWN, "poll{2} fetch", poll=[Answer(503, HTML, {"Content-Type": "text/html"}), DONE]),
    row("503 with Retry-After", UNKNOWN, "poll{2} fetch", poll=[busy("45", 45, status=503), DONE]),
    row("503 once on a refresh", FRESH, "refresh{2} poll fetch", refresh=[refused(503), ACCEPTED]),
    row("500 in a JSON string", timed_out("An error"), "poll{2,}", poll=[wrapped(500, "", "An error.")]),
    # The network.
    row("refused for a while", UNKNOWN, "poll fetch", world=World(refuses_for=timedelta(seconds=20))),
    row("refused for good", timed_out("Cannot connect"), "", world=World(refuses_for=HOUR)),
    *(
        row(f"{breaks}, once", UNKNOWN, "poll{2} fetch", world=IMPATIENT, poll=[replace(DONE, breaks=breaks), DONE])
        for breaks in ("reset before headers", "reset after headers", "half the body", "no headers", "no end")
    ),
    row(
        "reset for good",
        timed_out("Check GRAPH_BASE_URL and the app's outbound network"),
        "poll{2,}",
        poll=[Answer(breaks="reset before headers")],
    ),
    row(
        "slow for good",
        timed_out("No answer in time"),
        "poll{2,}",
        world=World(patience=0.05),
        poll=[Answer(breaks="no headers")],
    ),
    row(
        "reset after a refresh that Graph took",
        FRESH,
        "refresh{2} poll fetch",
        refresh=[replace(ACCEPTED, breaks="reset before headers"), ACCEPTED],
    ),
    row("half an alert", UNKNOWN, "poll fetch{2}", fetch=[replace(alert(), breaks="half the body"), alert()]),
    row(
        "a certificate of another name",
        timed_out("certificate is not valid for"),
        "",
        world=World(tls_name="graph.example"),
    ),
    # Answers that are none.
    row("wrong JSON once", UNKNOWN, "poll{2} fetch", poll=[Answer(200, b'{"status": '), DONE]),
    row("wrong JSON for good", failed("answer-unreadable", "not JSON"), "poll{5}", poll=[Answer(200, b"{")]),
    row("HTML for good", failed("answer-unreadable", "GRAPH_BASE_URL"), "poll{5}", poll=[Answer(200, HTML)]),
    row("a JSON array for good", failed("answer-unreadable", "not a JSON object"), "poll{5}", poll=[said([SUCCEEDED])]),
    row("204", failed("answer-unreadable"), "poll{5}", poll=[Answer(204)]),
    row("an alert that is no object", timed_out("Check that GRAPH_BASE_URL"), "poll fetch{2,}", fetch=[said("alert")]),
    row("20 MiB once", UNKNOWN, "poll{2} fetch", poll=[OPERATION_OF_20_MIB, DONE]),
    row(
        "20 MiB of an alert",
        timed_out("Check that GRAPH_BASE_URL", "16777216"),
        "poll fetch{2,}",
        fetch=[ALERT_OF_20_MIB],
    ),
    row(
        "a list that is none",
        timed_out("Check that GRAPH_BASE_URL", "page"),
        "refresh poll list{2,}",
        list=[said({"value": 7})],
    ),
    # The status is an open enum.
    row("no status at first", UNKNOWN, "poll{2} fetch", poll=[said({"id": OPERATION_ID}), DONE]),
    row("a null status at first", UNKNOWN, "poll{2} fetch", poll=[operation(status=None), DONE]),
    *(
        row(f"{what} for good", timed_out(words), "poll{2,}", poll=[answer])
        for what, words, answer in (
            ("no status", "no status", said({"id": OPERATION_ID})),
            ("a null status", "no status", operation(status=None)),
            ("a status that is a number", "no status", operation(status=2)),
            ("an operation wrapped in a value", "names no status", said({"value": SUCCEEDED})),
            ("unknownFutureValue", "a status that is not known", operation(status="unknownFutureValue")),
        )
    ),
    row("skipped", failed("operation-skipped", "disabled"), "poll", poll=[operation(status="skipped")]),
    row("a status of tomorrow", FRESH, "poll{2} fetch", poll=[operation(status="validating"), DONE]),
    row("Succeeded", UNKNOWN, "poll fetch", poll=[operation(status="Succeeded")]),
    *(
        row(
            f"{status}, {text}",
            failed("operation-failed", words),
            "poll",
            poll=[operation(status=status, statusDetail=text)],
        )
        for status, text, words in (("FAILED", "out of luck", "out of luck"), ("failed", None, "no statusDetail"))
    ),
    # resourceLocation is server data, and a token follows it.
    *(
        row(f"the resourceLocation {where!r}", NOWHERE, "poll", poll=[operation(resourceLocation=where)])
        for where in ("", None)
    ),
    *(
        row(f"a resourceLocation {where}", UNKNOWN, "poll fetch", poll=[operation(resourceLocation=location)])
        for where, location in {
            "in OData's other spelling": f"{COLLECTION_URL}('{ALERT_ID}')",
            "with a trailing slash": f"{ALERT_URL}/",
            "without a host": ALERT_URL.removeprefix(GRAPH),
        }.items()
    ),
    row("no resourceLocation after a refresh", FRESH, "refresh poll fetch", poll=[operation(resourceLocation="")]),
    *(
        row(f"a resourceLocation {where}", UNTRUSTED, "poll", poll=[operation(resourceLocation=location)])
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
            BY_ITS_ID,
            "refresh poll fetch",
            poll=[operation(resourceLocation=location)],
        )
        for where, location in {"another host": FOREIGN_ALERT, "the collection": COLLECTION_URL}.items()
    ),
    row(
        "a resourceLocation that is the collection",
        succeeded(alerts=[SCANNED]),
        "poll list",
        poll=[operation(resourceLocation=COLLECTION_URL)],
        list=[LISTED],
    ),
    # So is the Location of a refresh.
    *(
        row(f"a Location {where}", FRESH, "refresh poll fetch", refresh=[accepted(location)])
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
        row(f"a Location {where}", LOST, "refresh", refresh=[accepted(location)])
        for where, location in {
            "on another host": OPERATION_URL.replace(GRAPH, ELSEWHERE),
            "in v1.0": OPERATION_URL.replace("/beta/", "/v1.0/"),
            "that is a bare id": OPERATION_ID,
            "of an alert": ALERT_URL,
        }.items()
    ),
    row("no Location", failed("url-untrusted", "Location"), "refresh", refresh=[Answer(202)]),
    # Redirects are not followed.
    row("a redirect of a poll", failed("request-refused", "HTTP 302", "GRAPH_BASE_URL"), "poll", poll=[REDIRECT]),
    row("a redirect of a refresh", failed("request-refused", "HTTP 302"), "refresh", refresh=[REDIRECT]),
    row("a redirect of the alert", failed("request-refused", "HTTP 302"), "poll fetch", fetch=[REDIRECT]),
    # Links of lists.
    row(
        "a foreign nextLink",
        UNTRUSTED,
        "refresh poll list",
        list=[listed(SCANNED, **{"@odata.nextLink": f"{ELSEWHERE}/x?$skip=1"})],
    ),
    row(
        "a foreign nextLink of incidents",
        UNTRUSTED,
        "poll fetch",
        asked=EXPANDED,
        fetch=[alert(alertIncidents=[], **{"alertIncidents@odata.nextLink": f"{ELSEWHERE}/x?$skip=1"})],
    ),
    row(
        "incidents that are cut, and more than their count",
        succeeded(incidentsCut=[], alert={**SCANNED, "alertIncidents": [{"id": f"i-{number}"} for number in range(3)]}),
        "poll fetch incidents fetch incidents",
        asked=EXPANDED,
        fetch=[alert(alertIncidents=[{"id": "i-0"}])],
        incidents=[busy("1", 1), listed(*({"id": f"i-{number}"} for number in range(3)))],
    ),
    row(
        "a nextLink that names its own page",
        succeeded(incidentsCut=[]),
        "poll fetch incidents",
        asked=EXPANDED,
        fetch=[alert(incidentCount=0, alertIncidents=[], **{"alertIncidents@odata.nextLink": PAGE})],
        incidents=[listed(**{"@odata.nextLink": PAGE})],
    ),
    row(
        "incidents that are strings and null",
        UNKNOWN,
        "poll fetch",
        asked={**EXPANDED, "changes_for": "ops"},
        fetch=[alert(incidentCount=0, alertIncidents=["text", None])],
    ),
    # One operation id serves every scan.
    row("the previous scan's success", FRESH, "refresh poll{3} fetch", poll=[said(PREVIOUS), RUNS, DONE]),
    row(
        "the previous scan's success for good",
        timed_out("belongs to an earlier scan"),
        "refresh poll{2,}",
        poll=[said(PREVIOUS)],
    ),
    row(
        "the previous scan's failure",
        FRESH,
        "refresh poll{2} fetch",
        poll=[said({**PREVIOUS, "status": "failed"}), DONE],
    ),
    row(
        "a success before notBefore",
        timed_out("belongs to an earlier scan"),
        "poll{2,}",
        asked={"not_before": START},
        poll=[said(PREVIOUS)],
    ),
    row("an alert that lags behind", FRESH, "refresh poll fetch{2}", fetch=[said(UNSCANNED), alert()]),
    row(
        "an alert that lags for good",
        succeeded(fresh=False, scannedAt=UNSCANNED["lastScannedDateTime"]),
        "refresh poll fetch{4}",
        fetch=[said(UNSCANNED)],
    ),
    # Graph's clock against the task hub's.
    *(
        row(
            f"Graph an hour {how}",
            FRESH,
            "refresh poll{3} fetch",
            world=World(skew=timedelta(hours=hour - 12)),
            poll=scan_at(hour),
            fetch=[alert(lastScannedDateTime=at(f"{hour}:05:08"))],
        )
        for how, hour in {"ahead": 13, "behind": 11}.items()
    ),
    # Times as .NET prints them.
    *(
        row(
            f"a time with {len(fraction[1:])} digits",
            succeeded(fresh=True, scannedAt=at("12:05:08", fraction)),
            "refresh poll fetch",
            poll=[operation(createdDateTime=at("12:00:01", fraction), lastActionDateTime=at("12:05:09", fraction))],
            fetch=[alert(lastScannedDateTime=at("12:05:08", fraction))],
        )
        for fraction in ("", ".1", ".21", ".457", ".0296", ".02960", ".400029", ".0296021")
    ),
    row(
        "a time that is given back as notBefore",
        UNKNOWN,
        "poll fetch",
        asked={"not_before": parse_timestamp(SUCCEEDED["lastActionDateTime"])},
        fetch=[alert(lastScannedDateTime=SUCCEEDED["lastActionDateTime"])],
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
        "refresh poll{2,}",
        poll=[operation(createdDateTime="soon", lastActionDateTime="")],
    ),
    *(
        row(f"an alert scanned at {time}", UNKNOWN, "poll fetch", fetch=[alert(lastScannedDateTime=time)])
        for time in (None, "2026-01-31T12-05-08Z", NEVER, "0001-01-01T00:00:00+14:00")
    ),
    row(
        "an alert that was never scanned",
        succeeded(fresh=False, scannedAt=None),
        "refresh poll fetch{4}",
        fetch=[alert(lastScannedDateTime=NEVER, lastModifiedDateTime=NEVER)],
    ),
    row("an operation of the year 1", UNKNOWN, "poll fetch", poll=[operation(createdDateTime=NEVER)]),
    # What is new tomorrow, and what is left out, passes.
    row(
        "keys that come unannounced",
        succeeded(operation={**SUCCEEDED, **UNANNOUNCED}, alert={**SCANNED, **UNANNOUNCED}),
        "poll fetch",
        poll=[operation(**UNANNOUNCED)],
        fetch=[alert(**UNANNOUNCED)],
    ),
    *(
        row(
            f"an operation whose other keys are {how}",
            succeeded(alert=SCANNED),
            "refresh poll{2} fetch",
            poll=[said({"id": "x", "status": "running", **others}), said({**ENDED, **others})],
        )
        for how, others in {"absent": {}, "null": {"statusDetail": None, "resourceLocation": None}}.items()
    ),
    row(
        "an eighth alert, with incidents of its own",
        succeeded(alert=EIGHTH),
        "poll fetch",
        asked=EXPANDED,
        poll=[operation(resourceLocation=f"{COLLECTION_URL}/{EIGHTH['id']}")],
        fetch=[said(EIGHTH)],
    ),
    # The identity endpoint.
    *(
        row(f"an identity endpoint that {what} for good", failed("identity-unavailable", words), "", world=world)
        for what, words, world in (
            ("hangs up", "managed identity", World(identity=[Fault(drop="before headers", times=None)])),
            ("says 400", "managed identity", World(identity=[Fault(status=400, json={"message": "No."}, times=None)])),
            ("is slow", "no token within", World(identity=[Fault(delay=9, times=None)], token_patience=0.02)),
        )
    ),
    *(
        row(f"an identity endpoint that {what} for a while", UNKNOWN, "poll fetch", world=world)
        for what, world in {
            "hangs up": World(identity=[Fault(drop="before headers", times=3)]),
            "says 500": World(identity=[Fault(status=500)]),
            "is slow": World(identity=[Fault(delay=9)], token_patience=0.5),
        }.items()
    ),
    row("a token that expires meanwhile", FRESH, "poll{4} fetch", poll=[RUNS, RUNS, UNAUTHORIZED, DONE]),
    row("tokens that come expired", FRESH, "poll{2} fetch", world=World(token_lifetime=-1), poll=[RUNS, DONE]),
]
