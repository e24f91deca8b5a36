"""The durable client of a trigger: one for each event loop, where the SDK makes one for each call of a coroutine.

A client is a gRPC channel, and a look at the versions of installed packages besides. `benchmarks.start` compares the
ways to come by one. The SDK keeps clients for plain functions only: azure/durable_functions/decorators/durable_app.py.
"""

import asyncio
import functools
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import azure.durable_functions as df

type _Lifetime = AsyncGenerator[df.DurableFunctionsClient]

_open: dict[tuple[asyncio.AbstractEventLoop, str], tuple[df.DurableFunctionsClient, _Lifetime]] = {}


def durable_client_input(blueprint: df.Blueprint) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """Bind the argument `client` as `df.Blueprint.durable_client_input` does, and give the trigger its client."""
    binding = blueprint.generic_input_binding(arg_name="client", type="durableClient", durableRequiresGrpc=True)

    def bound(trigger: Callable[..., Awaitable[Any]]) -> Any:
        @functools.wraps(trigger)
        async def given(*args: Any, client: str, **rest: Any) -> Any:
            return await trigger(*args, client=await _client(client), **rest)

        return binding(given)

    return bound


async def _client(configuration: str) -> df.DurableFunctionsClient:
    # It changes when the host moves its gRPC endpoint or a key is renewed: a few times in a worker's life.
    key = (asyncio.get_running_loop(), configuration)
    if key not in _open:
        lifetime = _lifetime(*key)
        # As in `graph.connection`: nothing awaits in between.
        _open[key] = (await anext(lifetime), lifetime)
    return _open[key][0]


async def _lifetime(loop: asyncio.AbstractEventLoop, configuration: str) -> _Lifetime:
    # Closed with the loop, as `graph.connection` is.
    client = df.DurableFunctionsClient(configuration)
    try:
        yield client
    finally:
        _open.pop((loop, configuration), None)
        await client.close()
