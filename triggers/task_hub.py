"""Runs in the durable task hub: start, read, cancel. gRPC stays in this file."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df
import grpc
from durabletask.client import OrchestrationState

from domain.run_document import Instance
from domain.run_state import RunState

ORCHESTRATOR = "await_alert"


class TaskHubUnavailable(Exception):
    """The task hub did not do what was asked; the text names the gRPC status."""


class RunNotFound(Exception):
    """There is no run with this id; the text is the id."""


async def start(client: df.DurableFunctionsClient, run_id: str, run: RunState) -> Instance:
    """Start the run and return it; when it is on its way already, return that one.

    There is no look first: between a look and a start another caller can start it. The hub alone decides, by the id.
    """
    try:
        await client.schedule_new_orchestration(ORCHESTRATOR, input=run, instance_id=run_id)
    except grpc.RpcError as error:
        if _code(error) is grpc.StatusCode.ALREADY_EXISTS:
            return await read(client, run_id)
        raise TaskHubUnavailable(_code(error)) from error
    return Instance(run_id, "PENDING", run, {}, None, datetime.now(UTC))


async def read(client: df.DurableFunctionsClient, run_id: str) -> Instance:
    """Return the run. Raises `RunNotFound`, also for an instance that is no run of this app."""
    try:
        # The hub's key is any text; ours are UUIDs in one spelling.
        if str(uuid.UUID(run_id)) != run_id:
            raise RunNotFound(run_id)
        state = await client.get_orchestration_state(run_id)
    except ValueError as error:
        raise RunNotFound(run_id) from error
    except grpc.RpcError as error:
        raise TaskHubUnavailable(_code(error)) from error
    if state is None or state.name != ORCHESTRATOR:
        raise RunNotFound(run_id)
    return _instance(state)


async def ended(client: df.DurableFunctionsClient, run_id: str, seconds: int) -> Instance:
    """Return the run once it is over, or as it stands after `seconds`."""
    try:
        await client.wait_for_orchestration_completion(run_id, fetch_payloads=False, timeout=seconds)
    except grpc.RpcError as error:
        raise TaskHubUnavailable(_code(error)) from error
    except TimeoutError:
        pass
    return await read(client, run_id)


async def cancel(client: df.DurableFunctionsClient, run_id: str) -> None:
    """End the run where it stands."""
    try:
        await client.terminate_orchestration(run_id, output="cancelled through the API")
    except grpc.RpcError as error:
        raise TaskHubUnavailable(_code(error)) from error


def _instance(state: OrchestrationState) -> Instance:
    updated = state.last_updated_at
    return Instance(
        id=state.instance_id,
        status=state.runtime_status.name,
        run=_json(state.serialized_input),
        custom_status=_json(state.serialized_custom_status) or {},
        result=_json(state.serialized_output),
        updated_at=updated if updated.tzinfo else updated.replace(tzinfo=UTC),
    )


def _json(text: str | None) -> Any:
    # The SDK's codec would revive classes that a document names; these are plain JSON.
    return json.loads(text) if text else None


def _code(error: grpc.RpcError) -> grpc.StatusCode:
    # Every RpcError the stubs raise is also a Call: https://grpc.github.io/grpc/python/grpc.html#grpc.RpcError
    code: grpc.StatusCode = error.code()
    return code
