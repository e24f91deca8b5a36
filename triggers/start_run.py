"""POST /runs: start a run."""

from datetime import UTC, datetime

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.hub import client as hub
from alert_refresh.hub.client import Client, bind_client, make_run_id
from alert_refresh.problems import REFRESH_DISABLED, Refused, make_problem
from alert_refresh.run.documents import is_alive
from alert_refresh.run.state import make_run
from alert_refresh.settings import settings
from alert_refresh.web.requests import prefers_page, read_preferred_wait
from alert_refresh.web.responses import answer_accepted, answer_outcome, answer_people, answer_see_run
from alert_refresh.web.start_request import parse_start


@app.route(route="runs", methods=["POST"])
@bind_client
@answer_people
async def start_run(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Answer 202 with the run document, `Location` of the result and `Retry-After`.

    A caller that prefers to wait gets the answer of the result, when the run ends in time; a person gets the page.
    """
    now, current = datetime.now(UTC), settings()
    wish, key = parse_start(req, current, now)
    if wish.target.refreshes and not current.refresh_enabled:
        raise Refused(REFRESH_DISABLED)
    run = make_run(make_run_id(key), wish)
    instance = await (hub.start_run(client, run) if key is None else hub.start_once(client, run))
    if not wish.asks_same(instance.run.wish):
        detail = f"Nothing was started: the key belongs to run {run.id}, which asks for something else. Send a new key."
        raise Refused(make_problem("idempotency-key-reused", detail))
    if prefers_page(req):
        return answer_see_run(req, run.id)
    seconds = read_preferred_wait(req)
    if not seconds:
        return answer_accepted(req, instance, await hub.read_delivery(client, instance), now)
    if is_alive(instance, now):
        instance = await hub.wait_for_end(client, instance, seconds)
    return answer_outcome(req, instance, datetime.now(UTC))
