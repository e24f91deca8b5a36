"""Runs in the durable task hub: start, read, wait for, cancel; each call with a deadline and an error of its own.

There is one client for each event loop. The SDK would make one for each call of a trigger: a gRPC channel, and a check
of the versions of installed packages (azure/durable_functions/decorators/durable_app.py).
"""

import asyncio
import functools
import json
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast

import azure.durable_functions as df
from durabletask.client import OrchestrationState
from grpc import RpcError, StatusCode

from alert_refresh.app import app
from alert_refresh.problems import Refused, make_problem
from alert_refresh.run.delivery import DeliveryStatus, name_delivery
from alert_refresh.run.documents import Instance, is_alive, is_overdue
from alert_refresh.run.state import CANCEL, Run, dump_run, load_run

SECONDS = 10.0
"""How long a call may take. The SDK would wait for ever."""

Client = df.DurableFunctionsClient

_open: dict[tuple[asyncio.AbstractEventLoop, str], tuple[Client, AsyncGenerator[Client]]] = {}


class HubError(Refused):
    """The task hub did not answer in time, or could not do what it must. `code` is that of its answer, if any."""

    def __init__(self, reason: str, code: StatusCode | None = None) -> None:
        detail = f"Try again. If it goes on, check the app's storage: {reason}."
        super().__init__(make_problem("task-hub-unavailable", detail))
        self.code = code


async def call_hub[Answer](answer: Awaitable[Answer], seconds: float = SECONDS) -> Answer:
    """Return the answer to a call of the client. Raises only `HubError`s, also after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except RpcError as error:
        # Every RpcError that the stubs raise is also a Call: https://grpc.github.io/grpc/python/grpc.html#grpc.RpcError
        code: StatusCode = error.code()
        raise HubError(code.name, code) from error
    except TimeoutError as error:
        raise HubError(f"no answer in {seconds:g} s") from error


def bind_client(trigger: Callable[..., Awaitable[Any]]) -> Any:
    """Add the binding of the argument `client`, as `app.durable_client_input` does, and pass the client."""

    @functools.wraps(trigger)
    async def call(*args: Any, client: str, **rest: Any) -> Any:
        return await trigger(*args, client=await _open_client(client), **rest)

    return app.generic_input_binding(arg_name="client", type="durableClient", durableRequiresGrpc=True)(call)


async def _open_client(configuration: str) -> Client:
    # The configuration changes when the host moves its gRPC endpoint or renews a key, a few times in a worker's life.
    key = (asyncio.get_running_loop(), configuration)
    if key not in _open:
        lifetime = _keep_open(*key)
        # anext() of this generator does not suspend: no other task runs between the check and the entry.
        _open[key] = (await anext(lifetime), lifetime)
    return _open[key][0]


async def _keep_open(loop: asyncio.AbstractEventLoop, configuration: str) -> AsyncGenerator[Client]:
    # The Functions worker has no shutdown hook for apps. But before an event loop ends, it closes the asynchronous
    # generators that are open (loop.shutdown_asyncgens). So this one closes its client on the right loop.
    client = Client(configuration)
    try:
        yield client
    finally:
        _open.pop((loop, configuration), None)
        await client.close()


TERMINATED = "The delivery was terminated through the host's management API."
ORCHESTRATOR = "await_alert"
KEYS = uuid.UUID("6f6c8a0e-5b0f-5c4e-9d57-3f0a4f6b7a51")
"""Namespace of the ids that come from an Idempotency-Key."""


class RunNotFound(Refused):
    """There is no run with this id."""

    def __init__(self, run_id: str) -> None:
        super().__init__(make_problem("run-not-found", f"No run has the id {run_id}. It may have been purged."))


class RunOver(Refused):
    """The run is over, and so is its delivery."""

    def __init__(self) -> None:
        detail = "There is nothing to cancel. The run document says how the run ended."
        super().__init__(make_problem("run-over", detail))


def make_run_id(idempotency_key: str | None) -> str:
    """Return the id of a new run: random, or the same for each use of the caller's key."""
    return str(uuid.uuid4() if idempotency_key is None else uuid.uuid5(KEYS, f"Idempotency-Key: {idempotency_key}"))


def is_run_id(text: str) -> bool:
    """Tell whether `text` is a UUID in lower case with hyphens, as every run id is."""
    with suppress(ValueError):
        return str(uuid.UUID(text)) == text
    return False


async def start_run(client: Client, run: Run) -> Instance:
    """Start the run and return it. Raises `HubError`."""
    await call_hub(client.schedule_new_orchestration(ORCHESTRATOR, input=dump_run(run), instance_id=run.id))
    return Instance(run.id, "PENDING", run, {}, None, datetime.now(UTC))


async def start_once(client: Client, run: Run) -> Instance:
    """Start the run, or return the run that has the same id, also when that one is over.

    The hub lets a new run replace an ended one, so a read comes first. When two starts come at the same moment, the hub
    accepts both and runs one: a read after the start shows which. An overdue run makes room for an equal one.
    """
    with suppress(RunNotFound):
        found = await read_run(client, run.id)
        if not (is_overdue(found, run.wish.created_at) and run.wish.asks_same(found.run.wish)):
            return found
        # Until it has ended, the hub starts no other run with its id.
        with suppress(HubError):
            await call_hub(client.terminate_orchestration(run.id))
        await wait_for_end(client, found, SECONDS)
    try:
        started = await start_run(client, run)
    except HubError as error:
        if error.code is not StatusCode.ALREADY_EXISTS:
            raise
        found = await read_run(client, run.id)
        if is_overdue(found, run.wish.created_at):
            raise HubError("the overdue run with this Idempotency-Key has not ended yet") from None
        return found
    try:
        return await read_run(client, run.id)
    except (RunNotFound, HubError):
        # The hub accepted the run, so the caller must not start it again.
        return started


async def read_run(client: Client, run_id: str) -> Instance:
    """Return the run. Raises `HubError`, and `RunNotFound`, also for an instance that is no run of this app."""
    # The hub has instances with other ids, as the deliveries. They are no runs.
    state = await read_state(client, run_id) if is_run_id(run_id) else None
    run = parse_instance(state) if state else None
    if run is None:
        raise RunNotFound(run_id)
    return run


async def read_delivery(client: Client, instance: Instance) -> DeliveryStatus | None:
    """Return the status of the delivery of the run's outcome; None when the delivery has not begun."""
    if instance.run.wish.callback_url is None or is_alive(instance, datetime.now(UTC)):
        return None
    state = await read_state(client, name_delivery(instance.id))
    delivery = cast("DeliveryStatus | None", parse_plain_json(state.serialized_custom_status) if state else None)
    if state and state.runtime_status.name == "TERMINATED":
        attempts = delivery["attempts"] if delivery else 0
        return {"state": "failed", "attempts": attempts, "nextAttemptAt": None, "detail": TERMINATED}
    return delivery


async def wait_for_end(client: Client, instance: Instance, seconds: float) -> Instance:
    """Wait for the end of the run, at most `seconds`. Return the run as it is then; unchanged if the hub is away."""
    waiting = client.wait_for_orchestration_completion(instance.id, fetch_payloads=False, timeout=seconds)
    # The read below shows the reason: the run goes on, the hub does not answer, or the SDK does not know the status.
    with suppress(HubError, ValueError):
        await call_hub(waiting, seconds + 1)
    with suppress(HubError, RunNotFound):
        return await read_run(client, instance.id)
    return instance


async def cancel_run(client: Client, instance: Instance, caller: str | None) -> None:
    """Send the run, or the delivery of its outcome, the event that ends it; the event says which `caller` wants that.

    A terminated run would post no callback. Raises `RunOver`, `RunNotFound` and `HubError`.
    """
    target = instance.id
    if not is_alive(instance, datetime.now(UTC)):
        delivery = await read_delivery(client, instance)
        # Before its first turn a delivery has no status, and takes the event all the same.
        if instance.run.wish.callback_url is None or (delivery and delivery["state"] != "delivering"):
            raise RunOver
        target = name_delivery(instance.id)
    try:
        await call_hub(client.raise_orchestration_event(target, CANCEL, data=caller))
    except HubError as error:
        match error.code:
            case StatusCode.NOT_FOUND if target == instance.id:
                raise RunNotFound(instance.id) from error
            case StatusCode.FAILED_PRECONDITION | StatusCode.NOT_FOUND:
                raise RunOver from error
        raise


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
            result=parse_plain_json(state.serialized_output if state.runtime_status.name == "COMPLETED" else None),
            updated_at=updated if updated.tzinfo else updated.replace(tzinfo=UTC),
        )
    except (ValueError, TypeError, RecursionError):
        return None


def parse_plain_json(text: str | None) -> Any:
    """Return the JSON in `text`. The SDK's codec would make instances of the classes that a document names."""
    return json.loads(text) if text else None


async def read_state(client: Client, instance_id: str, *, payloads: bool = True) -> OrchestrationState | None:
    """Return the instance; None when there is none, or only the rest of one. Raises `HubError`."""
    try:
        return await call_hub(client.get_orchestration_state(instance_id, fetch_payloads=payloads))
    except HubError as error:
        if error.code is not StatusCode.NOT_FOUND:
            raise
    except ValueError:
        # A status that the SDK does not know, of the rest of a purged instance.
        pass
    return None
