"""Many runs that meet one refused token."""

import asyncio
from types import SimpleNamespace

import azure.identity.aio
import pytest

from tests.graph.conftest import Reply, ScriptedGraph, client_of


class CachingCredential:
    """Like azure-identity's: it gives the token it keeps, until it is thrown away."""

    opened = 0

    def __init__(self, **_: object) -> None:
        CachingCredential.opened += 1
        self.token = f"secret-{CachingCredential.opened}"

    async def get_token(self, *_: str) -> SimpleNamespace:
        await asyncio.sleep(0)
        return SimpleNamespace(token=self.token)

    async def close(self) -> None:
        await asyncio.sleep(0)


async def test_a_token_that_many_runs_saw_refused_is_replaced_once(
    scripted: ScriptedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(azure.identity.aio, "DefaultAzureCredential", CachingCredential)
    scripted.answers(*[Reply(401)] * 20, Reply(200))

    async with client_of(scripted.base_url) as client:
        await asyncio.gather(*(client.get(f"{scripted.base_url}/x", "c-1") for _ in range(20)))

    assert CachingCredential.opened == 2
    assert scripted.tokens == ["secret-1"] * 20 + ["secret-2"] * 20
