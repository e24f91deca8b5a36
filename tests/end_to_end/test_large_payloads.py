"""With LARGE_PAYLOADS, an alert keeps its incidents: they are in blobs, and the history holds where they are."""

from collections.abc import AsyncGenerator, Generator

import pytest

from emulator.graph import GraphServer, Tenant
from emulator.graph.tenant.alert import Alert
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import QUICK, SYSTEM_KEY, App, Reply, hosted, scan
from tests.support.blob_service import BlobService, blob_service
from tests.support.receiver import receiver

MANY = 5000
NAME = "RedundantAssignmentAlert"


@pytest.fixture(scope="module")
async def blobs() -> AsyncGenerator[BlobService]:
    async with blob_service() as service:
        yield service


@pytest.fixture(scope="module")
async def app(graph: GraphServer, identity: IdentityServer, blobs: BlobService) -> AsyncGenerator[App]:
    storage = {"LARGE_PAYLOADS": "true", "AzureWebJobsStorage": blobs.connection_string}
    callbacks = {"CALLBACK_ALLOWED_HOSTS": "127.0.0.1"}
    environment = {"GRAPH_BASE_URL": graph.base_url, **identity.environment, **QUICK, **storage, **callbacks}
    async with hosted(environment) as running:
        yield running


@pytest.fixture
def crowded(tenant: Tenant) -> Generator[Alert]:
    """Return an alert with thousands of incidents."""
    alert = tenant.alerts[tenant.alert_id(NAME)]
    before = list(alert.incidents)
    alert.invent_incidents(MANY - len(before))
    yield alert
    alert.incidents[:] = before


async def history(app: App, run: Reply) -> str:
    """Return the run as an operator sees it, with its history, inputs and outputs."""
    path = f"/runtime/webhooks/durabletask/instances/{run.body['id']}?showHistory=true&showHistoryOutput=true"
    return str((await app.call("GET", path, key=SYSTEM_KEY)).body)


async def test_five_thousand_incidents_come_back_and_are_not_in_the_history(
    app: App, tenant: Tenant, crowded: Alert, blobs: BlobService
) -> None:
    started = await app.start(operationId=scan(tenant, NAME), expand="alertIncidents")
    result = await app.result(started)

    assert result.status == 200, result.body
    assert (result.body["incidentsTruncated"], result.body["incidentsFetched"]) == (False, MANY)
    ids = {incident["id"] for incident in result.body["alert"]["alertIncidents"]}
    assert ids == {incident["id"] for incident in crowded.incidents}
    told = await history(app, started)
    assert "blob:v1:" in told
    assert not any(identity in told for identity in ids)
    assert blobs.blobs


async def test_the_callback_gets_them_too(app: App, tenant: Tenant, crowded: Alert) -> None:
    async with receiver() as caller:
        url = f"{caller.base_url}/crowded"
        started = await app.start(operationId=scan(tenant, NAME), expand="alertIncidents", callbackUrl=url)
        result = await app.result(started)
        (post,) = await caller.posts("/crowded")

    assert len(result.body["alert"]["alertIncidents"]) == len(crowded.incidents)
    assert len(post.body) > 2**20
