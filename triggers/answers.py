"""HTTP answers: JSON, problems, and the URLs of a run."""

import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, urlsplit

import azure.functions as func

from domain.problem import Problem, problem
from domain.run_document import Links
from domain.settings import InvalidSettings
from triggers.json_body import BodyTooLarge, MediaTypeUnsupported
from triggers.list_query import InvalidQuery
from triggers.start_request import InvalidRequest
from triggers.task_hub import RunNotFound, RunOver, RunUnreadable, TaskHubUnavailable

type Trigger = Callable[..., Awaitable[func.HttpResponse]]

EXPECTED = (
    *(InvalidRequest, BodyTooLarge, MediaTypeUnsupported),
    *(InvalidSettings, TaskHubUnavailable, RunNotFound, RunOver),
)
"""What triggers raise for their caller's or their operator's sake."""


def json_answer(status: int, body: Any, *, headers: dict[str, str] | None = None) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(body), status_code=status, mimetype="application/json", headers=headers)


def problem_answer(why: Problem) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(why), status_code=why["status"], mimetype="application/problem+json")


def runs_url(request: func.HttpRequest) -> str:
    """Return the absolute URL of all runs, on the origin and prefix that `request` came to, without a query."""
    url = urlsplit(request.url)
    # Routes are matched without case: the caller may have spelt it otherwise.
    prefix = url.path[: url.path.lower().rindex("/runs")]
    return f"{url.scheme}://{url.netloc}{prefix}/runs"


def run_links(request: func.HttpRequest, run_id: str) -> Links:
    """Return the run's absolute URLs, on the origin and prefix that `request` came to.

    A caller that put its key into `?code=` finds it in them, since a follower of `Location` sends no header of its own.
    """
    run = f"{runs_url(request)}/{run_id}"
    code = request.params.get("code")
    key = f"?code={quote(code, safe='')}" if code else ""
    return {"self": run + key, "result": f"{run}/result{key}", "cancel": run + key}


def answers_problems(trigger: Trigger) -> Trigger:
    """Turn what a trigger raises for its caller's or its operator's sake into a problem. Anything else is a 500."""

    @functools.wraps(trigger)
    async def answered(*args: Any, **kwargs: Any) -> func.HttpResponse:
        try:
            return await trigger(*args, **kwargs)
        except EXPECTED as error:
            return problem_answer(problem_of_error(error))

    return answered


def problem_of_error(error: Exception) -> Problem:
    """Return the problem that one of `EXPECTED` is."""
    match error:
        case InvalidQuery():
            why = problem("invalid-request", f"{error}.")
            why["errors"] = error.errors
        case InvalidRequest():
            why = problem("invalid-request", f"Nothing was started: {error}.")
            why["errors"] = error.errors
        case BodyTooLarge():
            why = problem("body-too-large", f"Nothing was started. {error}.")
        case MediaTypeUnsupported():
            why = problem("media-type-unsupported", f"Nothing was started. {error}.")
        case InvalidSettings():
            why = invalid_settings(error)
        case RunUnreadable():
            detail = (
                f"Run {error} is, with its result, larger than one message of the task hub (4 MB), and cannot be read. "
                "Start it again with a smaller select or expand, or with INCIDENTS_LIMIT_BYTES lowered."
            )
            why = problem("task-hub-unavailable", detail)
        case TaskHubUnavailable():
            why = problem("task-hub-unavailable", f"Try again; if it goes on, check the app's storage. {error}.")
        case RunOver():
            why = problem("run-over", f"Run {error} ended in the meantime; there is nothing to cancel.")
        case _:
            why = problem("run-not-found", f"No run has the id {error}. It may have been purged.")
    return why


def invalid_settings(error: InvalidSettings) -> Problem:
    """Return the problem that names each faulty setting and what it accepts."""
    why = problem("invalid-settings", f"{error}. Correct the application setting; the app restarts by itself.")
    why["errors"] = error.errors
    return why
