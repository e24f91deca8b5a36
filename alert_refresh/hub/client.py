"""The durable client of a trigger, and the one way to call it: with a deadline, and with errors that say what happened.

There is one client for each event loop. The SDK would make one for each call of a trigger: a gRPC channel, and a check
of the versions of installed packages (azure/durable_functions/decorators/durable_app.py).
"""

import asyncio
import functools
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import azure.durable_functions as df
import grpc

SECONDS = 10.0
"""How long a call may take. The SDK would wait for ever."""

type _Lifetime = AsyncGenerator[df.DurableFunctionsClient]

_open: dict[tuple[asyncio.AbstractEventLoop, str], tuple[df.DurableFunctionsClient, _Lifetime]] = {}


class HubError(Exception):
    """The root of all errors between this app and its task hub.

    HubError
    ├── HubUnavailable            no answer in time, or one that waiting may help
    ├── MessageTooLarge           the answer does not fit into one gRPC message
    ├── InstanceNotFound          there is no such instance
    ├── InstanceExists            the id belongs to an instance that is alive
    └── InstanceOver              the instance is already over
    """


class HubUnavailable(HubError):
    """The task hub did not answer, or could not do what it must. The text is the reason."""


class MessageTooLarge(HubError):
    """The answer does not fit into one gRPC message."""


class InstanceNotFound(HubError):
    """There is no such instance."""


class InstanceExists(HubError):
    """The id belongs to an instance that is alive."""


class InstanceOver(HubError):
    """The instance is already over."""


_ERRORS = {
    grpc.StatusCode.RESOURCE_EXHAUSTED: MessageTooLarge,
    grpc.StatusCode.NOT_FOUND: InstanceNotFound,
    grpc.StatusCode.ALREADY_EXISTS: InstanceExists,
    grpc.StatusCode.FAILED_PRECONDITION: InstanceOver,
}


async def call_hub[Answer](answer: Awaitable[Answer], seconds: float = SECONDS) -> Answer:
    """Return the answer to a call of the client. Raises only `HubError`s: `HubUnavailable` after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except grpc.RpcError as error:
        # Every RpcError that the stubs raise is also a Call: https://grpc.github.io/grpc/python/grpc.html#grpc.RpcError
        code: grpc.StatusCode = error.code()
        raise _ERRORS.get(code, HubUnavailable)(code.name) from error
    except TimeoutError as error:
        raise HubUnavailable(f"no answer in {seconds:g} s") from error


def bind_client(blueprint: df.Blueprint) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """Add the binding of the argument `client`, as `df.Blueprint.durable_client_input` does, and pass the client."""
    binding = blueprint.generic_input_binding(arg_name="client", type="durableClient", durableRequiresGrpc=True)

    def bind(trigger: Callable[..., Awaitable[Any]]) -> Any:
        @functools.wraps(trigger)
        async def call(*args: Any, client: str, **rest: Any) -> Any:
            return await trigger(*args, client=await _open_client(client), **rest)

        return binding(call)

    return bind


async def _open_client(configuration: str) -> df.DurableFunctionsClient:
    # The configuration changes when the host moves its gRPC endpoint or renews a key, a few times in a worker's life.
    key = (asyncio.get_running_loop(), configuration)
    if key not in _open:
        lifetime = _keep_open(*key)
        # anext() of this generator does not suspend: no other task runs between the check and the entry.
        _open[key] = (await anext(lifetime), lifetime)
    return _open[key][0]


async def _keep_open(loop: asyncio.AbstractEventLoop, configuration: str) -> _Lifetime:
    # The Functions worker has no shutdown hook for apps. But before an event loop ends, it closes the asynchronous
    # generators that are open (loop.shutdown_asyncgens). So this one closes its client on the right loop.
    client = df.DurableFunctionsClient(configuration)
    try:
        yield client
    finally:
        _open.pop((loop, configuration), None)
        await client.close()
