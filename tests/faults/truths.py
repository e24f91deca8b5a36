"""What a run must get right: what is fresh, what it waits for, which incidents it has and which URLs it trusts.

One row a rule. Each was wrong once in a first version of the app, with the very answers of the row.
"""

from datetime import timedelta
from typing import Any

from emulator.faults import Fault
from tests.faults.answers import (
    ACCEPTED,
    COLLECTION_URL,
    DONE,
    HTML,
    NOT_FOUND,
    PREVIOUS,
    RUNS,
    SCANNED,
    UNAUTHORIZED,
    UNSCANNED,
    alert,
    busy,
    listed,
    operation,
    refused,
    said,
)
from tests.faults.promises import PERSON
from tests.faults.row import FRESH, UNKNOWN, Row, failed, row, succeeded, timed_out
from tests.faults.scenario import World
from tests.support.graph_samples import ALERT_ID, ALERT_URL
from tests.support.scripted_answer import Answer
from tests.support.virtual_time import START

MINUTE = timedelta(minutes=1)
EXPIRED: dict[str, Any] = {"token_lifetime": -1}
"""So the app asks for a token each time."""
OAUTH_ERROR = {"error": "invalid_request", "error_description": "AADSTS70011: wrong scope."}
DISABLED_ID = ALERT_ID.replace("StaleSignInAlert", "NoMfaOnRoleActivationAlert")
DISABLED = {**UNSCANNED, "id": DISABLED_ID, "alertConfiguration": {"isEnabled": False}}
ENABLED = {**SCANNED, "alertConfiguration": {"isEnabled": True}}
INCIDENTS = [{"id": f"i-{number}"} for number in range(30)]
INCIDENTS_URL = f"{ALERT_URL}/alertIncidents"
NEXT = {"alertIncidents@odata.nextLink": f"{INCIDENTS_URL}?$skip=10"}
SELECTED: dict[str, Any] = {"select": ("incidentCount", "isActive"), "expand": ("alertIncidents",)}
SHOWN = {
    "@odata.context": SCANNED["@odata.context"],
    "incidentCount": 30,
    "isActive": True,
    "alertIncidents": INCIDENTS,
}
LARGE_ID = ALERT_ID.replace("StaleSignInAlert", "RolesAssignedOutsidePimAlert")


def with_incidents(alert_id: str, count: int, **more: Any) -> dict[str, Any]:
    incidents = [{"id": f"{number:04}"} for number in range(count)]
    return {**SCANNED, "id": alert_id, "incidentCount": count, "alertIncidents": incidents, **more}


SMALL = [with_incidents(f"{ALERT_ID}{count}", count) for count in (1, 4, 12)]
LARGE = with_incidents(LARGE_ID, 300)
LARGE_URL = f"{COLLECTION_URL}/{LARGE_ID}/alertIncidents"
CYRILLIC = [{"id": f"{n:04}", "assigneeDisplayName": "Александра Константиновна Преображенская"} for n in range(6_180)]

FRESHNESS: list[Row] = [
    row("somebody else's refresh, watched at once", UNKNOWN, "poll fetch", poll=[DONE]),
    row("the same, with notBefore", FRESH, "poll fetch", asked={"not_before": START}, poll=[DONE]),
    row(
        "the previous success of an operation that somebody else refreshed, with notBefore",
        FRESH,
        "poll poll poll fetch",
        asked={"not_before": START},
        poll=[said(PREVIOUS), RUNS, DONE],
    ),
    row(
        "a scan that was under way when the run asked",
        UNKNOWN,
        "refresh poll fetch",
        refresh=[ACCEPTED],
        poll=[operation(createdDateTime="2026-01-31T11:59:50Z")],
    ),
    row(
        "a scan that ends within the second of the answer to the refresh",
        FRESH,
        "refresh poll poll fetch",
        refresh=[ACCEPTED],
        poll=[operation(createdDateTime="2026-01-31T11:59:50Z", lastActionDateTime="2026-01-31T12:00:00.9Z"), DONE],
    ),
    row(
        "all alerts, one of them disabled",
        succeeded(fresh=True, notScanned=[DISABLED_ID]),
        "refresh poll list",
        refresh=[ACCEPTED],
        poll=[DONE],
        list=[listed(ENABLED, DISABLED)],
    ),
    row(
        "all alerts, and there is none",
        succeeded(fresh=None, alerts=[], notScanned=[]),
        "refresh poll list",
        refresh=[ACCEPTED],
        poll=[DONE],
        list=[listed()],
    ),
]

PATIENCE: list[Row] = [
    *(
        row(
            f"ten minutes of {name} after 100 good polls",
            FRESH,
            "poll( poll)* fetch",
            seconds=86_400,
            poll=[*[RUNS] * 100, *answers, DONE],
        )
        for name, answers in {
            "401": [UNAUTHORIZED] * 24,
            "403": [refused(403)] * 12,
            "a proxy's HTML": [Answer(200, HTML)] * 12,
            "507": [refused(507)] * 12,
        }.items()
    ),
    row(
        "ten minutes without a token, after good polls",
        FRESH,
        "poll( poll)* fetch",
        world=World(**EXPIRED, without_tokens=(5 * MINUTE, 15 * MINUTE)),
        seconds=7200,
        poll=[*[RUNS] * 25, DONE],
    ),
    *(
        row(
            f"{status} for ten minutes", FRESH, "poll poll( poll){12} fetch", poll=[RUNS, *[refused(status)] * 12, DONE]
        )
        for status in (408, 425, 429, 500, 501, 502, 503, 504, 505, 507, 508, 509, 511, 520, 599)
    ),
    row(
        "settings that are wrong for a while",
        FRESH,
        "poll( poll)* fetch",
        world=World(
            settings=[(5 * MINUTE, {"POLL_MAX_SECONDS": "abc"}), (15 * MINUTE, {"POLL_MAX_SECONDS": "60"})],
        ),
        poll=[*[RUNS] * 20, DONE],
    ),
    row(
        "settings that stay wrong",
        timed_out("POLL_MAX_SECONDS"),
        "poll( poll)*",
        world=World(settings=[(5 * MINUTE, {"POLL_MAX_SECONDS": "abc"})]),
        poll=[RUNS],
    ),
    *(
        row(
            f"404 for 150 s after the refresh, a poll every {seconds:g} s",
            FRESH,
            f"refresh( poll){{{polls + 1}}} fetch",
            asked={"poll_min_seconds": seconds, "poll_max_seconds": seconds},
            refresh=[ACCEPTED],
            poll=[*[NOT_FOUND] * polls, DONE],
        )
        for seconds, polls in {5.0: 29, 60.0: 2}.items()
    ),
    row(
        "404 at the first poll, which comes later than the grace",
        FRESH,
        "refresh poll poll fetch",
        asked={"poll_min_seconds": 600.0, "poll_max_seconds": 600.0},
        refresh=[ACCEPTED],
        poll=[NOT_FOUND, DONE],
    ),
    row(
        "refreshing is switched off while the refresh is put off",
        failed("refresh-disabled", "REFRESH_ENABLED"),
        "refresh",
        world=World(settings=[(MINUTE, {"REFRESH_ENABLED": "false"})]),
        refresh=[busy("300", 300), ACCEPTED],
        poll=[DONE],
    ),
]

INCIDENTS_OF_ALERTS: list[Row] = [
    *(
        row(
            f"30 incidents of which Graph expands 10, {how}",
            succeeded(alert=SHOWN, incidentsCut=[]),
            "poll fetch incidents",
            asked=SELECTED,
            poll=[DONE],
            fetch=[alert(incidentCount=30, alertIncidents=INCIDENTS[:10], **link)],
            incidents=[listed(*rest)],
        )
        for how, link, rest in (("with a nextLink", NEXT, INCIDENTS[10:]), ("without a nextLink", {}, INCIDENTS))
    ),
    row(
        "all alerts, one of them with more incidents than fit",
        succeeded(
            alerts=[*SMALL, with_incidents(LARGE_ID, 80, incidentCount=300)],
            incidentsCut=[{"alertId": LARGE_ID, "returned": 80, "count": 300, "url": LARGE_URL}],
        ),
        "refresh poll list",
        asked={"expand": ("alertIncidents",), "incidents_limit": (80 + 17) * len('{"id":"0000"},')},
        refresh=[ACCEPTED],
        poll=[DONE],
        list=[listed(*SMALL, LARGE)],
    ),
    row(
        "6,180 incidents with Cyrillic names, and the largest limit",
        succeeded(scannedAt=SCANNED["lastScannedDateTime"]),
        "poll fetch",
        asked={"expand": ("alertIncidents",), "incidents_limit": 1_000_000},
        poll=[DONE],
        fetch=[alert(incidentCount=len(CYRILLIC), alertIncidents=CYRILLIC)],
    ),
]

URLS: list[Row] = [
    row(
        "a resourceLocation with encoded slashes",
        failed("url-untrusted", "No token was sent there"),
        "poll",
        poll=[operation(resourceLocation=f"{COLLECTION_URL}/a%2Fb")],
    ),
]

WORDS: list[Row] = [
    row(
        "an error in OAuth's words from the identity endpoint",
        failed("identity-unavailable", "AADSTS70011"),
        "",
        world=World(identity=[Fault(status=400, json=OAUTH_ERROR, times=None)]),
        poll=[DONE],
    ),
    row(
        "an error code of 70,000 characters",
        failed("request-refused", "HTTP 400, " + "x" * 200 + ": no"),
        "poll",
        poll=[refused(400, "x" * 70_000, "no")],
    ),
    row(
        "a person in the texts of Graph",
        failed("operation-failed", PERSON),
        "poll poll poll",
        poll=[
            refused(503, "Busy", f"{PERSON} has too many requests"),
            operation(status=f"waiting for {PERSON}", statusDetail=f"Scanning {PERSON}"),
            operation(status="failed", statusDetail=f"{PERSON} was not found."),
        ],
    ),
]

TRUTHS = [*FRESHNESS, *PATIENCE, *INCIDENTS_OF_ALERTS, *URLS, *WORDS]
