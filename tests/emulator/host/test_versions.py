"""Versions of orchestrations: which ones the app runs, and what becomes of the others."""

import aiohttp
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from emulator.host.hub import HubOptions, TaskHub
from emulator.host.hub.options import VersionFailure, VersionMatch
from emulator.host.hub.versions import compare_versions
from tests.conformance.row import ends, hub, start
from tests.emulator.host.conftest import DURABLE, sample_host
from tests.emulator.host.hub_worker import MESSAGE_LIMIT, Worker, complete, get
from tests.emulator.host.hub_worker import start as begin

MISMATCH = "VersionMismatch: Orchestration version did not comply with Worker Versioning"


async def test_a_newer_version_stays_pending_even_when_it_is_terminated(session: aiohttp.ClientSession) -> None:
    async with sample_host(session, environment={f"{DURABLE}defaultVersion": "1.0"}) as app:
        await app.hold(start("newer", ["version"], version="1.0.0"))
        assert await app.host.read_lines("newer: its version is not one")
        await app.hold(hub("TerminateInstance", instanceId="newer"))
        await app.run(["version"])
        await app.hold(ends("newer", "PENDING"))


@pytest.mark.parametrize(
    ("match", "refused"),
    [
        (VersionMatch.NONE, []),
        (VersionMatch.STRICT, ["1.9", "2.0.0"]),
        (VersionMatch.CURRENT_OR_OLDER, ["2.0.0"]),
    ],
)
def test_the_strategy_says_which_versions_run(match: VersionMatch, refused: list[str]) -> None:
    options = HubOptions(default_version="2.0", version_match=match, version_failure=VersionFailure.FAIL)
    hub, versions = TaskHub(MESSAGE_LIMIT, options), ["1.9", "2.0", "2.0.0"]
    worker = Worker(hub)
    for version in versions:
        begin(hub, version, version=StringValue(value=version))
    begin(hub, "last")
    while worker.turn(complete()).instanceId != "last":
        pass
    ends = [get(hub, version).orchestrationState.output.value for version in versions]
    assert [version for version, end in zip(versions, ends, strict=True) if end == MISMATCH] == refused


@pytest.mark.parametrize(
    ("older", "newer"),
    [("", "0.1"), ("1.0", "1.0.0"), ("1.0", "1.0.1"), ("1.9", "1.10"), ("10", "9"), ("a", "B")],
)
def test_versions_compare_as_those_of_dotnet(older: str, newer: str) -> None:
    assert compare_versions(older, newer) < 0 < compare_versions(newer, older)
