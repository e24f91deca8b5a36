"""What to do about a problem of a run, beyond its detail."""

from collections.abc import Mapping

from domain.problem import PREFIX, Problem

REMEDIES: Mapping[str, str] = {
    "permission-missing": "grant the permission that the text names to the identity; a managed identity keeps its old "
    "token for up to a day",
    "license-missing": "Microsoft Entra ID P2 or ID Governance; open PIM once",
    "alert-not-found": "check the tenant's id and the name in the alert's id",
    "alert-disabled": "enable it in PIM's alert settings",
    "refresh-conflict": "ask again later, or with a longer timeoutSeconds",
    "operation-failed": "refresh again; skipped hints at a disabled alert",
    "operation-skipped": "refresh again; skipped hints at a disabled alert",
    "throttled": "fewer runs at a time; Retry-After of minutes is honoured, so give it a longer timeoutSeconds",
    "operation-not-found": "take the id from the Location of a refresh, of the same tenant and cloud",
    "graph-unavailable": "look at Microsoft's service health; graph holds what came last",
    "timed-out": "scans take minutes: ask with a longer timeoutSeconds, up to 86400; operation in the document shows "
    "the last look",
    "identity-unavailable": "turn the managed identity on, or set azure-identity's variables",
    "token-refused": "GRAPH_BASE_URL and GRAPH_SCOPE must be of the identity's own cloud",
    "alert-location-untrusted": "no token was sent there; watch the refresh of one alert",
    "internal-error": "search the logs for the run id, and report it",
}
"""By the name of the problem, one clause each. Of the others the detail says it all."""


def remedy(why: Problem) -> str | None:
    """Return what to do about `why`, or about its cause, as a sentence; None when its detail has said it."""
    clause = REMEDIES.get(why.get("cause", why["type"]).removeprefix(PREFIX))
    return clause and f"{clause[0].upper()}{clause[1:]}."
