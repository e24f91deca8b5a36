"""What no log, status, list or problem may tell: tokens, keys, callback signatures, and the people in incidents."""

import json
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import FUNCTION_KEY, MASTER_KEY, QUICK, SYSTEM_KEY, App, Reply, hosted, scan
from tests.support.receiver import receiver

SIGNATURE = "sig=the-signature-of-the-workflow"
TOKEN = "eyJ"
"""How every JSON Web Token begins."""


@pytest.fixture(scope="module")
async def app(graph: GraphServer, identity: IdentityServer) -> AsyncGenerator[App]:
    allowed = {"CALLBACK_ALLOWED_HOSTS": "127.0.0.1", "REFRESH_ENABLED": "true"}
    async with hosted({"GRAPH_BASE_URL": graph.base_url, **identity.environment, **QUICK, **allowed}) as running:
        yield running


def people(document: Any) -> Iterator[str]:
    """Yield what names a person in incidents, as Graph names its members."""
    if isinstance(document, dict):
        for name, value in document.items():
            if isinstance(value, str) and name.endswith(("DisplayName", "PrincipalName")) and "ssignee" in name:
                yield value
            yield from people(value)
    elif isinstance(document, list):
        for each in document:
            yield from people(each)


async def every_kind_of_run(app: App, tenant: Tenant, callback: str) -> tuple[list[Reply], list[Reply]]:
    """Return the starts of runs that end in every way, and their results."""
    options: Any = {"expand": "alertIncidents", "callbackUrl": callback}
    starts = [
        await app.start(alertId=tenant.alert_id("StaleSignInAlert"), onlyIfChanged=True, **options),
        await app.start(operationId=scan(tenant, "NoMfaOnRoleActivationAlert"), **options),
        await app.start(operationId=scan(tenant, "RedundantAssignmentAlert", outcome="failed"), **options),
        await app.start(operationId="refresh:DirectoryRole_x_y", **options),
        await app.start(
            operationId=scan(tenant, "RolesAssignedOutsidePimAlert", seconds=60), timeoutSeconds=1, **options
        ),
    ]
    return starts, [await app.result(start) for start in starts]


async def test_neither_secrets_nor_people_are_told_where_nobody_asked_for_them(
    app: App, tenant: Tenant, identity: IdentityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant, "scan_seconds", 0.3)
    async with receiver() as caller:
        starts, results = await every_kind_of_run(app, tenant, f"{caller.base_url}/workflow?{SIGNATURE}")
        await caller.posts("/workflow", len(starts))
        documents = [await app.call("GET", f"/api/runs/{start.body['id']}") for start in starts]
        listed = await app.call("GET", "/api/runs")
        instances = await app.instances()

    assert sorted({result.status for result in results}) == [200, 424]
    named = set(people([result.body for result in results]))
    assert named, "somebody is in the alerts"
    problems = [result for result in results if result.status != 200]
    told = json.dumps([reply.body for reply in [*starts, *documents, *problems, listed]], ensure_ascii=False)
    told += json.dumps([each["customStatus"] for each in instances], ensure_ascii=False)
    told += app.host.log
    for secret in (TOKEN, SIGNATURE, identity.secret, FUNCTION_KEY, SYSTEM_KEY, MASTER_KEY, *named):
        assert secret not in told, secret
