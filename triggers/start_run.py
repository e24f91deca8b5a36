"""POST /runs: start a run, or join the one that asks the same."""

from datetime import UTC, datetime

import azure.durable_functions as df
import azure.functions as func

from domain.problem import problem
from domain.run_id import question_id
from domain.settings import settings
from triggers import blueprint
from triggers.answers import answers_problems, problem_answer
from triggers.durable_client import durable_client_input
from triggers.endpoint import Endpoint
from triggers.idempotency_key import IDEMPOTENCY_KEY, idempotency_key
from triggers.preference import PREFER, preferred_wait
from triggers.run_answers import accepted, outcome
from triggers.run_outcomes import ACCEPTED, ENDED_BADLY, SUCCEEDED
from triggers.start_question import IN_BODY, IN_QUERY
from triggers.start_request import parse_start
from triggers.task_hub import read_delivery, start, start_once
from triggers.task_hub_entities import informed

ENDPOINT = Endpoint(
    method="POST",
    route="runs",
    name="startRun",
    summary="Start a run, or join the one that asks the same",
    description="""\
Exactly one field says what the run is about: `operationId` or `operationUrl` an operation to watch, `alertId` an alert
to refresh first, `allAlerts` that every alert is refreshed. Each field stands in the JSON body or in the query, not in
both. Nothing is started when a field is wrong, and every fault is told at once.

A refresh makes PIM scan now, and the run waits for that scan, whatever Microsoft Graph still shows of an earlier one.
**A refresh makes alerts that somebody dismissed active again**, and needs a larger permission than watching: unless the
app setting `REFRESH_ENABLED` is true, the answer to `alertId` and `allAlerts` is 403.

The same question joins its run while that is on its way, without another refresh, and starts a new one after. With an
`Idempotency-Key` the key alone decides, for as long as the run is kept: send one, and a POST may be repeated without
care.

When the run ends, in whatever way, `callbackUrl` gets one POST with what the result answers, under the same media type
and with the run's id as `Idempotency-Key`. It is repeated for a day on 408, 429, 5xx and connections that fail.

```sh
curl -si https://app.example/api/runs -H "x-functions-key: $KEY" \\
  -H 'Content-Type: application/json' -d '{"alertId": "DirectoryRole_…", "expand": ["alertIncidents"]}'
```""",
    parameters=[IDEMPOTENCY_KEY, PREFER, *IN_QUERY],
    body=IN_BODY,
    answers=[ACCEPTED, SUCCEEDED],
    problems=[
        "invalid-request",
        "body-too-large",
        "media-type-unsupported",
        "idempotency-key-reused",
        "refresh-disabled",
        *ENDED_BADLY,
        "run-cancelled",
        "invalid-settings",
        "task-hub-unavailable",
    ],
)


REFRESH_DISABLED = problem(
    "refresh-disabled",
    "Nothing was started. Refreshing needs the application setting REFRESH_ENABLED to be true, and the Microsoft Graph "
    "permission RoleManagementAlert.ReadWrite.Directory for the app's identity. Watching an operation, by operationId "
    "or operationUrl, needs neither.",
)


@blueprint.route(route=ENDPOINT.route, methods=[ENDPOINT.method])
@durable_client_input(blueprint)
@answers_problems
async def start_run(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 202 with the run document, `Location` of the result and `Retry-After`.

    A caller that prefers to wait gets what the result would answer, when the run ends in time.
    """
    now, chosen = datetime.now(UTC), settings()
    run_id, run = parse_start(req, chosen, now)
    if run["phase"] == "refreshing" and not chosen.refresh_enabled:
        return problem_answer(REFRESH_DISABLED)
    keyed = idempotency_key(req) is not None
    instance = await (start_once if keyed else start)(client, run_id, await informed(client, run))
    if question_id(instance.run) != question_id(run):
        detail = f"Nothing was started: the key is that of run {run_id}, which asks something else. Take a new key."
        return problem_answer(problem("idempotency-key-reused", detail))
    if preferred_wait(req):
        return await outcome(req, client, instance)
    return accepted(req, instance, await read_delivery(client, instance), now)
