"""Runs in the durable task hub: start, read, cancel. gRPC stays here, in `task_hub_page` and `task_hub_entities`."""

from datetime import UTC, datetime

import azure.durable_functions as df
import grpc
from durabletask.client import OrchestrationState

from domain.delivery import DeliveryStatus, delivery_id
from domain.instance import Instance, is_alive
from domain.run_state import CANCEL, RunState
from triggers.run_of import ORCHESTRATOR, is_run_id, plain_json, run_of


class TaskHubUnavailable(Exception):
    """The task hub did not do what was asked; the text names the gRPC status."""


class RunUnreadable(TaskHubUnavailable):
    """The run is too large for the task hub to send; the text is its id."""


class RunNotFound(Exception):
    """There is no run with this id; the text is the id."""


class RunOver(Exception):
    """There is nothing left to cancel of the run; the text is its id."""


async def start(client: df.DurableFunctionsClient, run_id: str, run: RunState) -> Instance:
    """Start the run and return it; when it is on its way already, return that one.

    There is no look first: between a look and a start another caller can start it. The hub alone decides, by the id.
    """
    try:
        await client.schedule_new_orchestration(ORCHESTRATOR, input=run, instance_id=run_id)
    except grpc.RpcError as error:
        if code_of(error) is grpc.StatusCode.ALREADY_EXISTS:
            return await read(client, run_id)
        raise TaskHubUnavailable(code_of(error)) from error
    return Instance(run_id, "PENDING", run, {}, None, datetime.now(UTC))


async def start_once(client: df.DurableFunctionsClient, run_id: str, run: RunState) -> Instance:
    """Start the run and return it, or the one that had this id, even when it is over.

    The hub takes the id of a run that is over for a new one, so this reads the id first. Of starts of one new id at the
    same moment the hub accepts several and runs one, so this reads again after the start: the caller sees the run that
    goes on. A run that cannot be read right after its start is returned as it was started.
    """
    try:
        return await read(client, run_id)
    except RunNotFound:
        started = await start(client, run_id, run)
    try:
        return await read(client, run_id)
    except (RunNotFound, TaskHubUnavailable):
        return started


async def read(client: df.DurableFunctionsClient, run_id: str) -> Instance:
    """Return the run. Raises `RunNotFound`, also for an instance that is no run of this app."""
    # The hub's key is any text: what can be no run's id is not asked for.
    state = await _state(client, run_id) if is_run_id(run_id) else None
    run = run_of(state) if state else None
    if run is None:
        raise RunNotFound(run_id)
    return run


async def read_delivery(client: df.DurableFunctionsClient, instance: Instance) -> DeliveryStatus | None:
    """Return how far the outcome of the run has come on its way to the callback, or None when it has not set out."""
    if instance.run["callbackUrl"] is None or is_alive(instance):
        return None
    state = await _state(client, delivery_id(instance.id, instance.run))
    status: DeliveryStatus | None = plain_json(state.serialized_custom_status) if state else None
    return status


async def ended(client: df.DurableFunctionsClient, run_id: str, seconds: int) -> Instance:
    """Return the run once it is over, or as it stands after `seconds`."""
    try:
        await client.wait_for_orchestration_completion(run_id, fetch_payloads=False, timeout=seconds)
    except grpc.RpcError as error:
        raise TaskHubUnavailable(code_of(error)) from error
    except TimeoutError:
        pass
    return await read(client, run_id)


async def cancel(client: df.DurableFunctionsClient, run_id: str) -> None:
    """Ask the run to end where it stands. Raises `RunOver` and `RunNotFound`.

    An event and not a termination: a terminated run could not call back any more. A run that is about to end when the
    event arrives ends as it would have: https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-external-events
    """
    await _send_cancel(client, run_id, run_id)


async def cancel_delivery(client: df.DurableFunctionsClient, instance: Instance) -> None:
    """Ask the delivery of the run's outcome to end where it stands. Raises `RunOver` and `RunNotFound`."""
    await _send_cancel(client, delivery_id(instance.id, instance.run), instance.id)


async def _send_cancel(client: df.DurableFunctionsClient, instance_id: str, run_id: str) -> None:
    try:
        await client.raise_orchestration_event(instance_id, CANCEL)
    except grpc.RpcError as error:
        match code_of(error):
            case grpc.StatusCode.FAILED_PRECONDITION:
                raise RunOver(run_id) from error
            case grpc.StatusCode.NOT_FOUND:
                raise RunNotFound(run_id) from error
            case code:
                raise TaskHubUnavailable(code) from error


async def _state(client: df.DurableFunctionsClient, instance_id: str) -> OrchestrationState | None:
    try:
        return await client.get_orchestration_state(instance_id)
    except ValueError:
        # A status that the SDK does not know: what is left of a purged instance.
        return None
    except grpc.RpcError as error:
        if code_of(error) is grpc.StatusCode.RESOURCE_EXHAUSTED:
            raise RunUnreadable(instance_id) from error
        raise TaskHubUnavailable(code_of(error)) from error


def code_of(error: grpc.RpcError) -> grpc.StatusCode:
    # Every RpcError the stubs raise is also a Call: https://grpc.github.io/grpc/python/grpc.html#grpc.RpcError
    code: grpc.StatusCode = error.code()
    return code
