"""Reading instances: one with its history, or many page by page."""

import durabletask.internal.orchestrator_service_pb2 as pb
from aiohttp import web

from emulator.host.management.bodies import OVER, json_response, status_body
from emulator.host.management.call import Call
from emulator.host.management.history import history_events

CONTINUATION_HEADER = "x-ms-continuation-token"
DEFAULT_PAGE_SIZE = 100


async def status(call: Call, instance_id: str) -> web.Response:
    """`GET instances/{id}`: 202 with Location while it runs, 200 when over; 500 for a failed one only when asked."""
    state = await call.state(instance_id)
    if state is None:
        return web.Response(status=404)
    show_input = call.query.boolean("showInput", default=True)
    body = status_body(state, show_input=show_input)
    if call.query.boolean("showHistory", default=False):
        body["historyEvents"] = await history_events(
            call.hub,
            state,
            show_input=show_input,
            show_output=call.query.boolean("showHistoryOutput", default=False),
        )
    if body["runtimeStatus"] not in OVER:
        headers = {"Location": f"{call.origin}{call.request.raw_path}", "Retry-After": "5"}
        return json_response(body, 202, headers)
    failed = body["runtimeStatus"] == "Failed"
    return json_response(
        body, 500 if failed and call.query.boolean("returnInternalServerErrorOnFailure", default=False) else 200
    )


async def query(call: Call) -> web.Response:
    """`GET instances`: with a continuation header, except on the last page. `top=0` gives no rows."""
    top = call.query.whole_number("top")
    condition = pb.InstanceQuery(
        runtimeStatus=call.query.statuses(),
        maxInstanceCount=DEFAULT_PAGE_SIZE if top is None else top,
        fetchInputsAndOutputs=True,
    )
    for name in ("createdTimeFrom", "createdTimeTo"):
        if time := call.query.time(name):
            getattr(condition, name).FromDatetime(time)
    if prefix := call.query.text("instanceIdPrefix"):
        condition.instanceIdPrefix.value = prefix
    if token := call.request.headers.get(CONTINUATION_HEADER):
        condition.continuationToken.value = token
    page = await call.hub.QueryInstances(pb.QueryInstancesRequest(query=condition))
    show_input = call.query.boolean("showInput", default=True)
    bodies = [status_body(state, show_input=show_input) for state in page.orchestrationState]
    more = page.continuationToken.value
    return json_response(bodies, headers={CONTINUATION_HEADER: more} if more else None)
