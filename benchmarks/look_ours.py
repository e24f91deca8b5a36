"""Looks as the app does: the activity `get_operation`, with its settings and its credential from the environment."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from activities import get_operation
from benchmarks.look_process import look_when_told
from benchmarks.look_server import OPERATION_ID
from domain.observation import Observation


async def main() -> None:
    # What the worker calls: the SDK's own wrapping of the activity is in it.
    builder: Any = get_operation.get_operation
    activity: Callable[[Any], Awaitable[Observation]] = builder._function.get_user_function()  # noqa: SLF001

    async def look() -> object:
        return (await activity({"operationId": OPERATION_ID}))["operation"]["status"]

    await look_when_told(look)


if __name__ == "__main__":
    asyncio.run(main())
