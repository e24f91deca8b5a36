"""Versions of orchestrations: which one an instance has, and which ones the app runs."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from emulator.host.hub import HubOptions, TaskHub, in_process
from emulator.host.hub.options import VersionFailure, VersionMatch
from emulator.host.hub.versions import compare_versions
from tests.emulator.host.conftest import APPS, YEARLY, DurableApp, logged
from tests.emulator.host.hub_worker import MESSAGE_LIMIT, Worker, complete, start, status
from tests.support.host_process import host_process

MISMATCH = "VersionMismatch: Orchestration version did not comply with Worker Versioning"


@asynccontextmanager
async def hosted(folder: Path, session: aiohttp.ClientSession, **versions: str) -> AsyncIterator[DurableApp]:
    """Host the durable sample app with `versions` in its host.json."""
    shutil.copy(APPS / "durable" / "function_app.py", folder)
    durable = {"defaultVersion": "1.0", **versions}
    (folder / "host.json").write_text(json.dumps({"version": "2.0", "extensions": {"durableTask": durable}}))
    async with host_process(folder, environment={"NIGHTLY_SCHEDULE": YEARLY}) as host:
        yield DurableApp(host, session)


async def test_an_orchestrator_sees_the_default_version_and_its_child_none(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    async with hosted(tmp_path, session) as app:
        assert await app.run("versions") == ["1.0", None]
        older = await app.ended(await app.start("versions", version="0.9"))
        assert older["output"] == ["0.9", None]


async def test_a_newer_version_stays_pending(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with hosted(tmp_path, session) as app:
        newer = await app.start("versions", version="1.0.0")
        await logged(app.host, f"{newer}: its version is not one")
        await app.manage("POST", f"instances/{newer}/terminate")
        await app.run("versions")
        assert (await app.status(newer))["runtimeStatus"] == "Pending"


async def test_a_newer_version_fails_where_host_json_says_so(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with hosted(tmp_path, session, versionFailureStrategy="Fail") as app:
        failed = await app.ended(await app.start("versions", version="1.0.1"))
        assert (failed["runtimeStatus"], failed["output"]) == ("Failed", MISMATCH)


def hub_of(match: VersionMatch, failure: VersionFailure = VersionFailure.FAIL) -> TaskHub:
    return TaskHub(MESSAGE_LIMIT, HubOptions(default_version="2.0", version_match=match, version_failure=failure))


@pytest.mark.parametrize(
    ("match", "refused"),
    [
        (VersionMatch.NONE, []),
        (VersionMatch.STRICT, ["1.9", "2.0.0"]),
        (VersionMatch.CURRENT_OR_OLDER, ["2.0.0"]),
    ],
)
def test_the_strategy_says_which_versions_run(match: VersionMatch, refused: list[str]) -> None:
    hub = hub_of(match)
    worker = Worker(hub)
    for version in ("1.9", "2.0", "2.0.0"):
        request = pb.CreateInstanceRequest(instanceId=version, name="orchestrator")
        request.version.value = version
        hub.StartInstance(request, in_process)
    start(hub, "last")
    while worker.turn(complete()).instanceId != "last":
        pass
    assert [version for version in ("1.9", "2.0", "2.0.0") if status(hub, version) == "FAILED"] == refused


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("", "0.1"),
        ("1.0", "1.0.0"),
        ("1.0", "1.0.1"),
        ("1.9", "1.10"),
        ("10", "9"),
        ("a", "B"),
    ],
)
def test_versions_compare_as_those_of_dotnet(older: str, newer: str) -> None:
    assert compare_versions(older, newer) < 0 < compare_versions(newer, older)
