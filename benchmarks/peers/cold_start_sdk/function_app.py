"""The same functions as the bare app's; the activity looks with the SDK, imported and made as its README shows."""

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df
import azure.functions as func
from azure.identity.aio import DefaultAzureCredential
from durabletask.entities import EntityContext
from durabletask.task import OrchestrationContext
from msgraph_beta import GraphServiceClient

app = df.DFApp()


@app.route(route="runs", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:  # noqa: ARG001
    return func.HttpResponse(await client.schedule_new_orchestration("wait"), status_code=202)


@app.orchestration_trigger(context_name="ctx")
def wait(ctx: OrchestrationContext, _: Any) -> Generator[Any, Any, Any]:
    return (yield ctx.call_activity("look", input=""))


@app.activity_trigger(input_name="operation")
async def look(operation: str) -> str | None:
    async with DefaultAzureCredential() as credential:
        alerts = GraphServiceClient(credential).identity_governance.role_management_alerts
        found = await alerts.operations.by_long_running_operation_id(operation).get()
        return found.status.value if found and found.status else None


@app.entity_trigger(context_name="ctx")
def memory(ctx: EntityContext, value: Any) -> None:
    ctx.set_state(value)
