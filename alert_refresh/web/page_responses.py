"""Pages, for callers that prefer HTML. The URL of a page may hold the function key."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import azure.functions as func

from alert_refresh.pages.run import CONTENT_SECURITY_POLICY, Site, render, render_run, seconds_to_reload
from alert_refresh.problems import Problem
from alert_refresh.run.delivery import DeliveryStatus
from alert_refresh.run.documents import Instance
from alert_refresh.settings import InvalidSettings, settings
from alert_refresh.web.requests import prefers_page
from alert_refresh.web.responses import (
    PRIVATE,
    PROBLEM_FORMATS,
    answer_json,
    describe_run,
    find_alerts_url,
    find_doctor_url,
    find_runs_url,
    make_retry_header,
)


def answer_run(
    request: func.HttpRequest, instance: Instance, delivery: DeliveryStatus | None, now: datetime
) -> func.HttpResponse:
    """Answer 200 with the run document, or its page, which loads itself again unless the query has `refresh=off`."""
    document = describe_run(request, instance, delivery, now)
    if not prefers_page(request):
        return answer_json(200, document)
    seconds = None if request.params.get("refresh") == "off" else seconds_to_reload(document, now)
    # As the output of a failed run, each kind of task hub keeps something else.
    result = instance.result if document["state"] == "succeeded" else None
    site = _describe_site(request, now)
    html = render_run(document, instance.run.wish, result, site, reloading=seconds is not None)
    # A header: checkers of accessibility refuse a meta element.
    # https://html.spec.whatwg.org/multipage/document-lifecycle.html#shared-declarative-refresh-steps
    return _answer_page(200, html, {"Refresh": str(seconds)} if seconds else {})


def answer_document[Document](
    request: func.HttpRequest, document: Document, show: Callable[[Document, Site], str], now: datetime
) -> func.HttpResponse:
    """Answer 200 with `document`, as JSON or as the HTML that `show` makes of it."""
    if not prefers_page(request):
        return answer_json(200, document)
    return _answer_page(200, show(document, _describe_site(request, now)), {})


def _describe_site(request: func.HttpRequest, now: datetime) -> Site:
    refresh_enabled = False
    # A wrong setting starts no run. The pages of the others are there all the same.
    with suppress(InvalidSettings):
        refresh_enabled = settings().refresh_enabled
    return Site(find_runs_url(request), refresh_enabled, now, find_alerts_url(request), find_doctor_url(request))


def _show_problem(request: func.HttpRequest, problem: Problem) -> func.HttpResponse:
    html = render("problem.html", _describe_site(request, datetime.now(UTC)), problem=problem)
    return _answer_page(problem["status"], html, make_retry_header(problem))


PROBLEM_FORMATS["html"] = _show_problem


def _answer_page(status: int, html: str, headers: dict[str, str]) -> func.HttpResponse:
    headers = {**PRIVATE, "Content-Security-Policy": CONTENT_SECURITY_POLICY, **headers}
    # JSON accepts half a surrogate pair; UTF-8 does not.
    return func.HttpResponse(html.encode(errors="replace"), status_code=status, mimetype="text/html", headers=headers)
