"""HTTP answers in JSON: documents, results, problems, and the URLs of a run."""

import functools
import json
import math
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from os import environ
from typing import Any
from urllib.parse import quote

import azure.functions as func

from alert_refresh.callback.urls import find_callback_host
from alert_refresh.problems import Problem, Refused, is_problem, make_problem
from alert_refresh.run.delivery import DeliveryStatus
from alert_refresh.run.documents import Instance, Links, RunDocument, find_problem, is_alive, make_document
from alert_refresh.settings import find_caller_check, find_public_url
from alert_refresh.timestamps import parse_timestamp
from alert_refresh.web.requests import is_declared_json, prefers_page, read_preferred_wait

type Trigger = Callable[..., Awaitable[func.HttpResponse]]
type ShowProblem = Callable[[func.HttpRequest, Problem], func.HttpResponse]

PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept",
}
"""Headers of every answer: it can name people, its URL can hold a key, and some URLs answer a page, too.

A referrer is the origin alone. Without one, a browser sends `Origin: null` with a form, and App Service refuses that:
https://learn.microsoft.com/azure/app-service/overview-authentication-authorization#cross-site-request-forgery-mitigation
"""

PROBLEM_FORMATS: dict[str, ShowProblem] = {"json": lambda _, problem: answer_problem(problem)}
"""How to answer a problem. page_responses.py adds "html", so that the start of a run imports no page."""

ROUTES = r"(/runs(/[^/]*(/result|/cancel)?)?|/alerts(/[^/]*)?|/doctor)?/?"
"""The ends of the URLs, as a pattern, whose answers have links."""

SOON_SECONDS = 2
"""The Retry-After of a run without a planned poll: it starts, or a request is under way."""


def answer_json(
    status: int, body: Any, headers: dict[str, str] | None = None, media_type: str = "application/json"
) -> func.HttpResponse:
    headers = {**PRIVATE, **(headers or {})}
    return func.HttpResponse(json.dumps(body), status_code=status, mimetype=media_type, headers=headers)


def answer_problem(problem: Problem) -> func.HttpResponse:
    return answer_json(problem["status"], problem, make_retry_header(problem), "application/problem+json")


def make_retry_header(problem: Problem) -> dict[str, str]:
    """Return the `Retry-After` of a problem that ends without anybody's help; nothing for the others."""
    seconds = 10 if is_problem(problem, "task-hub-unavailable") else problem.get("retryAfter")
    return {"Retry-After": str(seconds)} if seconds else {}


def answer_accepted(
    request: func.HttpRequest, instance: Instance, delivery: DeliveryStatus | None, now: datetime
) -> func.HttpResponse:
    """Answer 202 with `Location` (absolute: Logic Apps follows no other) and `Retry-After` (whole seconds)."""
    document = describe_run(request, instance, delivery, now)
    headers = {"Location": document["links"]["result"], "Retry-After": str(_find_retry_after(document, now))}
    return answer_json(202, document, headers)


def answer_outcome(request: func.HttpRequest, instance: Instance, now: datetime) -> func.HttpResponse:
    """Answer 200 with the result, 424 with the problem, 410 when cancelled; 202 while the run goes on.

    https://learn.microsoft.com/azure/architecture/patterns/async-request-reply
    """
    if is_alive(instance, now):
        response = answer_accepted(request, instance, None, now)
    elif problem := find_problem(instance, now):
        response = answer_problem(problem)
    else:
        response = answer_json(200, instance.result)
    if seconds := read_preferred_wait(request):
        response.headers["Preference-Applied"] = f"wait={seconds}"
    return response


def answer_problems(
    trigger: Trigger,
    show: ShowProblem = PROBLEM_FORMATS["json"],
) -> Trigger:
    """Answer with the problem of a `Refused`, also when another site sent the request. Other errors are a 500."""

    @functools.wraps(trigger)
    async def answer(req: func.HttpRequest, *args: Any, **kwargs: Any) -> func.HttpResponse:
        try:
            _refuse_cross_site(req)
            return await trigger(req, *args, **kwargs)
        except Refused as error:
            return show(req, error.problem)

    return answer


def _refuse_cross_site(request: func.HttpRequest) -> None:
    """Raise `Refused` for a POST or DELETE that the page of another site can have sent.

    A browser names the site of a request in Sec-Fetch-Site, and no page can change that header. A script sends none.
    Neither does an old browser. It can have signed in, but the page of another site can make it send neither JSON nor a
    DELETE. A key comes from nobody's browser. https://www.w3.org/TR/fetch-metadata/
    """
    site = request.headers.get("sec-fetch-site", "none")
    is_safe = find_caller_check(environ) == "key" or request.method == "DELETE" or is_declared_json(request)
    if request.method not in {"POST", "DELETE"} or site == "same-origin" or (site == "none" and is_safe):
        return
    detail = (
        "Nothing was changed: only a page of this app can send a form. Open the page of the run, or the list of runs, "
        "and use the button there. A script sends Content-Type: application/json, and no Sec-Fetch-Site."
    )
    raise Refused(make_problem("cross-site-request", detail))


def answer_people(trigger: Trigger) -> Trigger:
    """Answer as `answer_problems` does, with a page when the caller prefers one."""

    def show(request: func.HttpRequest, problem: Problem) -> func.HttpResponse:
        return PROBLEM_FORMATS["html" if prefers_page(request) else "json"](request, problem)

    return answer_problems(trigger, show)


def answer_see_run(request: func.HttpRequest, run_id: str) -> func.HttpResponse:
    """Answer 303: a browser that has sent a form goes on to the page of the run."""
    return func.HttpResponse(status_code=303, headers={**PRIVATE, "Location": make_links(request, run_id)["self"]})


def describe_run(
    request: func.HttpRequest, instance: Instance, delivery: DeliveryStatus | None, now: datetime
) -> RunDocument:
    """Return the run document, with the links for the caller of `request`."""
    url = instance.run.wish.callback_url
    return make_document(instance, delivery, make_links(request, instance.id), now, url and find_callback_host(url))


def find_runs_url(request: func.HttpRequest, path: str = "") -> str:
    """Return the absolute URL of all runs, or of `path` under them."""
    return _find_url(request, f"/runs{path}")


def find_alerts_url(request: func.HttpRequest, path: str = "") -> str:
    """Return the absolute URL of all alerts, or of `path` under them."""
    return _find_url(request, f"/alerts{path}")


def find_doctor_url(request: func.HttpRequest) -> str:
    """Return the absolute URL of the doctor."""
    return _find_url(request, "/doctor")


def _find_url(request: func.HttpRequest, path: str) -> str:
    """Return the absolute URL of `path`.

    It repeats the key of a caller that used `?code=`: a client that follows `Location` may send no header.
    """
    # The host takes the header first, and ignores the letter case of the parameter.
    codes = [] if "x-functions-key" in request.headers else list(request.params.items())
    code = next((value for name, value in codes if name.lower() == "code"), None)
    return f"{find_api_url(request, ROUTES)}{path}" + (f"?code={quote(code, safe='')}" if code else "")


def find_api_url(request: func.HttpRequest, route: str) -> str:
    """Return what the URLs of the API begin with: PUBLIC_URL, or else the URL of `request` before `route`, a pattern.

    X-Forwarded-Host and its like are ignored: any caller can send them.
    """
    url = request.url.partition("?")[0]
    # The host ignores the letter case of a path.
    return find_public_url(environ) or re.sub(rf"{route}\Z", "", url, count=1, flags=re.IGNORECASE)


def make_links(request: func.HttpRequest, run_id: str) -> Links:
    run = find_runs_url(request, f"/{run_id}")
    return {"self": run, "result": find_runs_url(request, f"/{run_id}/result"), "cancel": run}


def _find_retry_after(document: RunDocument, now: datetime) -> int:
    """Return the whole seconds, at least 1, until the document can change."""
    planned, deadline = parse_timestamp(document["nextPollAt"]), parse_timestamp(document["deadline"])
    seconds = (planned - now).total_seconds() if planned else SOON_SECONDS
    remaining = (deadline - now).total_seconds() if deadline else seconds
    return max(1, math.ceil(min(seconds, remaining)))
