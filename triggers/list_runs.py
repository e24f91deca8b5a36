"""GET /runs: a page of runs, newest first, as JSON or as HTML."""

from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlencode

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.hub import list as hub_list
from alert_refresh.hub.client import Client, bind_client
from alert_refresh.pages.run import render_runs
from alert_refresh.pages.words import add_query
from alert_refresh.run.documents import make_summary, make_unreadable_summary
from alert_refresh.web.list_request import make_token, parse_list
from alert_refresh.web.page_responses import answer_document
from alert_refresh.web.responses import answer_people, find_runs_url, make_links


@app.route(route="runs", methods=["GET"])
@bind_client
@answer_people
async def list_runs(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Answer 200 with a page of runs, and the link to the next page."""
    now, (wanted, pairs) = datetime.now(UTC), parse_list(req.url)
    runs, after = await hub_list.list_runs(client, wanted, now)
    query = [*pairs, ("continuationToken", make_token(after, wanted))] if after else []
    link = add_query(find_runs_url(req), urlencode(query)) if after else None
    summaries = [
        make_unreadable_summary(run.id, make_links(req, run.id))
        if isinstance(run, hub_list.Place)
        else make_summary(run, make_links(req, run.id), now)
        for run in runs
    ]
    asked = {name: req.params[name] for name in ("state", "alertId") if name in req.params}
    show = partial(render_runs, query=asked)
    return answer_document(req, {"value": summaries, "nextLink": link}, show, now)
