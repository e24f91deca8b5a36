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
"""Namespace of the ids that come from an Idempotency-Key."""


class RunNotFound(Exception):
    """There is no run with this id. The text is the id."""


class RunOver(Exception):
    """The run is over, and so is its delivery: there is nothing to cancel."""


def make_run_id(idempotency_key: str | None) -> str:
    """Return the id of a new run: random, or the same for each use of the caller's key."""
    return str(uuid.uuid4() if idempotency_key is None else uuid.uuid5(KEYS, f"Idempotency-Key: {idempotency_key}"))


def is_run_id(text: str) -> bool:
    """Tell whether `text` is a UUID in lower case with hyphens, as every run id is."""
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
    """Start the run, or return the run that has the same id, also when that one is over.

    The hub lets a new run replace an ended one, so a read comes first. When two starts come at the same moment, the hub
    accepts both and runs one: a read after the start shows which.
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
        # The hub accepted the run, so the caller must not start it again.
        return started


async def read_run(client: df.DurableFunctionsClient, run_id: str) -> Instance:
    """Return the run. Raises `HubUnavailable`, and `RunNotFound`, also for an instance that is no run of this app."""
    # The hub has instances with other ids, as the deliveries. They are no runs.
    state = await _read_state(client, run_id) if is_run_id(run_id) else None
    run = parse_instance(state) if state else None
    if run is None:
        raise RunNotFound(run_id)
    return run


async def read_delivery(client: df.DurableFunctionsClient, instance: Instance) -> DeliveryStatus | None:
    """Return the status of the delivery of the run's outcome; None when the delivery has not begun."""
    if instance.run.wish.callback_url is None or is_alive(instance, datetime.now(UTC)):
        return None
    state = await _read_state(client, name_delivery(instance.id))
    status: DeliveryStatus | None = parse_plain_json(state.serialized_custom_status) if state else None
    return status


async def wait_for_end(client: df.DurableFunctionsClient, run_id: str, seconds: int) -> Instance:
    """Wait for the end of the run, at most `seconds`. Return the run as it is then."""
    waiting = client.wait_for_orchestration_completion(run_id, fetch_payloads=False, timeout=seconds)
    # After a time-out, the read below shows whether the run goes on or the hub does not answer.
    with suppress(HubUnavailable):
        await call_hub(waiting, seconds + 1)
    return await read_run(client, run_id)


async def cancel_run(client: df.DurableFunctionsClient, instance: Instance) -> None:
    """Send the run, or the delivery of its outcome, the event that ends it.

    A termination would be no substitute: a terminated run posts no callback. Raises `RunOver`, `RunNotFound` and
    `HubUnavailable`.
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
    """Return the run in `state`; None when it is no run of this app.

    An operator can start `await_alert` through the host, with any id and any input.
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
            # For a failed run, some backends keep the text of the failure here.
            result=parse_plain_json(state.serialized_output)
            if state.runtime_status is OrchestrationStatus.COMPLETED
            else None,
            updated_at=updated if updated.tzinfo else updated.replace(tzinfo=UTC),
        )
    except (ValueError, TypeError, RecursionError):
        return None


def parse_plain_json(text: str | None) -> Any:
    """Return the JSON in `text`. The SDK's codec would make instances of the classes that a document names."""
    return json.loads(text) if text else None


async def _read_state(client: df.DurableFunctionsClient, instance_id: str) -> OrchestrationState | None:
    try:
        return await call_hub(client.get_orchestration_state(instance_id))
    except InstanceNotFound:
        return None
    except ValueError:
        # A status that the SDK does not know: the rest of a purged instance.
        return None
