"""A durable client of the SDK on a stub of the hub."""

import json
from collections.abc import AsyncIterator

import azure.durable_functions as df
import pytest

from tests.hub.stub import HubStub


@pytest.fixture
async def stub() -> HubStub:
    return HubStub()


@pytest.fixture
async def client(stub: HubStub) -> AsyncIterator[df.DurableFunctionsClient]:
    opened = df.DurableFunctionsClient(json.dumps({"rpcBaseUrl": "http://127.0.0.1:9"}))
    opened._stub = stub  # type: ignore[assignment]  # noqa: SLF001 - what the SDK would send
    yield opened
    await opened.close()
