"""Three triggers that start an orchestration, and differ in how they come by their durable client alone."""

# ruff: noqa: INP001 -- an app is a folder, not a package

import asyncio
import uuid
from collections.abc import Generator
from typing import Any

import azure.durable_functions as df
import azure.functions as func
from durabletask import task

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

_clients: dict[asyncio.AbstractEventLoop, df.DurableFunctionsClient] = {}


@app.orchestration_trigger(context_name="ctx")
def nothing(
    ctx: task.OrchestrationContext,  # noqa: ARG001 - the SDK passes both by position
    input: Any,  # noqa: A002, ARG001
) -> Generator[task.Task[Any], Any]:
    """End at once: what is measured is the start."""
    yield from ()


@app.route(route="async", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_async(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Start through the client that the SDK makes for each call of a coroutine."""
    return _accepted(await client.schedule_new_orchestration("nothing", input=req.get_json(), instance_id=_new_id()))


@app.route(route="sync", methods=["POST"])
@app.durable_client_input(client_name="client")
def start_sync(req: func.HttpRequest, client: df.SyncDurableFunctionsClient) -> func.HttpResponse:
    """Start through the client that the SDK keeps for functions."""
    return _accepted(client.schedule_new_orchestration("nothing", input=req.get_json(), instance_id=_new_id()))


@app.route(route="kept", methods=["POST"])
@app.generic_input_binding(arg_name="client", type="durableClient", durableRequiresGrpc=True)
async def start_kept(req: func.HttpRequest, client: str) -> func.HttpResponse:
    """Start through a client that is kept for the event loop, made of the binding's own text."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = df.DurableFunctionsClient(client)
    return _accepted(
        await _clients[loop].schedule_new_orchestration("nothing", input=req.get_json(), instance_id=_new_id())
    )


def _new_id() -> str:
    return str(uuid.uuid4())


def _accepted(instance_id: str) -> func.HttpResponse:
    return func.HttpResponse(instance_id, status_code=202)
