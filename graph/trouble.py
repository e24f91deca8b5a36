"""What a `GraphError` means for a run: "try again" when time may mend it, else a problem; and what can be done."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from domain.observation import Observation
from domain.problem import ProblemName, problem
from graph.errors import AnswerUnreadable, GraphError, GraphRefused, GraphUnreachable, IdentityError, UntrustedUrl


class Trouble(NamedTuple):
    kind: Literal["tryAgain", "problem"]
    name: ProblemName
    advice: str


TROUBLES: Mapping[type[GraphError], Trouble] = {
    IdentityError: Trouble(
        "tryAgain",
        "identity-unavailable",
        "Check that the app has a managed identity, or the environment variables of azure-identity.",
    ),
    GraphUnreachable: Trouble("tryAgain", "graph-unavailable", "Check GRAPH_BASE_URL and the app's outbound network."),
    AnswerUnreadable: Trouble("tryAgain", "answer-unreadable", "Check that GRAPH_BASE_URL is Microsoft Graph."),
    UntrustedUrl: Trouble(
        "problem", "alert-location-untrusted", "No token was sent there. Watch the refresh of one alert."
    ),
}

UNAVAILABLE = Trouble("tryAgain", "graph-unavailable", "If it goes on, see the Microsoft 365 service health.")
UNEXPECTED = Trouble("problem", "request-refused", "Report it with the ids below.")
REFUSALS: Mapping[int, Trouble] = {
    401: Trouble(
        "problem",
        "token-refused",
        "A fresh token was refused, too: GRAPH_BASE_URL and GRAPH_SCOPE must be of the cloud the identity lives in.",
    ),
    403: Trouble(
        "problem",
        "permission-missing",
        "Grant the app's identity the Microsoft Graph application permission RoleManagementAlert.Read.Directory, with "
        "admin consent; a managed identity keeps its old token for up to a day. The tenant needs Entra ID P2.",
    ),
    429: Trouble("tryAgain", "throttled", "Run fewer runs at a time."),
    # https://learn.microsoft.com/graph/errors
    **dict.fromkeys((408, 423, 425, 500, 502, 503, 504, 509), UNAVAILABLE),
}

NOT_FOUND: Mapping[str, Trouble] = {
    "operation": Trouble(
        "problem",
        "operation-not-found",
        "The id is wrong, of another tenant or cloud, or Graph has forgotten the operation: refresh the alert, and use "
        "the id in the Location of that answer.",
    ),
    "alert": Trouble(
        "problem", "alert-not-found", "The operation's resourceLocation leads nowhere: refresh the alert."
    ),
}


def observed_trouble(error: GraphError, kind: Literal["operation", "alert"], client_request_id: str) -> Observation:
    """Return the observation that `error` amounts to for a look at a `kind`."""
    if isinstance(error, GraphRefused):
        missing = NOT_FOUND[kind] if error.status in {404, 410} else UNEXPECTED
        trouble = REFUSALS.get(error.status, missing)
    else:
        trouble = TROUBLES[type(error)]
    why = problem(trouble.name, f"{str(error).rstrip('.')}. {trouble.advice}")
    if isinstance(error, GraphRefused):
        why["graph"] = {
            "status": error.status,
            "code": error.code,
            "message": error.message,
            "requestId": error.request_id,
            "clientRequestId": client_request_id,
        }
    return {
        "kind": trouble.kind,
        "problem": why,
        "retryAfter": error.retry_after,
        "clientRequestId": client_request_id,
    }
