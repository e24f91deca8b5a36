"""The emulator answers every row as the real host does."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.conformance.row import Row
from tests.conformance.runner import Host, compare
from tests.conformance.table import ROWS
from tests.support.host_process import host_process

APP = Path(__file__).parent / "app"
KEYS = {"function": "function-key", "system": "system-key", "master": "master-key"}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def emulator() -> AsyncIterator[tuple[Host, aiohttp.ClientSession]]:
    # Rows make functions fail, and the SDK logs the traceback.
    async with (
        host_process(APP, arguments=["--master-key", KEYS["master"]], clean=False) as process,
        aiohttp.ClientSession() as session,
    ):
        yield Host(process.base_url, KEYS, limit_seconds=15), session


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
async def test_the_emulator_answers_as_the_row_says(row: Row, emulator: tuple[Host, aiohttp.ClientSession]) -> None:
    assert await compare(row, *emulator) == ""
