"""The app keeps to its OpenAPI document, whatever is sent: Schemathesis makes requests from the document as served."""

from collections import Counter
from pathlib import Path

import pytest

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import ALLOWED, FUNCTION_KEY, App, hosted, make_settings, scan
from tests.support.graph_samples import ALERT_ID, OPERATION_ID
from tests.support.schemathesis_run import SECONDS, list_calls, run_schemathesis

SEEN = {
    # Which keys meet again, and which runs end while a caller waits, is chance: the test asks for that itself.
    "POST /runs": {202, 400},
    "GET /runs": {200, 400},
    "GET /runs/{id}": {200, 404},
    # Whether a run of Schemathesis is over by then is a matter of speed: the test asks for those answers itself.
    "GET /runs/{id}/result": {404},
    "DELETE /runs/{id}": {404},
    "POST /runs/{id}/cancel": {404},
    "GET /alerts": {200, 400},
    "GET /alerts/{id}": {200, 404},
    "GET /health": {200},
}
"""Answers that some requests must have got: without them the test would say little."""


async def end_all(app: App) -> None:
    """End what is alive, as a caller would, and wait until nothing is."""
    while alive := [each for each in await app.instances() if each["runtimeStatus"] in {"Pending", "Running"}]:
        for instance in alive:
            await app.call("DELETE", f"/api/runs/{instance['instanceId']}")


@pytest.mark.timeout(SECONDS + 60)
async def test_a_thousand_requests_get_what_the_document_says(identity: IdentityServer, tmp_path: Path) -> None:
    tenant = Tenant(scan_seconds=1)
    for status in ("running", "failed", "skipped"):
        tenant.put_operation({"id": status, "status": status, "resourceLocation": ""})
    assert (tenant.alert_id("StaleSignInAlert"), scan(tenant, seconds=0)) == (ALERT_ID, OPERATION_ID)
    nobody = ALLOWED | {"CALLBACK_ALLOWED_HOSTS": "callback.invalid"}
    async with (
        GraphServer(tenant) as graph,
        # Not clean: Schemathesis begins with a request that is no HTTP, which aiohttp logs with a traceback.
        hosted(make_settings(graph, identity, **nobody), clean=False) as app,
    ):
        code, output = await run_schemathesis(app.host.base_url, FUNCTION_KEY, tmp_path)
        waited = [
            await app.call("POST", "/api/runs", json={"operationId": each}, headers={"Prefer": "wait=20"})
            for each in (OPERATION_ID, "failed")
        ]
        assert [run.status for run in waited] == [200, 424]
        text = await app.call("POST", "/api/runs", data=b"operationId: x", headers={"Content-Type": "text/plain"})
        assert text.status == 415
        over = [await app.start(operationId=operation_id) for operation_id in (OPERATION_ID, "failed")]
        assert [(await app.result(run)).status for run in over] == [200, 424]
        assert [(await app.cancel(run)).status for run in over] == [410, 410]
        keyed = [await app.start_once("again", {"operationId": each}) for each in ("failed", "skipped")]
        assert [run.status for run in keyed] == [202, 422]
        await end_all(app)

    assert code == 0, output
    made = Counter(list_calls(tmp_path))
    assert made.total() >= 1000
    for operation, statuses in SEEN.items():
        assert {status for made_to, status in made if made_to == operation} >= statuses, operation
    assert not [word for word in ("Unclosed", "never awaited", "was never retrieved") if word in app.host.log]
