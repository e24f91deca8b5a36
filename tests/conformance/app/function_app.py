"""The app behind the conformance table: an orchestrator that follows a script, and a route to the hub's gRPC methods.

Publish it to any host that the table is to be held against; see emulator/README.md.
"""

# ruff: noqa: INP001 -- an app is a folder, not a package

import json
import time
import uuid
from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.entities import EntityContext, EntityInstanceId
from durabletask.task import OrchestrationContext, TaskFailedError
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass

Steps = Generator[Any, Any, Any]
METHODS: Any = pb.DESCRIPTOR.services_by_name["TaskHubSidecarService"].methods_by_name

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.route(route="client/{method}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def call_hub(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Call a method of the hub's gRPC service, by the SDK's channel, with a protobuf message as JSON.

    Answers `{"result": message}`, or `{"error": {"code": …, "text": …}}`. A stream is a list.
    """
    name = req.route_params["method"]
    message: Any = ParseDict(req.get_json(), GetMessageClass(METHODS[name].input_type)())
    if name == "SignalEntity":  # as the SDK does
        message.requestId = str(uuid.uuid4())
        message.requestTime.GetCurrentTime()
    try:
        answer = getattr(client._get_stub(), name)(message, timeout=60)  # noqa: SLF001 -- the SDK can ask for less
        result = [_plain(one) async for one in answer] if hasattr(answer, "__aiter__") else _plain(await answer)
        body = {"result": result}
    except grpc.RpcError as error:
        refusal: Any = error
        body = {"error": {"code": refusal.code().name, "text": refusal.details()}}
    return func.HttpResponse(json.dumps(body), mimetype="application/json")


def _plain(message: Any) -> Any:
    return MessageToDict(message, always_print_fields_with_no_presence=True)


@app.route(route="echo/{*rest}", auth_level=func.AuthLevel.ANONYMOUS)
def echo_request(req: func.HttpRequest) -> func.HttpResponse:
    """Answer what arrived of the request."""
    seen = {
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers),
        "query": dict(req.params),
        "route": dict(req.route_params),
        "bytes": len(req.get_body()),
    }
    return func.HttpResponse(json.dumps(seen), mimetype="application/json")


@app.activity_trigger(input_name="value")
def echo(value: Any) -> Any:
    return value


@app.activity_trigger(input_name="text")
def fail(text: str) -> None:
    raise ValueError(text)


@app.activity_trigger(input_name="length")
def fill(length: int) -> str:
    return "x" * length


@app.activity_trigger(input_name="kind")
def make(kind: str) -> Any:
    """Return a value that no JSON document can ask for; or be slow."""
    if kind == "slow":
        time.sleep(6)
    special = {"not a number": float("nan"), "infinite": float("inf"), "half a pair": "a\ud83db"}
    return json.loads("[" * 65 + "]" * 65) if kind == "deep" else special.get(kind)


@app.orchestration_trigger(context_name="context")
def script(context: OrchestrationContext, steps: list[list[Any]]) -> Steps:
    """Follow the steps, each a verb of `_take` with its arguments; return what each gave."""
    return (yield from _follow(context, steps))


@app.orchestration_trigger(context_name="context")
def quick(context: OrchestrationContext, given: Any) -> Steps:
    value = yield context.call_activity("echo", input=given)
    return {"given": value, "version": context.version}


@app.orchestration_trigger(context_name="context")
def waits(context: OrchestrationContext, given: Any) -> Steps:
    """Wait for the event `go`, and return what came with it."""
    context.set_custom_status(given)
    return (yield context.wait_for_external_event("go"))


@app.entity_trigger(context_name="context")
def counter(context: EntityContext, given: Any) -> Any:
    """Hold a list that can be added to, set, read, deleted and made to fail."""
    state = context.get_state(list, [])
    match context.operation:
        case "add":
            context.set_state([*state, given])
        case "fill":
            context.set_state(["x" * given])
        case "delete":
            context.set_state(None)
        case "fail":
            raise ArithmeticError("the counter failed")
    return len(state) if context.operation == "length" else state


def _follow(context: OrchestrationContext, steps: list[Any]) -> Steps:
    results = []
    for step in steps:
        results.append((yield from _take(context, *step)))  # noqa: PERF401 -- it yields
    return results


def _take(context: OrchestrationContext, verb: str, *given: Any) -> Steps:  # noqa: C901, PLR0911, PLR0912 -- a table
    """Take one step of a script, and return what it gave."""
    match verb, *given:
        case "activity", name, value:
            return (yield context.call_activity(name, input=value))
        case "child", name, value, *child_id:
            return (yield context.call_sub_orchestrator(name, input=value, instance_id=next(iter(child_id), None)))
        case "call", name, key, operation, *value:
            return (yield context.call_entity(EntityInstanceId(name, key), operation, *value))
        case "signal", name, key, operation, value:
            context.signal_entity(EntityInstanceId(name, key), operation, value)
        case "lock", name, key, steps:
            with (yield context.lock_entities([EntityInstanceId(name, key)])):
                return (yield from _follow(context, steps))
        case "try", *step:
            try:
                return (yield from _take(context, *step))
            except TaskFailedError as error:
                return {"type": error.details.error_type, "message": error.details.message}
        case "wait", event:
            return (yield context.wait_for_external_event(event))
        case "sleep", seconds:
            yield context.create_timer(timedelta(seconds=seconds))
        case "dawdle", seconds:
            time.sleep(seconds)  # so that this turn is a long one
        case "show", text, times:
            context.set_custom_status(text * times)
        case "again", steps, save_events:
            context.continue_as_new(steps, save_events=save_events)
        case "raise", text, times:
            raise ValueError(text * times)
        case ("version",):
            return context.version
