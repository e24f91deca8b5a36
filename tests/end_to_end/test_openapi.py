"""The app keeps to its OpenAPI document, whatever is sent: Schemathesis makes requests from the document as served."""

from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest

from emulator.graph import Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import FUNCTION_KEY, SYSTEM_KEY, App
from tests.support.schemathesis_run import REPORT, Effort, calls, fuzzed_host, known_operations, schemathesis

EFFORT = Effort(fuzzing=150, starts=150, stateful=30, seconds=120)
"""An idle machine needs some twenty seconds."""

SEEN = {
    "POST /runs": {200, 202, 400, 415, 422, 424},
    "GET /runs": {200, 400},
    "GET /runs/{id}": {200, 404},
    "GET /runs/{id}/result": {200, 404, 424},
    "DELETE /runs/{id}": {404, 410},
    "GET /health": {200},
}
"""Answers that some requests must have got: without them the test would say little."""


@pytest.fixture
async def busy(identity: IdentityServer) -> AsyncGenerator[tuple[App, Tenant]]:
    """Yield an app of its own, and its tenant: these runs are nobody else's business, and call nobody back."""
    tenant = Tenant(scan_seconds=1)
    async with (
        fuzzed_host(tenant, identity, function_key=FUNCTION_KEY, system_key=SYSTEM_KEY) as host,
        aiohttp.ClientSession() as session,
    ):
        yield App(host, session), tenant


async def end_all(app: App) -> None:
    """End what is alive, as a caller would, and wait until nothing is."""
    while alive := [each for each in await app.instances() if each["runtimeStatus"] in {"Pending", "Running"}]:
        for instance in alive:
            await app.call("DELETE", f"/api/runs/{instance['instanceId']}")


@pytest.mark.timeout(180)
async def test_a_thousand_requests_get_what_the_document_says(busy: tuple[App, Tenant], tmp_path: Path) -> None:
    app, tenant = busy
    known = known_operations(tenant)

    code, output = await schemathesis(app.host.base_url, FUNCTION_KEY, tmp_path, known, EFFORT)
    await end_all(app)

    assert code == 0, output
    made = Counter(calls(tmp_path / REPORT))
    assert made.total() >= 1000
    for operation, statuses in SEEN.items():
        assert {status for made_to, status in made if made_to == operation} >= statuses, operation
    assert not [word for word in ("Unclosed", "never awaited", "was never retrieved") if word in app.host.log]


async def test_the_document_is_served_with_the_url_it_was_asked_at(app: App) -> None:
    reply = await app.call("GET", "/api/openapi.json")

    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert reply.body["openapi"] == "3.1.1"
    assert reply.body["servers"] == [{"url": f"{app.host.base_url}/api"}]
    assert (await app.call("GET", "/api/openapi.json", key=None)).status == 401
