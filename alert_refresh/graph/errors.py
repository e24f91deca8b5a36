"""The errors of this package. No error of aiohttp or azure-identity leaves it.

GraphError
├── IdentityError       there is no token
├── GraphUnreachable    there is no whole answer: refused, reset, timed out, name or certificate wrong
├── AnswerUnreadable    the answer is not the JSON that it must be, or is too large
├── UntrustedUrl        a URL leads out of Graph: no token was sent there
├── GraphBusy           Graph asks for a longer wait than one call may take
└── GraphRefused        the status is not 2xx
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from alert_refresh.problems import ProblemName, make_problem, make_well_formed, shorten
from alert_refresh.run.observations import Observation
from alert_refresh.settings import InvalidSettings

LONGEST_CODE, LONGEST_MESSAGE = 200, 900
"""Bytes of ASCII JSON: a problem must fit into the custom status whole. A gateway may send a whole HTML page."""


class GraphError(Exception):
    """The root. Its text becomes a part of a sentence for people, so it holds no token and no header.

    retry_after: Graph wants no other request within these seconds; None when it did not say
    client_request_id: of the request, also when the error kept it from being sent; None when there was no request
    """

    def __init__(self, text: str, retry_after: float | None = None, client_request_id: str | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        self.client_request_id = client_request_id


class IdentityError(GraphError):
    """azure-identity gave no token."""


class GraphUnreachable(GraphError):
    """There is no whole answer. The request may have reached Graph all the same."""


class AnswerUnreadable(GraphError):
    """The body of a 2xx answer is not what it must be, or is too large."""


class UntrustedUrl(GraphError):
    """The URL is not where it must be in Graph."""


class GraphBusy(GraphError):
    """After a page, Graph asks for a longer wait than one call may take."""


class GraphRefused(GraphError):
    """The status is not 2xx. `code` and `message` are Graph's own; "" when the body has none."""

    def __init__(self, status: int, code: str = "", message: str = "", request_id: str | None = None) -> None:
        words = ": ".join(part for part in (code, message) if part)
        super().__init__(f"Graph answered HTTP {status}" + (f", {words}" if words else ""))
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id


type Call = Literal["refresh", "operation", "alert", "alerts"]
"""The request to Graph: refresh, get an operation, get an alert, or list all alerts."""


class Meaning(NamedTuple):
    name: ProblemName
    advice: str


BY_ERROR: Mapping[type[GraphError], Meaning] = {
    IdentityError: Meaning(
        "identity-unavailable",
        "Check that the app has a managed identity, or the environment variables of azure-identity.",
    ),
    GraphUnreachable: Meaning("graph-unavailable", "Check GRAPH_BASE_URL and the app's outbound network."),
    AnswerUnreadable: Meaning("answer-unreadable", "Check that GRAPH_BASE_URL is Microsoft Graph."),
    UntrustedUrl: Meaning("url-untrusted", "No token was sent there. Check that GRAPH_BASE_URL is Microsoft Graph."),
    GraphBusy: Meaning("throttled", "Run fewer runs at a time."),
}


def _describe_missing_permission(name: str) -> Meaning:
    return Meaning(
        "permission-missing",
        f"Grant the app's identity the Microsoft Graph application permission {name}, with admin consent; a managed "
        "identity keeps its old token for up to a day. The tenant needs Entra ID P2.",
    )


UNEXPECTED = Meaning("request-refused", "Report it with the ids below.")
UNAVAILABLE = Meaning("graph-unavailable", "If it goes on, check the service health of Microsoft 365.")
REDIRECTED = Meaning(
    "request-refused",
    "Graph does not redirect, and no token was sent to where this leads. Check that GRAPH_BASE_URL is Microsoft Graph, "
    "and that no proxy answers instead of it.",
)
LICENSE_MISSING = Meaning(
    "license-missing",
    "PIM needs Microsoft Entra ID P2 or Microsoft Entra ID Governance: buy it for the tenant, and open Privileged "
    "Identity Management in the Microsoft Entra admin center once.",
)
BY_STATUS: Mapping[int, Meaning] = {
    **dict.fromkeys((301, 302, 303, 307, 308), REDIRECTED),
    401: Meaning(
        "token-refused",
        "A new token was refused, too: GRAPH_BASE_URL and GRAPH_SCOPE must belong to the cloud of the app's identity.",
    ),
    403: _describe_missing_permission("RoleManagementAlert.Read.Directory"),
    # https://learn.microsoft.com/graph/errors
    **dict.fromkeys((408, 423, 425), UNAVAILABLE),
    429: Meaning("throttled", "Run fewer runs at a time."),
}
"""For every call. A status from 500 on is `UNAVAILABLE`; any other status that is not here is `UNEXPECTED`."""

_OPERATION_UNKNOWN = Meaning(
    "operation-not-found",
    "The id is wrong, of another tenant or cloud, or Graph has forgotten the operation: refresh the alert, and use "
    "the id in the Location of that answer.",
)
_ALERT_UNKNOWN = Meaning(
    "alert-not-found",
    "Check the alert's id: it is the name of an alert, as StaleSignInAlert, or DirectoryRole_<tenant id>_<name> with "
    "the tenant of the app's identity.",
)
BY_CALL: Mapping[Call, Mapping[int, Meaning]] = {
    "refresh": {
        400: Meaning(
            "request-refused",
            "If the alert is disabled in PIM, enable it in the alert settings of PIM. Otherwise report it with the ids "
            "below.",
        ),
        403: _describe_missing_permission("RoleManagementAlert.ReadWrite.Directory"),
        **dict.fromkeys((404, 410), _ALERT_UNKNOWN),
        409: Meaning("refresh-conflict", "Wait until the other refresh has ended."),
    },
    "operation": dict.fromkeys((404, 410), _OPERATION_UNKNOWN),
    "alert": dict.fromkeys((404, 410), _ALERT_UNKNOWN),
    "alerts": {},
}
"""For one call; these win over `BY_STATUS`."""

LICENSE_CODES: Mapping[str, frozenset[int]] = {
    "AadPremiumLicenseRequired": frozenset({400, 401, 403}),
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant": frozenset({401, 403}),
    "PimLicenseRequired": frozenset({400}),
}
# Microsoft documents no code for these, and other tools that call PIM report only the sentences.
_LICENSE_TEXTS = r"\bneeds\b.*\b(premium|P2)\b.*\blicen[cs]e\b|\bnot onboarded to PIM\b"


def find_meaning(error: GraphError, call: Call) -> Meaning:
    if not isinstance(error, GraphRefused):
        return BY_ERROR[type(error)]
    status = error.status
    if status >= 500:  # noqa: PLR2004
        return UNAVAILABLE
    by_text = status in {400, 403} and re.search(_LICENSE_TEXTS, error.message, re.IGNORECASE)
    if by_text or status in LICENSE_CODES.get(error.code, ()):
        return LICENSE_MISSING
    return BY_CALL[call].get(status) or BY_STATUS.get(status, UNEXPECTED)


def describe_fault(error: GraphError | InvalidSettings, call: Call) -> Observation:
    if isinstance(error, InvalidSettings):
        return {"kind": "fault", "problem": error.problem, "retryAfter": None}
    meaning = find_meaning(error, call)
    text = str(error)
    problem = make_problem(meaning.name, f"{text[:1].upper()}{text[1:].rstrip('.')}. {meaning.advice}")
    if isinstance(error, GraphRefused):
        problem["graph"] = {
            "status": error.status,
            "code": error.code,
            "message": error.message,
            "requestId": error.request_id,
            "clientRequestId": error.client_request_id,
        }
    fault: Observation = {"kind": "fault", "problem": problem, "retryAfter": error.retry_after}
    if error.client_request_id is not None:
        fault["clientRequestId"] = error.client_request_id
    return fault


def parse_error(body: bytes) -> tuple[str, str]:
    """Return Graph's `(code, message)` in the `body` of a refusal; "" for what is missing. Never raises."""
    document = _load_object(body)
    error = document.get("error")
    if isinstance(error, dict):
        code, message = _as_text(error.get("code")), _as_text(error.get("message"))
    else:
        # OAuth's form, which a service in front of Graph sends: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
        code, message = _as_text(error), _as_text(document.get("error_description"))
    # PIM sends the code UnknownError, and a JSON document in `message`: its `errorCode` is the true code.
    inner = _load_object(message)
    code, message = _as_text(inner.get("errorCode")) or code, _as_text(inner.get("message")) or message
    return shorten(code, LONGEST_CODE), shorten(message, LONGEST_MESSAGE)


def _load_object(text: str | bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _as_text(value: Any) -> str:
    return make_well_formed(value.strip()) if isinstance(value, str) else ""
