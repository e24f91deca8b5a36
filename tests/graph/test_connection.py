"""One session and one credential per event loop, closed when the loop ends."""

import asyncio
import gc

import pytest

from domain.settings import InvalidSettings, settings
from graph import connection
from graph.client import GraphClient
from graph.connection import graph
from tests.graph.conftest import FakeCredentials, ScriptedGraph


async def test_first_calls_together_share_one_client(app: ScriptedGraph, credentials: FakeCredentials) -> None:
    clients = await asyncio.gather(*(graph() for _ in range(50)))
    assert len(set(map(id, clients))) == 1
    assert credentials.opened == []

    await asyncio.gather(*(client.get(f"{app.base_url}/x", "c-1") for client in clients))
    assert len(credentials.opened) == 1
    assert len(app.requests) == 50


@pytest.mark.usefixtures("app")
async def test_every_loop_has_its_own_and_closes_it(credentials: FakeCredentials) -> None:
    """ResourceWarning is an error: an unclosed session or connection would fail this test."""
    seen: list[GraphClient] = []

    async def one_process() -> None:
        client = await graph()
        seen.append(client)
        assert await graph() is client
        async with asyncio.timeout(10):
            await client.get(f"{settings().graph_base_url}/x", "c-1")

    for number in (1, 2):
        await asyncio.to_thread(asyncio.run, one_process())
        gc.collect()
        assert connection._open == {}, "a loop that has ended is let go"  # noqa: SLF001 - nothing else shows it
        assert [credential.closed for credential in credentials.opened] == [1] * number
    assert seen[0] is not seen[1]


@pytest.mark.usefixtures("app")
async def test_a_loop_that_asked_nothing_has_nothing_to_close(credentials: FakeCredentials) -> None:
    async def one_process() -> None:
        await graph()

    await asyncio.to_thread(asyncio.run, one_process())
    gc.collect()
    assert credentials.opened == []


async def test_wrong_settings_are_told_and_corrected_ones_taken(
    app: ScriptedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPH_BASE_URL", "ftp://x")
    with pytest.raises(InvalidSettings, match="GRAPH_BASE_URL"):
        await graph()
    monkeypatch.setenv("GRAPH_BASE_URL", app.base_url)
    assert isinstance(await graph(), GraphClient)
