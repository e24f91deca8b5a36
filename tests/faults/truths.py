"""What a run must get right: what is fresh, what it waits for, which incidents it has, and whose words it repeats.

One row a rule, with answers that a first version of the app got wrong.
"""

from datetime import timedelta
from typing import Any

from emulator.faults import Fault
from tests.faults.answers import (
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
    delayed,
    listed,
    operation,
    refused,
    said,
)
from tests.faults.promises import PERSON
from tests.faults.row import EXPANDED, FRESH, UNKNOWN, Row, World, failed, row, succeeded, timed_out
from tests.faults.scripted_graph import Answer
from tests.support.graph_samples import ALERT_ID, ALERT_URL
from tests.support.virtual_time import START

MINUTE = timedelta(minutes=1)
BROKEN, FIXED = {"POLL_MAX_SECONDS": "abc"}, {"POLL_MAX_SECONDS": "60"}
OAUTH_ERROR = {"error": "invalid_request", "error_description": "AADSTS70011: wrong scope."}
UNDER_WAY = {"createdDateTime": "2026-01-31T11:59:50Z"}
DISABLED_ID, LARGE_ID = (
    ALERT_ID.replace("StaleSignInAlert", name) for name in ("NoMfaOnRoleActivationAlert", "RedundantAssignmentAlert")
)
DISABLED = {**UNSCANNED, "id": DISABLED_ID, "alertConfiguration": {"isEnabled": False}}
ENABLED = {**SCANNED, "alertConfiguration": {"isEnabled": True}}
INCIDENTS = [{"id": f"i-{number}"} for number in range(30)]
PAGES = f"{ALERT_URL}/alertIncidents"
NEXT = {"alertIncidents@odata.nextLink": f"{PAGES}?$skip=10"}
SELECTED = {"select": ("incidentCount", "isActive"), **EXPANDED}
SHOWN = {
    "@odata.context": SCANNED["@odata.context"],
    "incidentCount": 30,
    "isActive": True,
    "alertIncidents": INCIDENTS,
}
NAME = "Александра Константиновна Преображенская"
CYRILLIC = [{"id": f"{number:04}", "assigneeDisplayName": NAME} for number in range(6_180)]


def with_incidents(alert_id: str, kept: int, count: int | None = None) -> dict[str, Any]:
    incidents = [{"id": f"{number:04}"} for number in range(kept)]
    return {**SCANNED, "id": alert_id, "incidentCount": count or kept, "alertIncidents": incidents}


SMALL = [with_incidents(f"{ALERT_ID}{count}", count) for count in (1, 4, 12)]
LARGE_URL = f"{COLLECTION_URL}/{LARGE_ID}/alertIncidents"
ROOM_FOR_97 = 97 * len('{"id":"0000"},')

FRESHNESS: list[Row] = [
    row("somebody else's refresh, watched at once", UNKNOWN, "poll fetch"),
    row("somebody else's refresh, with notBefore", FRESH, "poll fetch", asked={"not_before": START}),
    row(
        "somebody else's refresh, with notBefore and the previous scan's success",
        FRESH,
        "poll{3} fetch",
        asked={"not_before": START},
        poll=[said(PREVIOUS), RUNS, DONE],
    ),
    row(
        "a scan that was under way at notBefore",
        UNKNOWN,
        "poll fetch",
        asked={"not_before": START + 12 * MINUTE},
    ),
    row("an operation that is not dated", UNKNOWN, "refresh poll fetch", poll=[operation(createdDateTime=None)]),
    row(
        "an answer without a word, and then the previous scan's success",
        UNKNOWN,
        "poll{2} fetch",
        poll=[said({}), said(PREVIOUS)],
        fetch=[said(UNSCANNED)],
    ),
    row("a scan that was under way", UNKNOWN, "refresh poll fetch", poll=[operation(**UNDER_WAY)]),
    row(
        "a scan that ends within the second of the answer to the refresh",
        FRESH,
        "refresh poll{2} fetch",
        poll=[operation(**UNDER_WAY, lastActionDateTime="2026-01-31T12:00:00.9Z"), DONE],
    ),
    row(
        "all alerts, one of them disabled",
        succeeded(fresh=True, notScanned=[DISABLED_ID]),
        "refresh poll list",
        list=[listed(ENABLED, DISABLED)],
    ),
    row("all of no alerts", succeeded(fresh=None, alerts=[], notScanned=[]), "refresh poll list", list=[listed()]),
]

PATIENCE: list[Row] = [
    *(
        row(
            f"ten minutes of {name} after {good} good polls",
            FRESH,
            f"poll{{{good + 13},}} fetch",
            asked={"poll_max_seconds": 60.0 if good < 100 else 20.0},
            poll=[*[RUNS] * good, *answers * (12 if good < 100 else 30), DONE],
        )
        for name, good, answers in (
            ("401", 10, [UNAUTHORIZED] * 2),
            ("403", 100, [refused(403)]),
            ("a proxy's HTML", 10, [Answer(200, HTML)]),
            ("507", 10, [refused(507)]),
        )
    ),
    row(
        "ten minutes without a token, after good polls",
        FRESH,
        "poll{26} fetch",
        world=World(token_lifetime=-1, without_tokens=(5 * MINUTE, 15 * MINUTE)),
        poll=[*[RUNS] * 25, DONE],
    ),
    *(
        row(f"{status} for ten minutes", FRESH, "poll{14} fetch", poll=[RUNS, *[refused(status)] * 12, DONE])
        for status in (408, 425, 429, 500, 501, 503, 505, 507, 508, 511, 520, 599)
    ),
    row(
        "settings that are wrong for ten minutes",
        FRESH,
        "poll{21} fetch",
        world=World(settings={5 * MINUTE: BROKEN, 15 * MINUTE: FIXED}),
        poll=[*[RUNS] * 20, DONE],
    ),
    row(
        "settings that stay wrong",
        timed_out("POLL_MAX_SECONDS"),
        "poll+",
        world=World(settings={MINUTE: BROKEN}),
        poll=[RUNS],
    ),
    *(
        row(
            f"404 for 150 s after the refresh, with a poll every {seconds:g} s",
            FRESH,
            f"refresh poll{{{polls + 1}}} fetch",
            asked={"poll_min_seconds": seconds, "poll_max_seconds": seconds},
            poll=[*[NOT_FOUND] * polls, DONE],
        )
        for seconds, polls in {5.0: 29, 60.0: 2, 600.0: 1}.items()
    ),
    row(
        "refreshing is switched off while the refresh is put off",
        failed("refresh-disabled", "REFRESH_ENABLED"),
        "refresh",
        world=World(settings={MINUTE: {"REFRESH_ENABLED": "false"}}),
        refresh=[busy("300", 300)],
    ),
]

INCIDENTS_OF_ALERTS: list[Row] = [
    *(
        row(
            f"30 incidents of which Graph expands 10, {how}",
            succeeded(alert=SHOWN, incidentsCut=[]),
            "poll fetch incidents",
            asked=SELECTED,
            fetch=[alert(incidentCount=30, alertIncidents=INCIDENTS[:10], **link)],
            incidents=[listed(*rest)],
        )
        for how, link, rest in (("with a nextLink", NEXT, INCIDENTS[10:]), ("without a nextLink", {}, INCIDENTS))
    ),
    row(
        "all alerts, one of them with more incidents than fit",
        succeeded(
            alerts=[*SMALL, with_incidents(LARGE_ID, 80, 300)],
            incidentsCut=[{"alertId": LARGE_ID, "returned": 80, "count": 300, "url": LARGE_URL}],
        ),
        "refresh poll list",
        asked={**EXPANDED, "incidents_limit": ROOM_FOR_97},
        list=[listed(*SMALL, with_incidents(LARGE_ID, 300))],
    ),
    row(
        "6,180 incidents with Cyrillic names, and the largest limit",
        succeeded(fresh=None, scannedAt=SCANNED["lastScannedDateTime"]),
        "poll fetch",
        asked={**EXPANDED, "incidents_limit": 1_000_000},
        fetch=[alert(incidentCount=len(CYRILLIC), alertIncidents=CYRILLIC)],
    ),
    row(
        "a Retry-After on a page of incidents",
        succeeded(incidentsCut=[]),
        "poll fetch incidents{2}",
        asked=EXPANDED,
        fetch=[alert(alertIncidents=[], **NEXT)],
        incidents=[
            delayed(listed({"id": "i-0"}, **{"@odata.nextLink": f"{PAGES}?$skip=20"}), 20),
            listed({"id": "i-1"}),
        ],
    ),
    row(
        "a resourceLocation with encoded slashes",
        failed("url-untrusted", "No token was sent there"),
        "poll",
        poll=[operation(resourceLocation=f"{COLLECTION_URL}/a%2Fb")],
    ),
]

CYRILLIC_TEXT = "Запрос отклонён. " * 60
"""Its JSON takes six bytes a letter. What the caller and the callback get of it is the same."""

WORDS: list[Row] = [
    row(
        "a refusal in Cyrillic letters",
        failed("request-refused", "Запрос"),
        "poll",
        poll=[refused(400, "", CYRILLIC_TEXT)],
    ),
    row(
        "403 in Cyrillic letters for good",
        timed_out("Запрос"),
        "poll fetch{2,}",
        fetch=[refused(403, "", CYRILLIC_TEXT)],
    ),
    row(
        "a failure in Cyrillic letters",
        failed("operation-failed", "Запрос"),
        "poll",
        poll=[operation(status="failed", statusDetail=CYRILLIC_TEXT)],
    ),
    row(
        "an error in OAuth's words from the identity endpoint",
        failed("identity-unavailable", "AADSTS70011"),
        "",
        world=World(identity=[Fault(status=400, json=OAUTH_ERROR, times=None)]),
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
        "poll{3}",
        poll=[
            refused(503, "Busy", f"{PERSON} has too many requests"),
            operation(status=f"waiting for {PERSON}", statusDetail=f"Scanning {PERSON}"),
            operation(status="failed", statusDetail=f"{PERSON} was not found."),
        ],
    ),
]

TRUTHS = [*FRESHNESS, *PATIENCE, *INCIDENTS_OF_ALERTS, *WORDS]
