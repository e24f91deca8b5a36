"""A trigger gets the durable client of its event loop: the same for every call, closed when the loop ends."""

import asyncio
import json
from typing import Any

import azure.durable_functions as df
from triggers.durable_client import durable_client_input

from triggers import durable_client

HERE, THERE = (json.dumps({"rpcBaseUrl": f"http://127.0.0.1:{port}"}) for port in (9, 10))


def trigger() -> Any:
    """Return a trigger that answers the client that it was given, as the worker would call it."""
    blueprint = df.Blueprint()

    async def told(client: df.DurableFunctionsClient) -> df.DurableFunctionsClient:
        return client

    return durable_client_input(blueprint)(told)._function._func  # noqa: SLF001 - as the worker does


def test_every_call_in_a_loop_has_the_same_client_and_each_loop_its_own() -> None:
    call = trigger()
    seen: list[df.DurableFunctionsClient] = []
    closed: list[df.DurableFunctionsClient] = []

    async def one_worker() -> None:
        first = await call(client=HERE)
        first.close = _noting(first, closed)
        assert [await call(client=HERE) for _ in range(3)] == [first] * 3
        assert await call(client=THERE) is not first, "another hub, or a key that was renewed"
        seen.append(first)

    for number in (1, 2):
        asyncio.run(one_worker())
        assert closed == seen[:number], "closed with its loop"
        assert durable_client._open == {}, "a loop that has ended is let go"  # noqa: SLF001 - nothing else shows it
    assert seen[0] is not seen[1]


def _noting(client: df.DurableFunctionsClient, closed: list[df.DurableFunctionsClient]) -> Any:
    close = client.close

    async def noted() -> None:
        closed.append(client)
        await close()

    return noted
