"""One session and one credential per process and event loop, made at the first call and closed with the loop."""

import asyncio
from collections.abc import AsyncGenerator

import aiohttp

from domain.settings import Settings, settings
from graph.client import GraphClient
from graph.tokens import Tokens
from telemetry.tracing import graph_trace_configs

type _Lifetime = AsyncGenerator[GraphClient]

_open: dict[asyncio.AbstractEventLoop, tuple[GraphClient, _Lifetime]] = {}


async def graph() -> GraphClient:
    """Return this event loop's client. Raises `domain.settings.InvalidSettings`."""
    loop = asyncio.get_running_loop()
    if loop not in _open:
        lifetime = _lifetime(settings())
        # Nothing awaits between the look above and the entry below: anext() of this generator does not suspend.
        _open[loop] = (await anext(lifetime), lifetime)
    return _open[loop][0]


async def _lifetime(chosen: Settings) -> _Lifetime:
    # The Functions worker has no shutdown hook for apps. But an event loop closes the asynchronous generators that are
    # still open before it ends (loop.shutdown_asyncgens), and so this one closes what it holds, on the right loop.
    tokens = Tokens(chosen.graph_base_url, chosen.graph_scope)
    try:
        async with aiohttp.ClientSession(trace_configs=graph_trace_configs()) as session:
            yield GraphClient(session, tokens, chosen.graph_base_url)
    finally:
        # The entry would keep the finished loop alive.
        _open.pop(asyncio.get_running_loop(), None)
        await tokens.close()
