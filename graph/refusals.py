"""What a status other than 2xx means for what was asked, and what a tenant's admin can do about it."""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from domain.problem import ProblemName
from graph.errors import GraphRefused

type Call = Literal["operation", "alert", "alerts", "incidents", "refresh"]
"""What was asked of Graph: to show an operation, an alert or a page of one of the lists, or to refresh."""


class Trouble(NamedTuple):
    kind: Literal["tryAgain", "problem"]
    name: ProblemName
    advice: str


def _permission(name: str) -> Trouble:
    return Trouble(
        "problem",
        "permission-missing",
        f"Grant the app's identity the Microsoft Graph application permission {name}, with admin consent; a managed "
        "identity keeps its old token for up to a day. The tenant needs Entra ID P2.",
    )


UNEXPECTED = Trouble("problem", "request-refused", "Report it with the ids below.")
UNAVAILABLE = Trouble("tryAgain", "graph-unavailable", "If it goes on, see the Microsoft 365 service health.")
NOT_FOLLOWED = Trouble(
    "problem",
    "request-refused",
    "Graph does not redirect, and no token was sent to where this leads. Check that GRAPH_BASE_URL is Microsoft Graph, "
    "and that no proxy answers in its place.",
)
REFUSALS: Mapping[int, Trouble] = {
    **dict.fromkeys((301, 302, 303, 307, 308), NOT_FOLLOWED),
    401: Trouble(
        "problem",
        "token-refused",
        "A fresh token was refused, too: GRAPH_BASE_URL and GRAPH_SCOPE must be of the cloud the identity lives in.",
    ),
    403: _permission("RoleManagementAlert.Read.Directory"),
    429: Trouble("tryAgain", "throttled", "Run fewer runs at a time."),
    # https://learn.microsoft.com/graph/errors
    **dict.fromkeys((408, 423, 425, 500, 502, 503, 504, 509), UNAVAILABLE),
}
"""Whatever was asked for."""

_OPERATION_UNKNOWN = Trouble(
    "problem",
    "operation-not-found",
    "The id is wrong, of another tenant or cloud, or Graph has forgotten the operation: refresh the alert, and use "
    "the id in the Location of that answer.",
)
_ALERT_UNKNOWN = Trouble(
    "problem",
    "alert-not-found",
    "Check the alert's id: it is DirectoryRole_<tenant id>_<name of the alert>, with the id of the tenant that the "
    "app's identity lives in.",
)
BY_CALL: Mapping[Call, Mapping[int, Trouble]] = {
    "operation": dict.fromkeys((404, 410), _OPERATION_UNKNOWN),
    "alert": dict.fromkeys((404, 410), _ALERT_UNKNOWN),
    "alerts": {},
    "incidents": dict.fromkeys((404, 410), _ALERT_UNKNOWN),
    "refresh": {
        400: Trouble(
            "problem",
            "request-refused",
            "If the alert is disabled in PIM, enable it in the settings of PIM's alerts. Otherwise report it with the "
            "ids below.",
        ),
        403: _permission("RoleManagementAlert.ReadWrite.Directory"),
        404: _ALERT_UNKNOWN,
        409: Trouble("tryAgain", "refresh-conflict", "Let the refresh that is under way come to its end."),
        410: _ALERT_UNKNOWN,
    },
}
"""What wins over `REFUSALS`."""

LICENSE_MISSING = Trouble(
    "problem",
    "license-missing",
    "PIM needs Microsoft Entra ID P2 or Microsoft Entra ID Governance: buy it for the tenant, and open Privileged "
    "Identity Management in the Microsoft Entra admin center once.",
)
_LICENSE_CODES = {"AadPremiumLicenseRequired"}
# No page of Microsoft's names the code, and some tools that call PIM have met the sentences alone.
_LICENSE_TEXTS = r"\bneeds\b.*\b(premium|P2)\b.*\blicen[cs]e\b|\bnot onboarded to PIM\b"


def meaning(refused: GraphRefused, call: Call) -> Trouble:
    """Return what `refused` means for a `call`."""
    if refused.status in {400, 403} and _tells_of_license(refused):
        return LICENSE_MISSING
    return BY_CALL[call].get(refused.status) or REFUSALS.get(refused.status, UNEXPECTED)


def _tells_of_license(refused: GraphRefused) -> bool:
    return refused.code in _LICENSE_CODES or re.search(_LICENSE_TEXTS, refused.message, re.IGNORECASE) is not None
