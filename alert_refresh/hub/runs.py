"""Runs in the durable task hub: start, read, wait for, cancel."""

import json
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df
from durabletask.client import OrchestrationState, OrchestrationStatus

from alert_refresh.hub.client import HubUnavailable, InstanceExists, InstanceNotFound, InstanceOver, call_hub
from alert_refresh.run.delivery import DeliveryStatus, name_delivery
from alert_refresh.run.documents import Instance, is_alive
from alert_refresh.run.state import CANCEL, Run, dump_run, load_run

ORCHESTRATOR = "await_alert"
KEYS = uuid.UUID("6f6c8a0e-5b0f-5c4e-9d57-3f0a4f6b7a51")
"""Namespace of the ids that are made of an Idempotency-Key."""


class RunNotFound(Exception):
    """There is no run with this id; the text is the id."""


class RunOver(Exception):
    """The run is already over, and nothing of it can be cancelled."""


def make_run_id(idempotency_key: str | None) -> str:
    """Return the id of a new run: random, or made of the caller's key alone."""
    return str(uuid.uuid4() if idempotency_key is None else uuid.uuid5(KEYS, f"Idempotency-Key: {idempotency_key}"))


def is_run_id(text: str) -> bool:
    """Tell whether `text` is a UUID in the one spelling that run ids have."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


async def start_run(client: df.DurableFunctionsClient, run: Run) -> Instance:
    """Start the run and return it. Raises `InstanceExists`, `HubUnavailable`."""
    start = client.schedule_new_orchestration(ORCHESTRATOR, input=dump_run(run), instance_id=run.id)
    await call_hub(start)
    return Instance(run.id, "PENDING", run, {}, None, datetime.now(UTC))


async def start_once(client: df.DurableFunctionsClient, run: Run) -> Instance:
    """Start the run, or return the one that has its id already, even when that one is over.

    The hub takes the id of an ended run for a new one, so a read comes first. Of two starts at the same moment the hub
    accepts both and runs one: a read after the start tells which.
    """
    try:
        return await read_run(client, run.id)
    except RunNotFound:
        pass
    try:
        started = await start_run(client, run)
    except InstanceExists:
        return await read_run(client, run.id)
    try:
        return await read_run(client, run.id)
    except (RunNotFound, HubUnavailable):
        # The run was accepted: the caller must not start it a second time.
        return started


async def read_run(client: df.DurableFunctionsClient, run_id: str) -> Instance:
    """Return the run. Raises `RunNotFound`, also for an instance that is no run of this app, and `HubUnavailable`."""
    # An instance id is any text: what cannot be a run id is not asked for.
    state = await _read_state(client, run_id) if is_run_id(run_id) else None
    run = parse_instance(state) if state else None
    if run is None:
        raise RunNotFound(run_id)
    return run


async def read_delivery(client: df.DurableFunctionsClient, instance: Instance) -> DeliveryStatus | None:
    """Return the state of the delivery of the run's outcome, or None when it has not begun."""
    if instance.run.wish.callback_url is None or is_alive(instance, datetime.now(UTC)):
        return None
    state = await _read_state(client, name_delivery(instance.id))
    status: DeliveryStatus | None = parse_plain_json(state.serialized_custom_status) if state else None
    return status


async def wait_for_end(client: df.DurableFunctionsClient, run_id: str, seconds: int) -> Instance:
    """Return the run once it is over, or as it is after `seconds`."""
    waiting = client.wait_for_orchestration_completion(run_id, fetch_payloads=False, timeout=seconds)
    # Whether the time is over or the hub is away, the read below tells.
    with suppress(HubUnavailable):
        await call_hub(waiting, seconds + 1)
    return await read_run(client, run_id)


async def cancel_run(client: df.DurableFunctionsClient, instance: Instance) -> None:
    """Ask the run to end, or the delivery of its outcome. Raises `RunOver`, `RunNotFound` and `HubUnavailable`.

    It is an event, not a termination: a terminated run could not post its callback.
    """
    target = instance.id
    if not is_alive(instance, datetime.now(UTC)):
        delivery = await read_delivery(client, instance)
        if delivery is None or delivery["state"] != "delivering":
            raise RunOver
        target = name_delivery(instance.id)
    try:
        await call_hub(client.raise_orchestration_event(target, CANCEL))
    except InstanceOver as error:
        raise RunOver from error
    except InstanceNotFound as error:
        raise RunNotFound(instance.id) from error


def parse_instance(state: OrchestrationState) -> Instance | None:
    """Return the run that `state` is; None when it is no run of this app.

    An operator can start `await_alert` by hand, with any id and any input.
    """
    if state.name != ORCHESTRATOR or not is_run_id(state.instance_id):
        return None
    updated = state.last_updated_at
    try:
        return Instance(
            id=state.instance_id,
            status=state.runtime_status.name,
            run=load_run(parse_plain_json(state.serialized_input)),
            custom_status=parse_plain_json(state.serialized_custom_status) or {},
            # Of a failed run, backends keep its failure here, as plain text.
            result=parse_plain_json(state.serialized_output)
            if state.runtime_status is OrchestrationStatus.COMPLETED
            else None,
            updated_at=updated if updated.tzinfo else updated.replace(tzinfo=UTC),
        )
    except (ValueError, TypeError, RecursionError):
        return None


def parse_plain_json(text: str | None) -> Any:
    """Return what `text` says. The SDK's codec would instantiate the classes that a document names."""
    return json.loads(text) if text else None


async def _read_state(client: df.DurableFunctionsClient, instance_id: str) -> OrchestrationState | None:
    try:
        return await call_hub(client.get_orchestration_state(instance_id))
    except InstanceNotFound:
        return None
    except ValueError:
        # A status that the SDK does not know: what is left of a purged instance.
        return None
