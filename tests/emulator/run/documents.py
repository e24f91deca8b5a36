"""Run documents and results, as the app answers them."""

from typing import Any

RUN_ID = "0cca03df-2a21-5f26-b17f-19034ffd7150"
TENANT = "DirectoryRole_19356be4-7e93-4ed6-a7c6-0ae28454d125"
STALE = f"{TENANT}_StaleSignInAlert"
OPERATION = f"refresh:{STALE}"
THROTTLED = "Microsoft Graph throttles the app"
BEFORE, NOW, LATER = "2026-01-30T12:00:00.1234567Z", "2026-01-31T12:00:04.7654321Z", "2026-01-31T12:00:06.000Z"


def run(
    state: str, *, polls: int = 0, status: str | None = None, again: str | None = None, tries: int = 0
) -> dict[str, Any]:
    """Return the document of a run that refreshes one alert.

    again: the time of its next request; tries: how many requests in a row Graph throttled.
    """
    throttled = {"problem": {"title": THROTTLED}, "since": BEFORE, "tries": tries}
    return {
        "id": RUN_ID,
        "state": state,
        "target": {"alertId": STALE},
        "polls": polls,
        "nextPollAt": again,
        "waitingFor": throttled if tries else None,
        "operation": {"id": OPERATION, "status": status} if status else None,
        "problem": None,
        "links": {"self": f"/api/runs/{RUN_ID}"},
    }


def alert(name: str, *, scanned: str | None = NOW, **properties: Any) -> dict[str, Any]:
    return {
        "id": f"{TENANT}_{name}",
        "incidentCount": 0,
        "isActive": False,
        "lastScannedDateTime": scanned,
        **properties,
    }


ONE: dict[str, Any] = {
    "runId": RUN_ID,
    "operation": {"id": OPERATION, "status": "succeeded"},
    "alert": alert(
        "StaleSignInAlert",
        isActive=True,
        incidentCount=5,
        alertDefinition={"displayName": "Potential [stale] accounts", "severityLevel": "medium"},
        alertIncidents=[
            {
                "id": "1f0e",
                "roleDisplayName": "User Administrator",
                "assigneeDisplayName": "Adele [x] Vance",
                "activationCount": 20260101,
                "lastSignInDateTime": "2023-04-21T09:00:00Z",
            },
            {"id": "2f0e", "roleDisplayName": "Exchange Administrator", "lastSignInDateTime": None},
        ],
    ),
    "scannedAt": NOW,
    "fresh": True,
    "incidentsCut": [],
}
EVERY: dict[str, Any] = {
    "runId": RUN_ID,
    "operation": {"id": "5c5670d6-a2c0-a394-ef42-982954856de5", "status": "succeeded"},
    "alerts": [
        alert(
            "StaleSignInAlert",
            isActive=True,
            incidentCount=3,
            alertDefinition={"displayName": "Stale accounts", "severityLevel": "medium"},
        ),
        alert(
            "InvalidLicenseAlert",
            scanned=BEFORE,
            alertDefinition={"displayName": "No license", "severityLevel": "high"},
        ),
        alert("AnEighthAlert", scanned=None, incidentCount=None),
    ],
    "scannedAt": NOW,
    "fresh": True,
    "incidentsCut": [],
    "notScanned": [f"{TENANT}_InvalidLicenseAlert"],
}
