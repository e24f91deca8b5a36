"""Graph as bytes: each request gets what is to be said, and then the connection is over."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import aiohttp
from domain.settings import settings
from graph.client import GraphClient
from graph.tokens import Tokens

from emulator.identity import IdentityServer
from tests.fuzz.answers import HttpAnswer, written


@dataclass
class ByteGraph:
    base_url: str = ""
    answer: HttpAnswer | bytes = b""
    """To every request until the next one is set: after a 401 the app asks again."""
    tokens: set[str] = field(default_factory=set)
    """Those it was shown."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.tokens |= {line[22:] for line in head.split("\r\n") if line.startswith("Authorization: Bearer ")}
            writer.write(written(self.answer, self.base_url))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def byte_graph() -> AsyncGenerator[ByteGraph]:
    """Yield a Graph that the app asks, with a managed identity that is real but for Azure."""
    graph, opened = ByteGraph(), dict[Any, Any]()
    server = await asyncio.start_server(graph.talk, "127.0.0.1", 0)
    graph.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    tokens = Tokens(graph.base_url, f"{graph.base_url}/.default")
    async with (
        server,
        IdentityServer() as identity,
        # A connection that is kept may be found closed in the middle of a POST, and an answer would not repeat.
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session,
    ):
        opened[asyncio.get_running_loop()] = (GraphClient(session, tokens, graph.base_url), None)
        environment = {"GRAPH_BASE_URL": graph.base_url, **identity.environment}
        with patch.dict(os.environ, environment), patch("graph.connection._open", opened):
            settings.cache_clear()
            yield graph
        settings.cache_clear()
        await tokens.close()
