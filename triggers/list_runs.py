"""GET /runs: a page of runs, newest first, as JSON or as HTML."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import azure.durable_functions as df
import azure.functions as func

from alert_refresh.hub import list as hub_list
from alert_refresh.hub.client import bind_client
from alert_refresh.run.documents import make_summary, make_unreadable_summary
from alert_refresh.web.list_request import make_token, parse_list
from alert_refresh.web.page_responses import answer_list, answer_people
from alert_refresh.web.responses import find_runs_url, make_links
from triggers import blueprint


@blueprint.route(route="runs", methods=["GET"])
@bind_client(blueprint)
@answer_people
async def list_runs(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 200 with a page of runs, and the link to the next page."""
    now, (wanted, pairs) = datetime.now(UTC), parse_list(req.url)
    runs, after = await hub_list.list_runs(client, wanted, now)
    page = {
        "value": [
            make_unreadable_summary(run.id, make_links(req, run.id))
            if isinstance(run, hub_list.Place)
            else make_summary(run, make_links(req, run.id), now)
            for run in runs
        ],
        "nextLink": _make_next_link(req, [*pairs, ("continuationToken", make_token(after, wanted))]) if after else None,
    }
    return answer_list(req, page, now)


def _make_next_link(req: func.HttpRequest, pairs: list[tuple[str, str]]) -> str:
    """Return the URL of the list with `pairs` in its query. It has a key when the caller's URL has one."""
    code = req.params.get("code")
    return f"{find_runs_url(req)}?{urlencode([*pairs, *([('code', code)] if code else [])])}"
