"""What an error means: the name of a problem, and what an administrator can do.

`alert_refresh.run.machine` decides by the name whether waiting helps.
"""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from alert_refresh.graph.errors import (
    AnswerUnreadable,
    GraphBusy,
    GraphError,
    GraphRefused,
    GraphUnreachable,
    IdentityError,
    UntrustedUrl,
)
from alert_refresh.problems import ProblemName, make_problem
from alert_refresh.run.observations import Observation
from alert_refresh.settings import InvalidSettings

type Call = Literal["refresh", "operation", "alert", "alerts"]
"""The request to Graph: refresh, get an operation, get an alert, or list all alerts."""


class Meaning(NamedTuple):
    name: ProblemName
    advice: str


def _describe_missing_permission(name: str) -> Meaning:
    return Meaning(
        "permission-missing",
        f"Grant the app's identity the Microsoft Graph application permission {name}, with admin consent; a managed "
        "identity keeps its old token for up to a day. The tenant needs Entra ID P2.",
    )


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
    "Check the alert's id: it is DirectoryRole_<tenant id>_<name of the alert>, with the id of the tenant of the app's "
    "identity.",
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
    """Return what `error` means, which `call` met."""
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
    """Return the fault for `error`, which `call` met."""
    if isinstance(error, InvalidSettings):
        problem = make_problem("invalid-settings", f"{error}.")
        problem["errors"] = error.errors
        return {"kind": "fault", "problem": problem, "retryAfter": None}
    meaning = find_meaning(error, call)
    problem = make_problem(meaning.name, f"{str(error).rstrip('.')}. {meaning.advice}")
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
