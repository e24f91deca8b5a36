"""The documented sample of the API, and runs that ask for it.

https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta
"""

from datetime import datetime, timedelta
from typing import Any

from domain.durations import PRIOR
from domain.run_state import NO_PROGRESS, RunState
from domain.timestamps import format_timestamp

GRAPH = "https://graph.microsoft.com"
ALERT_ID = "DirectoryRole_19356be4-7e93-4ed6-a7c6-0ae28454d125_StaleSignInAlert"
OPERATION_ID = f"refresh:{ALERT_ID}"
ALERT_URL = f"{GRAPH}/beta/identityGovernance/roleManagementAlerts/alerts/{ALERT_ID}"
OPERATION_URL = f"{GRAPH}/beta/identityGovernance/roleManagementAlerts/operations/{OPERATION_ID}"

RUNNING: dict[str, Any] = {
    "@odata.context": f"{GRAPH}/beta/$metadata#identityGovernance/roleManagementAlerts/operations/$entity",
    "id": OPERATION_ID,
    "createdDateTime": "2023-06-09T22:50:41.5414467Z",
    "lastActionDateTime": "2023-06-09T22:52:09.0296021Z",
    "resourceLocation": "",
    "status": "running",
    "statusDetail": "",
}
SUCCEEDED = {
    **RUNNING,
    "lastActionDateTime": "2023-06-09T22:56:09.0296021Z",
    "resourceLocation": ALERT_URL,
    "status": "succeeded",
}
ALERT: dict[str, Any] = {
    "@odata.context": f"{GRAPH}/beta/$metadata#identityGovernance/roleManagementAlerts/alerts/$entity",
    "id": ALERT_ID,
    "alertDefinitionId": ALERT_ID,
    "scopeId": "/",
    "scopeType": "DirectoryRole",
    "incidentCount": 2,
    "isActive": True,
    "lastModifiedDateTime": "2023-06-09T22:56:08.3Z",
    "lastScannedDateTime": "2023-06-09T22:56:08.52Z",
}
LIMIT = 49_152
NO_INCIDENTS = {
    "incidentCount": 2,
    "incidentsFetched": None,
    "incidentsTruncated": False,
    "incidentsUrl": None,
    "changed": None,
    "changes": None,
}
"""What a result says of the incidents of `ALERT`, which are not expanded."""


def asked(now: datetime, *, seconds: float = 3600, **changes: Any) -> RunState:
    """Return a run for the sample operation that was asked for at `now`."""
    run: RunState = {
        "target": {"operationId": OPERATION_ID},
        "select": [],
        "expand": [],
        "notBefore": None,
        "onlyIfChanged": False,
        "notifyChangesOnly": False,
        "callbackUrl": None,
        "createdAt": format_timestamp(now),
        "deadline": format_timestamp(now + timedelta(seconds=seconds)),
        "pollMinSeconds": 5.0,
        "pollMaxSeconds": 60.0,
        "learning": True,
        "durations": PRIOR,
        "incidentsLimit": LIMIT,
        "phase": "waiting",
        "operationId": OPERATION_ID,
        **NO_PROGRESS,
    }
    return {**run, **changes}  # type: ignore[typeddict-item]
