"""What a `GraphError` means for a run: "try again" when time may mend it, else a problem; and what can be done."""

from collections.abc import Mapping

from domain.observation import Observation
from domain.problem import problem
from graph.errors import AnswerUnreadable, GraphError, GraphRefused, GraphUnreachable, IdentityError, UntrustedUrl
from graph.refusals import Call, Trouble, meaning

TROUBLES: Mapping[type[GraphError], Trouble] = {
    IdentityError: Trouble(
        "tryAgain",
        "identity-unavailable",
        "Check that the app has a managed identity, or the environment variables of azure-identity.",
    ),
    GraphUnreachable: Trouble("tryAgain", "graph-unavailable", "Check GRAPH_BASE_URL and the app's outbound network."),
    AnswerUnreadable: Trouble("tryAgain", "answer-unreadable", "Check that GRAPH_BASE_URL is Microsoft Graph."),
    UntrustedUrl: Trouble(
        "problem", "alert-location-untrusted", "No token was sent there. Ask for the alert by its id."
    ),
}

_NEXT_LINK = Trouble(
    "problem",
    "answer-unreadable",
    "That is the @odata.nextLink of a list; no token was sent there, and the rest of the list was not read. Check that "
    "GRAPH_BASE_URL is Microsoft Graph.",
)
UNTRUSTED: Mapping[Call, Trouble] = {
    "alerts": _NEXT_LINK,
    "incidents": _NEXT_LINK,
    "refresh": Trouble(
        "problem",
        "answer-unreadable",
        "The answer to a refresh must name its operation in Location. The alert is being scanned all the same: look at "
        "it in some minutes, and check that GRAPH_BASE_URL is Microsoft Graph.",
    ),
}
"""Of a URL from Graph that is not where it should be; not to be asked for again, as a next answer says the same."""


def observed_trouble(error: GraphError, call: Call, client_request_id: str) -> Observation:
    """Return the observation that `error`, met by a `call`, amounts to."""
    if isinstance(error, GraphRefused):
        trouble = meaning(error, call)
    else:
        links = UNTRUSTED if isinstance(error, UntrustedUrl) else {}
        trouble = links.get(call, TROUBLES[type(error)])
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
