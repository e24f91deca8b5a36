"""Every way a request or a run can fail, as RFC 9457 problems with a stable `type`.

https://www.rfc-editor.org/rfc/rfc9457
"""

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, NotRequired, TypedDict

PREFIX = "urn:problem-type:pim-alert-refresh:"

ProblemName = Literal[
    "invalid-request",
    "body-too-large",
    "media-type-unsupported",
    "idempotency-key-reused",
    "cross-site-request",
    "no-such-route",
    "no-such-alert",
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
    "url-untrusted",
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
    """An RFC 9457 problem. The schema `Problem` of openapi.yaml says what its members mean."""

    type: str
    title: str
    status: int
    detail: str
    instance: NotRequired[str]
    errors: NotRequired[list[dict[str, str]]]
    cause: NotRequired[str]
    graph: NotRequired[dict[str, Any]]
    retryAfter: NotRequired[int]


class _Kind(NamedTuple):
    title: str
    status: int = 424
    """Of the answer. 424 is that of a run which ended without a result."""


KINDS: Mapping[ProblemName, _Kind] = {
    "invalid-request": _Kind("The request is not valid", 400),
    "body-too-large": _Kind("The body is too large", 413),
    "media-type-unsupported": _Kind("The media type of the body is not supported", 415),
    "idempotency-key-reused": _Kind("The Idempotency-Key belongs to another request", 422),
    "cross-site-request": _Kind("The request comes from another site", 403),
    "no-such-route": _Kind("There is no such route", 404),
    "no-such-alert": _Kind("There is no such alert", 404),
    "invalid-settings": _Kind("An application setting is not valid", 503),
    "task-hub-unavailable": _Kind("The durable task hub did not answer", 503),
    "run-not-found": _Kind("There is no such run", 404),
    "run-over": _Kind("The run is already over", 410),
    "run-cancelled": _Kind("The run was cancelled", 410),
    "timed-out": _Kind("The deadline passed before there was an alert"),
    "operation-failed": _Kind("Microsoft Graph reports that the operation failed"),
    "operation-skipped": _Kind("Microsoft Graph skipped the operation"),
    "operation-not-found": _Kind("Microsoft Graph does not know the operation"),
    "alert-not-found": _Kind("Microsoft Graph does not know the alert"),
    "alert-location-missing": _Kind("The operation succeeded but names no alert"),
    "url-untrusted": _Kind("A URL in the answer of Microsoft Graph is missing or not trusted"),
    "refresh-disabled": _Kind("This app does not refresh alerts", 403),
    "refresh-conflict": _Kind("Microsoft Graph is busy with another refresh"),
    "alert-disabled": _Kind("The alert is disabled in PIM"),
    "license-missing": _Kind("The tenant lacks the licence for PIM"),
    "permission-missing": _Kind("The app lacks a permission"),
    "token-refused": _Kind("Microsoft Graph refused the app's token"),
    "identity-unavailable": _Kind("There is no token for Microsoft Graph"),
    "request-refused": _Kind("Microsoft Graph refused the request"),
    "graph-unavailable": _Kind("Microsoft Graph could not be reached"),
    "throttled": _Kind("Microsoft Graph throttles the app"),
    "answer-unreadable": _Kind("Microsoft Graph's answer could not be read"),
    "internal-error": _Kind("The run ended by a fault of this app"),
}


def make_problem(name: ProblemName, detail: str) -> Problem:
    """Return the problem `name`. `detail` says what happened and what the reader can do next."""
    kind = KINDS[name]
    return {"type": PREFIX + name, "title": kind.title, "status": kind.status, "detail": detail}


def attach_run(problem: Problem, run_id: str) -> Problem:
    """Return `problem` as the problem of the run `run_id`."""
    return {**problem, "instance": f"urn:uuid:{run_id}"}


def is_problem(candidate: Problem | None, name: ProblemName) -> bool:
    return candidate is not None and candidate["type"] == PREFIX + name


def make_internal_error(run_id: str) -> Problem:
    """Return the problem of a run that ended by a fault of this app."""
    detail = f"Search the app's logs for the run id {run_id}, and report the fault."
    return attach_run(make_problem("internal-error", detail), run_id)


REFRESH_DISABLED = make_problem(
    "refresh-disabled",
    "Nothing was started. A refresh needs the application setting REFRESH_ENABLED to be true, and the Microsoft Graph "
    "permission RoleManagementAlert.ReadWrite.Directory for the app's identity. Watching an operation, by operationId "
    "or operationUrl, needs neither.",
)
RUN_CANCELLED = make_problem("run-cancelled", "To get the alert, start a new run.")


class Refused(Exception):
    """A request cannot be answered as it is. `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem["detail"])
        self.problem = problem


LONGEST_FAILURE = 2000
"""Characters. The Durable extension never ends an orchestration that fails with more than 32,768: it repeats the turn
for ever, and the whole task hub becomes slow."""


class Failed(Exception):
    """An activity or an orchestration failed. The host passes on only the text, without the type of an error."""

    def __init__(self, text: str) -> None:
        whole = make_well_formed(text)
        super().__init__(whole if len(whole) <= LONGEST_FAILURE else whole[: LONGEST_FAILURE - 1] + "…")


def shorten(text: str, size: int) -> str:
    """Return `text`, cut to `size` bytes of JSON in ASCII, as the task hub stores it: one character can take twelve."""
    while (length := len(json.dumps(text)) - 2) > size:
        text = text[: min(len(text) - 1, len(text) * size // length)]
    return text


def make_well_formed(text: str) -> str:
    """Return `text` with a question mark in place of each half of a surrogate pair.

    JSON accepts such a half. Protobuf and log files do not: an exception whose text has one is never reported.
    """
    return text.encode(errors="replace").decode()
