"""GET /runs: recent runs, filtered and paged."""

from urllib.parse import urlencode

import azure.durable_functions as df
import azure.functions as func

from domain.run_page import RunPage, run_summary
from triggers import blueprint
from triggers.answers import json_answer, run_links, runs_url
from triggers.continuation import continuation_token
from triggers.durable_client import durable_client_input
from triggers.endpoint import Answer, Endpoint
from triggers.list_query import IN_QUERY, ListQuery, parse_list
from triggers.page_answers import answers_people, list_answer, prefers_page
from triggers.samples import SAMPLE_PAGE
from triggers.task_hub_query import query_runs

ENDPOINT = Endpoint(
    method="GET",
    route="runs",
    name="listRuns",
    summary="List runs",
    description=(
        "One page of runs, in the order of the task hub. Follow `nextLink` until it is null: a page may hold fewer "
        "runs than were asked for, or none, and yet have a next one. A run that is too large for the task hub to send "
        "is `unreadable`: its id and times are all that the list knows."
    ),
    parameters=IN_QUERY,
    answers=[Answer(200, "A page of runs.", RunPage, example=SAMPLE_PAGE)],
    problems=["invalid-request", "task-hub-unavailable"],
    pages=True,
)


@blueprint.route(route=ENDPOINT.route, methods=[ENDPOINT.method])
@durable_client_input(blueprint)
@answers_people
async def list_runs(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 200 with one page of runs, in the task hub's order, and the link to the next page."""
    query = parse_list(req.url)
    runs, hub_token = await query_runs(client, query.filter, query.page_size, query.hub_token)
    page: RunPage = {
        "value": [run_summary(run, run_links(req, run.id)) for run in runs],
        "nextLink": next_link(req, query, hub_token) if hub_token else None,
    }
    return list_answer(req, page) if prefers_page(req) else json_answer(200, page)


def next_link(request: func.HttpRequest, query: ListQuery, hub_token: str) -> str:
    """Return the URL that goes on at `hub_token` with the same filter; it holds a key only as `run_links` do."""
    pairs = [*query.asked, ("continuationToken", continuation_token(hub_token, query.filter))]
    if code := request.params.get("code"):
        pairs.append(("code", code))
    return f"{runs_url(request)}?{urlencode(pairs)}"
