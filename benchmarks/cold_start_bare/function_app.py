"""One function of each kind and nothing behind them: no app on these SDKs starts with less."""

from collections.abc import Generator
from typing import Any

import aiohttp
import azure.durable_functions as df
import azure.functions as func
from durabletask.entities import EntityContext
from durabletask.task import OrchestrationContext

app = df.DFApp()


@app.route(route="runs", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:  # noqa: ARG001
    return func.HttpResponse(await client.schedule_new_orchestration("wait"), status_code=202)


@app.orchestration_trigger(context_name="ctx")
def wait(ctx: OrchestrationContext, _: Any) -> Generator[Any, Any, Any]:
    return (yield ctx.call_activity("look", input=""))


@app.activity_trigger(input_name="url")
async def look(url: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.json()


@app.entity_trigger(context_name="ctx")
def memory(ctx: EntityContext, value: Any) -> None:
    ctx.set_state(value)
