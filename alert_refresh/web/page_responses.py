"""Pages, for callers that prefer HTML. The URL of a page may hold the function key."""

from contextlib import suppress
from datetime import datetime
from typing import Any

import azure.functions as func

from alert_refresh.doctor import Report
from alert_refresh.pages.run import CONTENT_SECURITY_POLICY, Site, render, render_run, render_runs, seconds_to_reload
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


def answer_list(request: func.HttpRequest, page: Any, now: datetime) -> func.HttpResponse:
    """Answer 200 with a page of runs, as JSON or as HTML."""
    if not prefers_page(request):
        return answer_json(200, page)
    query = {name: request.params[name] for name in ("state", "alertId") if name in request.params}
    return _answer_page(200, render_runs(page, _describe_site(request, now), query), {})


def answer_report(request: func.HttpRequest, report: Report) -> func.HttpResponse:
    """Answer 200 with the report of the doctor, as JSON or as HTML, whatever the checks found."""
    if not prefers_page(request):
        return answer_json(200, report)
    return _answer_page(200, render("doctor.html", report=report, runs_url=find_runs_url(request)), {})


def _describe_site(request: func.HttpRequest, now: datetime) -> Site:
    refresh_enabled = False
    # A wrong setting starts no run. The pages of the others are there all the same.
    with suppress(InvalidSettings):
        refresh_enabled = settings().refresh_enabled
    return Site(find_runs_url(request), refresh_enabled, now)


def _show_problem(request: func.HttpRequest, problem: Problem) -> func.HttpResponse:
    html = render("problem.html", problem=problem, runs_url=find_runs_url(request))
    return _answer_page(problem["status"], html, make_retry_header(problem))


PROBLEM_FORMATS["html"] = _show_problem


def _answer_page(status: int, html: str, headers: dict[str, str]) -> func.HttpResponse:
    headers = {**PRIVATE, "Content-Security-Policy": CONTENT_SECURITY_POLICY, **headers}
    # JSON accepts half a surrogate pair; UTF-8 does not.
    return func.HttpResponse(html.encode(errors="replace"), status_code=status, mimetype="text/html", headers=headers)
