"""The answers that are pages, to callers who ask for HTML. The URL of a page may hold the function key.

`pages` is imported where a page is made: at every start of the app it would be a tenth of what our own modules cost.
"""

import functools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import azure.functions as func
from msgspec import Meta
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from domain.delivery import DeliveryStatus
from domain.instance import Instance
from domain.problem import Problem
from domain.run_document import run_document
from domain.run_page import RunPage
from triggers.answers import EXPECTED, Trigger, problem_answer, problem_of_error, run_links, runs_url
from triggers.endpoint import Parameter

if TYPE_CHECKING:
    from domain.look_history import LookHistory

PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
JSON = ("application/json", "application/problem+json")
REFRESH = Parameter(
    "refresh", "query", Annotated[str, Meta(description="Of a page: with `off` it does not load itself again.")]
)


def prefers_page(request: func.HttpRequest) -> bool:
    """Tell whether the caller asks for HTML more than for JSON, which it gets when it has no preference."""
    accepted = parse_accept_header(request.headers.get("accept", ""), MIMEAccept)
    return accepted.quality("text/html") > max(accepted.quality(media_type) for media_type in JSON)


def run_answer(
    request: func.HttpRequest, instance: Instance, delivery: DeliveryStatus | None, history: "LookHistory | None"
) -> func.HttpResponse:
    """Answer 200 with the page of a run, which loads itself again unless `?refresh=off` was asked for."""
    from pages.run import KnownRun, run_page, seconds_to_reload  # noqa: PLC0415

    now = datetime.now(UTC)
    document = run_document(instance, delivery, run_links(request, instance.id))
    seconds = None if request.params.get("refresh") == "off" else seconds_to_reload(document, now)
    # Hubs differ in what they keep as the output of a run that failed.
    run = KnownRun(document, instance.result if document["state"] == "succeeded" else None, history)
    html = run_page(run, _home(request), now, refreshing=seconds is not None)
    # A header, and no meta element, which checkers of accessibility refuse however easily a reader can stop it.
    # https://html.spec.whatwg.org/multipage/document-lifecycle.html#shared-declarative-refresh-steps
    return _page(200, html, {"Refresh": str(seconds)} if seconds else {})


def list_answer(request: func.HttpRequest, page: RunPage) -> func.HttpResponse:
    """Answer 200 with the page of a list."""
    from pages.run_list import list_page  # noqa: PLC0415

    states = request.params.get("state", "")
    return _page(200, list_page(page, _home(request), states, datetime.now(UTC)))


def answers_people(trigger: Trigger) -> Trigger:
    """Turn what a trigger raises into a problem as `answers_problems` does, as a page where one is wanted."""

    @functools.wraps(trigger)
    async def answered(req: func.HttpRequest, *bindings: Any, **named: Any) -> func.HttpResponse:
        try:
            answer = await trigger(req, *bindings, **named)
        except EXPECTED as error:
            answer = _problem_answer(req, problem_of_error(error))
        answer.headers["Vary"] = "Accept"
        return answer

    return answered


def _problem_answer(request: func.HttpRequest, why: Problem) -> func.HttpResponse:
    if not prefers_page(request):
        return problem_answer(why)
    from pages.problem import problem_page  # noqa: PLC0415

    return _page(why["status"], problem_page(why, _home(request)))


def _page(status: int, html: str, headers: dict[str, str] | None = None) -> func.HttpResponse:
    from pages.template import CONTENT_SECURITY_POLICY  # noqa: PLC0415

    sent = {**PRIVATE, "Content-Security-Policy": CONTENT_SECURITY_POLICY, **(headers or {})}
    # JSON lets half a surrogate pair through, which has no UTF-8.
    return func.HttpResponse(html.encode(errors="replace"), status_code=status, mimetype="text/html", headers=sent)


def _home(request: func.HttpRequest) -> str:
    """Return the URL of the list of runs; it holds a key only as `run_links` do."""
    code = request.params.get("code")
    return runs_url(request) + (f"?code={quote(code, safe='')}" if code else "")
