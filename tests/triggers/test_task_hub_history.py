"""The history of a run, over real gRPC; what a whole one tells is tried end to end."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from triggers.task_hub_history import read_looks

from tests.triggers.test_task_hub_query import Hub


@pytest.fixture
def hub() -> Iterator[Hub]:
    started = Hub()
    yield started
    started.hub.stop()


async def test_a_run_that_has_not_looked_yet_has_no_looks(hub: Hub) -> None:
    run_id = hub.put(1)
    async with hub.client() as client:
        told = await read_looks(client, run_id)
    assert told
    assert (told.earlier, told.looks) == (0, [])


@pytest.mark.parametrize("given", ["{}", "[]", "1", "no JSON"])
async def test_a_history_that_cannot_be_read_is_none(hub: Hub, given: Any) -> None:
    run_id = hub.put(1, given=given)
    async with hub.client() as client:
        assert await read_looks(client, run_id) is None


async def test_a_hub_that_does_not_tell_is_none(hub: Hub) -> None:
    async with hub.client() as client:
        assert await read_looks(client, str(uuid.UUID(int=7))) is None
