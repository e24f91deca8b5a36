"""The documented samples of the API, and runs that ask for them.

https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alert_refresh.run.state import Run, Target, Wish, make_run

GRAPH = "https://graph.microsoft.com"
ALERT_ID = "DirectoryRole_19356be4-7e93-4ed6-a7c6-0ae28454d125_StaleSignInAlert"
OPERATION_ID = f"refresh:{ALERT_ID}"
ALERT_URL = f"{GRAPH}/beta/identityGovernance/roleManagementAlerts/alerts/{ALERT_ID}"
OPERATION_URL = f"{GRAPH}/beta/identityGovernance/roleManagementAlerts/operations/{OPERATION_ID}"
RUN_ID = "9a2f6f0e-0d0c-4b57-8f2b-5a3f3c1d2e4f"

WATCH = Target("operationId", OPERATION_ID)
REFRESH = Target("alertId", ALERT_ID)
REFRESH_ALL = Target("allAlerts")

REQUESTED_AT = "2023-06-09T22:50:40.000Z"
"""The `Date` of the answer to a refresh: the operation below is created a second later."""

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
EARLIER = {
    **SUCCEEDED,
    "createdDateTime": "2023-06-08T22:50:41.5414467Z",
    "lastActionDateTime": "2023-06-08T22:56:09.0296021Z",
}
"""The end of the scan of the day before."""

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


def make_wish(now: datetime, *, seconds: float = 3600, **changes: Any) -> Wish:
    """Return the wish for the sample operation at `now`."""
    wish = Wish(WATCH, created_at=now, deadline=now + timedelta(seconds=seconds), poll_min_seconds=5.0)
    return replace(wish, **changes)


def make_sample_run(now: datetime, *, seconds: float = 3600, **changes: Any) -> Run:
    """Return a run that begins at `now`; `changes` are fields of its wish."""
    return make_run(RUN_ID, make_wish(now, seconds=seconds, **changes))
