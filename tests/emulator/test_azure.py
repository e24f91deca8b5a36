"""What Azure sets for the app, and what a developer's own environment keeps."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from emulator import azure
from emulator.graph import Tenant

LIMIT = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"


@pytest.mark.parametrize(("given", "found"), [({}, "1048576"), ({LIMIT: "7"}, "7")])
async def test_bodies_are_limited_as_the_deployment_limits_them(
    given: dict[str, str], found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def host(*_: Any, **__: Any) -> AsyncIterator[None]:
        yield

    environment = dict(given)
    monkeypatch.setattr(azure, "FunctionsHost", host)
    monkeypatch.setattr(os, "environ", environment)
    async with azure.emulated_azure(tmp_path, Tenant()):
        assert environment[LIMIT] == found
