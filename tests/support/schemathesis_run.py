"""Schemathesis against the running app: requests made up from its OpenAPI document, and every answer held to that."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.support.host_process import CHECKOUT, HostProcess, host_process

CONFIGURATION = """
workers = 2
generation.deterministic = {deterministic}
[phases.fuzzing]
generation.max-examples = {fuzzing}
[phases.stateful]
generation.max-examples = {stateful}
[[operations]]
include-name = "POST /runs"
[operations.phases.fuzzing]
generation.max-examples = {starts}
[reports.ndjson]
path = "report.ndjson"
"""

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)

REPORT = "report.ndjson"


@dataclass(frozen=True)
class Effort:
    """Without a `seed` the requests are the same in every run."""

    fuzzing: int
    """Examples of each operation but a start."""
    starts: int
    stateful: int
    """Sequences of requests."""
    seconds: float
    """That all this may take."""
    seed: int | None = None


@asynccontextmanager
async def fuzzed_host(
    tenant: Tenant, identity: IdentityServer, *, function_key: str, system_key: str
) -> AsyncIterator[HostProcess]:
    """Host the app for it: runs refresh `tenant`, are quick, and call nobody back."""
    async with GraphServer(tenant) as graph:
        environment = {
            "GRAPH_BASE_URL": graph.base_url,
            "CALLBACK_ALLOWED_HOSTS": "callback.invalid",
            "REFRESH_ENABLED": "true",
            "POLL_MIN_SECONDS": "1",
            "POLL_MAX_SECONDS": "1",
            **identity.environment,
        }
        # Not clean: Schemathesis begins with a request that is no HTTP, which aiohttp logs with a traceback.
        async with host_process(
            CHECKOUT, environment=environment, function_key=function_key, system_key=system_key, clean=False
        ) as host:
            yield host


def known_operations(tenant: Tenant) -> tuple[list[str], str]:
    """Put operations that do not end, or end badly, into `tenant`; return their ids and the id of an alert."""
    alert = tenant.alert_id("StaleSignInAlert")
    statuses = ("running", "failed", "skipped")
    for status in statuses:
        tenant.put_operation({"id": status, "status": status, "resourceLocation": ""})
    return ["running", *statuses, tenant.start_operation(alert, duration=0).id], alert


async def schemathesis(
    base_url: str, key: str, folder: Path, known: tuple[list[str], str], effort: Effort
) -> tuple[int, str]:
    """Run Schemathesis in `folder` and return its exit code and what it says; its report is `REPORT` there.

    Raises `TimeoutError` after `effort.seconds`.
    """
    operations, alert = known
    (folder / "schemathesis.toml").write_text(
        CONFIGURATION.format(
            deterministic=str(effort.seed is None).lower(),
            fuzzing=effort.fuzzing,
            starts=effort.starts,
            stateful=effort.stateful,
        )
    )
    arguments = (
        *("run", f"{base_url}/api/openapi.json", "--header", f"x-functions-key: {key}"),
        *("--checks", ",".join(CHECKS), "--no-color"),
        *(() if effort.seed is None else ("--seed", str(effort.seed))),
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", *arguments),
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks",
            "SCHEMATHESIS_OPERATIONS": " ".join(operations),
            "SCHEMATHESIS_ALERT": alert,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(effort.seconds):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return int(process.returncode or 0), output.decode()


def calls(report: Path) -> Iterator[tuple[str, int]]:
    """Yield the operation of each request in a report, and the status of its answer, 0 when there was none."""
    for line in report.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for interaction in recorder.get("interactions", {}).values():
            method, path = interaction["request"]["method"], interaction["request"]["uri"].partition("?")[0]
            route = path.partition("/api")[2]
            if route.startswith("/runs/"):
                route = "/runs/{id}/result" if route.endswith("/result") else "/runs/{id}"
            yield f"{method} {route}", interaction.get("response", {}).get("status_code", 0)
