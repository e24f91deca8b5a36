"""Every way a request or a run can go wrong, as RFC 9457 problems with a stable `type`.

https://www.rfc-editor.org/rfc/rfc9457
"""

from typing import Any, Literal, NamedTuple, NotRequired, TypedDict

PREFIX = "urn:problem-type:pim-alert-refresh:"

ProblemName = Literal[
    "invalid-request",
    "body-too-large",
    "media-type-unsupported",
    "idempotency-key-reused",
    "no-such-route",
    "invalid-settings",
    "task-hub-unavailable",
    "run-not-found",
    "run-over",
    "run-cancelled",
    "timed-out",
    "operation-failed",
    "operation-skipped",
    "operation-not-found",
    "alert-not-found",
    "alert-location-missing",
    "alert-location-untrusted",
    "refresh-disabled",
    "refresh-conflict",
    "alert-disabled",
    "license-missing",
    "permission-missing",
    "token-refused",
    "identity-unavailable",
    "request-refused",
    "graph-unavailable",
    "throttled",
    "answer-unreadable",
    "internal-error",
]


class Problem(TypedDict):
    """An RFC 9457 problem. `status` is the HTTP status of the answer that carries the problem as its body."""

    type: str
    title: str
    status: int
    detail: str
    instance: NotRequired[str]
    """`urn:uuid:` and the id of the run that met the problem."""
    errors: NotRequired[list[dict[str, str]]]
    """For requests and settings: one `{field, detail}` for each thing to put right."""
    cause: NotRequired[str]
    """Of `timed-out`: type of the problem that the last look met, when it met one, as `…:throttled`."""
    graph: NotRequired[dict[str, Any]]
    """What Graph answered: `status`, `code`, `message`, `requestId`, `clientRequestId`; for Microsoft's support."""


class _Kind(NamedTuple):
    status: int
    title: str


_KINDS: dict[ProblemName, _Kind] = {
    "invalid-request": _Kind(400, "The request is not valid"),
    "body-too-large": _Kind(413, "The body is too large"),
    "media-type-unsupported": _Kind(415, "The body is not in a form that is read here"),
    "idempotency-key-reused": _Kind(422, "The Idempotency-Key belongs to another question"),
    "no-such-route": _Kind(404, "There is no such route"),
    "invalid-settings": _Kind(503, "An application setting is not valid"),
    "task-hub-unavailable": _Kind(503, "The durable task hub did not answer"),
    "run-not-found": _Kind(404, "There is no such run"),
    "run-over": _Kind(410, "The run is already over"),
    "run-cancelled": _Kind(410, "The run was cancelled"),
    "timed-out": _Kind(424, "The deadline passed before there was an alert"),
    "operation-failed": _Kind(424, "Microsoft Graph reports that the operation failed"),
    "operation-skipped": _Kind(424, "Microsoft Graph skipped the operation"),
    "operation-not-found": _Kind(424, "Microsoft Graph does not know the operation"),
    "alert-not-found": _Kind(424, "Microsoft Graph does not know the alert"),
    "alert-location-missing": _Kind(424, "The operation succeeded but names no alert"),
    "alert-location-untrusted": _Kind(424, "The operation's resourceLocation is not an alert in Microsoft Graph"),
    "refresh-disabled": _Kind(403, "This app does not refresh alerts"),
    "refresh-conflict": _Kind(424, "Microsoft Graph is busy with another refresh"),
    "alert-disabled": _Kind(424, "The alert is disabled in PIM"),
    "license-missing": _Kind(424, "The tenant lacks the licence for PIM"),
    "permission-missing": _Kind(424, "The app lacks a permission"),
    "token-refused": _Kind(424, "Microsoft Graph refused the app's token"),
    "identity-unavailable": _Kind(424, "No token could be had for Microsoft Graph"),
    "request-refused": _Kind(424, "Microsoft Graph refused the request"),
    "graph-unavailable": _Kind(424, "Microsoft Graph could not be reached"),
    "throttled": _Kind(424, "Microsoft Graph throttles the app"),
    "answer-unreadable": _Kind(424, "Microsoft Graph's answer could not be read"),
    "internal-error": _Kind(424, "The run ended by a fault of this app"),
}


def problem(name: ProblemName, detail: str) -> Problem:
    """Return the problem `name` with `detail`: what happened here, and what the reader can do next."""
    kind = _KINDS[name]
    return {"type": PREFIX + name, "title": kind.title, "status": kind.status, "detail": detail}


def of_run(why: Problem, run_id: str) -> Problem:
    """Return `why` as the problem of the run `run_id`."""
    return {**why, "instance": f"urn:uuid:{run_id}"}


def is_problem(candidate: Problem | None, name: ProblemName) -> bool:
    """Tell whether `candidate` is a problem of the type `name`."""
    return candidate is not None and candidate["type"] == PREFIX + name


def internal_error(run_id: str) -> Problem:
    """Return the problem of a run that ended by a fault of this app."""
    return of_run(problem("internal-error", f"Look for the run id {run_id} in the app's logs, and report it."), run_id)


RUN_CANCELLED = problem("run-cancelled", "Start it again with the same POST.")
