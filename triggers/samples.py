"""One run, as the API shows it. The operation and the alert are Microsoft's documented samples.

https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta
"""

from typing import Any

from domain.outcome import AlertsResult, Result
from domain.problem import Problem, problem
from domain.run_document import Links, RunDocument
from domain.run_page import RunPage

_GRAPH = "https://graph.microsoft.com/beta/identityGovernance/roleManagementAlerts"
SAMPLE_ALERT_ID = "DirectoryRole_19356be4-7e93-4ed6-a7c6-0ae28454d125_StaleSignInAlert"
_RUN = "https://app.example/api/runs/0d4c1f7e-53b4-5c9e-8a11-9c7f6b6f2f0e"

SAMPLE_ID = f"refresh:{SAMPLE_ALERT_ID}"
SAMPLE_URL = f"{_GRAPH}/operations/{SAMPLE_ID}"
SAMPLE_CALLBACK = (
    "https://prod-00.westeurope.logic.azure.com/workflows/w/runs/r/actions/a/run"
    "?api-version=2016-06-01&sp=%2Fruns%2Fr%2Factions%2Fa%2Frun%2C%2F*%2Fread&sv=1.0&sig=signature"
)
SAMPLE_LINKS: Links = {"self": _RUN, "result": f"{_RUN}/result", "cancel": _RUN}

_RUNNING: dict[str, Any] = {
    "id": SAMPLE_ID,
    "createdDateTime": "2023-06-09T22:50:41.5414467Z",
    "lastActionDateTime": "2023-06-09T22:52:09.0296021Z",
    "resourceLocation": "",
    "status": "running",
    "statusDetail": "",
}
SAMPLE_RUN: RunDocument = {
    "id": _RUN.rpartition("/")[2],
    "state": "waiting",
    "target": {"operationId": SAMPLE_ID},
    "createdAt": "2023-06-09T22:51:00.000Z",
    "updatedAt": "2023-06-09T22:52:10.000Z",
    "deadline": "2023-06-09T23:51:00.000Z",
    "polls": 3,
    "nextPollAt": "2023-06-09T22:52:40.000Z",
    "operation": _RUNNING,
    "problem": None,
    "callback": None,
    "links": SAMPLE_LINKS,
}
SAMPLE_PAGE: RunPage = {
    "value": [
        {
            "id": SAMPLE_RUN["id"],
            "state": SAMPLE_RUN["state"],
            "target": SAMPLE_RUN["target"],
            "createdAt": SAMPLE_RUN["createdAt"],
            "updatedAt": SAMPLE_RUN["updatedAt"],
            "deadline": SAMPLE_RUN["deadline"],
            "polls": SAMPLE_RUN["polls"],
            "nextPollAt": SAMPLE_RUN["nextPollAt"],
            "problem": None,
            "links": SAMPLE_LINKS,
        }
    ],
    "nextLink": None,
}
_SUCCEEDED: dict[str, Any] = {
    **_RUNNING,
    "lastActionDateTime": "2023-06-09T22:56:09.0296021Z",
    "resourceLocation": f"{_GRAPH}/alerts/{SAMPLE_ALERT_ID}",
    "status": "succeeded",
}
_ALERT: dict[str, Any] = {
    "id": SAMPLE_ALERT_ID,
    "alertDefinitionId": SAMPLE_ALERT_ID,
    "scopeId": "/",
    "scopeType": "DirectoryRole",
    "incidentCount": 2,
    "isActive": True,
    "lastModifiedDateTime": "2023-06-09T22:56:08.3Z",
    "lastScannedDateTime": "2023-06-09T22:56:08.52Z",
}
_NOT_SCANNED = SAMPLE_ALERT_ID.replace("StaleSignInAlert", "RedundantAssignmentAlert")
SAMPLE_RESULT: Result = {
    "runId": SAMPLE_RUN["id"],
    "operation": _SUCCEEDED,
    "alert": _ALERT,
    "scannedAt": "2023-06-09T22:56:08.52Z",
    "fresh": True,
    "incidentCount": 2,
    "incidentsFetched": None,
    "incidentsTruncated": False,
    "incidentsUrl": None,
    "changed": None,
    "changes": None,
}
SAMPLE_ALERTS_RESULT: AlertsResult = {
    "runId": SAMPLE_RUN["id"],
    "operation": {**_SUCCEEDED, "id": "5c5670d6-a2c0-a394-ef42-982954856de5", "resourceLocation": f"{_GRAPH}/alerts"},
    "alerts": [
        _ALERT,
        {
            **_ALERT,
            "id": _NOT_SCANNED,
            "alertDefinitionId": _NOT_SCANNED,
            "incidentCount": 0,
            "isActive": False,
            "lastScannedDateTime": "2023-06-02T08:15:31.07Z",
        },
    ],
    "scannedAt": "2023-06-02T08:15:31.07Z",
    "fresh": False,
    "notScanned": [_NOT_SCANNED],
    "incidentsTruncated": False,
    "changed": None,
    "changes": None,
}
SAMPLE_PROBLEM: Problem = {
    **problem(
        "invalid-request", "Nothing was started: timeoutSeconds must be a whole number of seconds from 1 to 86400."
    ),
    "errors": [{"field": "timeoutSeconds", "detail": "must be a whole number of seconds from 1 to 86400"}],
}
