"""What Graph answers: the documented sample, dated as if its scan began ten minutes after the run.

So it is that run's scan however long Graph puts the refresh off.
"""

import json
from dataclasses import replace
from typing import Any

from tests.faults.scripted_graph import Answer
from tests.support.graph_samples import ALERT, ALERT_URL, GRAPH, OPERATION_URL, RUNNING

COLLECTION_URL = ALERT_URL.rpartition("/")[0]
OPERATION = {
    **RUNNING,
    "createdDateTime": "2026-01-31T12:10:01.5414467Z",
    "lastActionDateTime": "2026-01-31T12:15:09.0296021Z",
}
SUCCEEDED = {**OPERATION, "resourceLocation": ALERT_URL, "status": "succeeded"}
PREVIOUS = {
    **SUCCEEDED,
    "createdDateTime": "2026-01-31T11:40:01.5414467Z",
    "lastActionDateTime": "2026-01-31T11:45:09.0296021Z",
}
"""The end of a scan before the run, under the same id."""
SCANNED = {**ALERT, "lastScannedDateTime": "2026-01-31T12:15:08.52Z"}
UNSCANNED = {**ALERT, "lastScannedDateTime": "2026-01-31T11:45:08.52Z"}
"""The alert as the previous scan left it."""


def said(document: Any, **headers: str) -> Answer:
    """Return a 200 with `document` as JSON; the `_` in names of `headers` stands for `-`."""
    return Answer(200, json.dumps(document).encode(), _headers(headers))


def operation(**changes: Any) -> Answer:
    return said({**SUCCEEDED, **changes})


def alert(**changes: Any) -> Answer:
    return said({**SCANNED, **changes})


def accepted(location: str = OPERATION_URL, **headers: str) -> Answer:
    """Return the 202 to a refresh."""
    return Answer(202, headers=_headers({"Location": location, **headers}))


def refused(status: int, code: str = "", message: str = "", **headers: str) -> Answer:
    body = {"error": {"code": code, "message": message, "innerError": {"date": "2026-01-31T12:00:00"}}}
    return Answer(status, json.dumps(body).encode(), _headers({"request-id": "r-1", **headers}))


def wrapped(status: int, code: str, message: str) -> Answer:
    """Return a refusal of PIM's own: the true code in a JSON document inside the message."""
    return refused(status, "UnknownError", json.dumps({"errorCode": code, "message": message}))


def busy(retry_after: str | None = None, wait: float = 0.0, status: int = 429) -> Answer:
    """Return a refusal whose Retry-After comes to `wait` seconds."""
    return Answer(status, headers={} if retry_after is None else {"Retry-After": retry_after}, wait=wait)


def delayed(answer: Answer, seconds: int) -> Answer:
    """Return `answer` with a Retry-After of so many seconds."""
    return replace(answer, headers={**answer.headers, "Retry-After": str(seconds)}, wait=seconds)


def listed(*alerts: dict[str, Any], **more: Any) -> Answer:
    return said({"@odata.context": f"{GRAPH}/beta/$metadata#c", "value": list(alerts), **more})


def _headers(named: dict[str, str]) -> dict[str, str]:
    return {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in named.items()}}


RUNS = said(OPERATION)
DONE = said(SUCCEEDED)
ACCEPTED = accepted()
UNAUTHORIZED = refused(
    401, "InvalidAuthenticationToken", "Lifetime validation failed.", WWW_Authenticate='Bearer realm=""'
)
CHALLENGED = refused(
    401,
    "InvalidAuthenticationToken",
    "Continuous access evaluation resulted in challenge.",
    # The claims: {"access_token": {"nbf": {"essential": true, "value": "1604106651"}}}
    WWW_Authenticate='Bearer realm="", error="insufficient_claims", claims="'
    'eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNjA0MTA2NjUxIn19fQ=="',
)
NOT_FOUND = refused(404, "ResourceNotFound", "Resource not found.")
HTML = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
