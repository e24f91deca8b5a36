"""The app keeps to its OpenAPI document, whatever is sent: Schemathesis makes requests from the document as served."""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from jsonschema import Draft202012Validator

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import FUNCTION_KEY, SYSTEM_KEY, App
from tests.support.host_process import CHECKOUT, host_process

CONFIGURATION = """
workers = 2
generation.deterministic = true
[phases.fuzzing]
generation.max-examples = 400
[phases.stateful]
generation.max-examples = 80
[[operations]]
include-name = "POST /runs"
[operations.phases.fuzzing]
generation.max-examples = 320
[reports.ndjson]
path = "report.ndjson"
"""

LONGEST = 150.0
"""Seconds that all this may take; an idle machine needs some thirty."""

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)

SEEN = {
    "POST /runs": {200, 202, 400, 415, 422, 424},
    "GET /runs": {200, 400},
    "GET /runs/{id}": {200, 404},
    "GET /runs/{id}/result": {200, 404, 424},
    "DELETE /runs/{id}": {404, 410},
    "GET /health": {200, 400},
}
"""Answers that some requests must have got: without them the test would say little."""


@pytest.fixture
async def busy(identity: IdentityServer) -> AsyncGenerator[tuple[App, Tenant]]:
    """Yield an app of its own, and its tenant: these runs are nobody else's business, and call nobody back."""
    tenant = Tenant(scan_seconds=0.2)
    async with GraphServer(tenant) as graph, aiohttp.ClientSession() as session:
        environment = {
            "GRAPH_BASE_URL": graph.base_url,
            "CALLBACK_ALLOWED_HOSTS": "callback.invalid",
            "REFRESH_ENABLED": "true",
            "POLL_MIN_SECONDS": "0.3",
            "POLL_MAX_SECONDS": "0.3",
            **identity.environment,
        }
        # Not clean: Schemathesis begins with a request that is no HTTP, which aiohttp logs with a traceback.
        async with host_process(
            CHECKOUT, environment=environment, function_key=FUNCTION_KEY, system_key=SYSTEM_KEY, clean=False
        ) as host:
            yield App(host, session), tenant


async def schemathesis(app: App, folder: Path, operations: list[str], alert: str) -> tuple[int, str]:
    """Run Schemathesis in `folder` and return its exit code and what it says; its report is `report.ndjson` there."""
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    arguments = (
        *("run", f"{app.host.base_url}/api/openapi.json", "--header", f"x-functions-key: {FUNCTION_KEY}"),
        *("--checks", ",".join(CHECKS), "--no-color"),
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
        async with asyncio.timeout(LONGEST):
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


async def runs(app: App) -> list[dict[str, Any]]:
    """Return every run, page by page."""
    found: list[dict[str, Any]] = []
    link: str | None = "/api/runs?pageSize=100"
    while link:
        page = (await app.call("GET", link)).body
        found += page["value"]
        link = page["nextLink"]
    return found


async def over(app: App) -> None:
    """End what is alive, as a caller would, and wait until nothing is."""
    while alive := [each for each in await app.instances() if each["runtimeStatus"] in {"Pending", "Running"}]:
        for instance in alive:
            await app.call("DELETE", f"/api/runs/{instance['instanceId']}")


@pytest.mark.timeout(180)
async def test_two_thousand_requests_get_what_the_document_says(busy: tuple[App, Tenant], tmp_path: Path) -> None:
    app, tenant = busy
    alert = tenant.alert_id("StaleSignInAlert")
    operations: dict[str, dict[str, Any]] = {
        status: {"id": status, "status": status, "resourceLocation": ""} for status in ("running", "failed", "skipped")
    }
    for document in operations.values():
        tenant.put_operation(document)
    done = tenant.start_operation(alert, duration=0).id

    code, said = await schemathesis(app, tmp_path, ["running", *operations, done], alert)
    states = {(name, run["state"]) for run in await runs(app) for name in run["target"]}
    await over(app)

    assert code == 0, said
    made = Counter(calls(tmp_path / "report.ndjson"))
    assert made.total() >= 2000
    assert states >= {(target, "succeeded") for target in ("operationId", "alertId", "allAlerts")}
    for operation, statuses in SEEN.items():
        assert {status for made_to, status in made if made_to == operation} >= statuses, operation
    assert not [word for word in ("Unclosed", "never awaited", "was never retrieved") if word in app.host.log]


async def test_the_document_is_served_with_the_url_it_was_asked_at(app: App) -> None:
    reply = await app.call("GET", "/api/openapi.json")

    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert reply.body["openapi"] == "3.1.1"
    assert reply.body["servers"] == [{"url": f"{app.host.base_url}/api"}]
    assert (await app.call("GET", "/api/openapi.json", key=None)).status == 401


@pytest.mark.parametrize("question", [{"alertId": "x"}, {"allAlerts": True}])
async def test_an_app_that_does_not_refresh_says_so_as_the_document_has_it(app: App, question: dict[str, Any]) -> None:
    document = (await app.call("GET", "/api/openapi.json")).body
    answer = document["paths"]["/runs"]["post"]["responses"]["403"]["content"]["application/problem+json"]

    reply = await app.start(**question)

    assert (reply.status, reply.headers["Content-Type"]) == (403, "application/problem+json")
    Draft202012Validator({**answer["schema"], "components": document["components"]}).validate(reply.body)
