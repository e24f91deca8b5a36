"""AUTH_MODE=entra: App Service signs callers in, and says in a header who they are. A function needs no key then."""

import json
from typing import Any

import pytest

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import FUNCTION_KEY, App, hosted, make_settings, scan

ENTRA = {"AUTH_MODE": "entra"}
ON = {"WEBSITE_AUTH_ENABLED": "True"}
"""What App Service sets when its authentication is on."""

ADELE = {"X-MS-CLIENT-PRINCIPAL-NAME": "adele@contoso.com", "X-MS-CLIENT-PRINCIPAL-ID": "5e1f"}
LOGIC_APP = {"X-MS-CLIENT-PRINCIPAL-ID": "b3c1b2f4-0000-0000-0000-000000000001"}
"""An app has no name, only the id of its service principal."""


async def start_and_cancel(app: App, tenant: Tenant, key: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Let Adele start a run and a Logic App cancel it. Return its document, and the log line of its end."""
    request = {"operationId": scan(tenant, seconds=3600)}
    started = await app.call("POST", "/api/runs", json=request, headers=ADELE, key=key)
    assert started.status == 202
    assert (await app.call("DELETE", started.body["links"]["cancel"], headers=LOGIC_APP, key=key)).status == 202
    assert (await app.result(started, key)).status == 410
    document = (await app.call("GET", started.body["links"]["self"], key=key)).body
    (line,) = await app.host.read_lines('"event": "end"', started.body["id"])
    return document, json.loads(line[line.index("{") :])


async def test_whom_app_service_signs_in_needs_no_key_and_is_named(identity: IdentityServer) -> None:
    tenant = Tenant()
    async with GraphServer(tenant) as graph, hosted(make_settings(graph, identity, **ENTRA, **ON)) as app:
        document, end = await start_and_cancel(app, tenant, None)
        listed = await app.call("GET", "/api/runs", key=None)
        unnamed = await app.call("POST", "/api/runs", json={"operationId": "x"}, key=None)

    for shown in (document, end, listed.body["value"][0]):
        assert shown["startedBy"] == ADELE["X-MS-CLIENT-PRINCIPAL-NAME"]
        assert shown["cancelledBy"] == LOGIC_APP["X-MS-CLIENT-PRINCIPAL-ID"]
    assert (unnamed.status, unnamed.body["startedBy"]) == (202, None)
    assert "code=" not in json.dumps(document)


async def test_with_keys_a_header_names_nobody(app: App, tenant: Tenant) -> None:
    document, end = await start_and_cancel(app, tenant, FUNCTION_KEY)
    assert (document["startedBy"], document["cancelledBy"]) == (None, None)
    assert (end["startedBy"], end["cancelledBy"]) == (None, None)


@pytest.mark.parametrize("platform", [{}, {"WEBSITE_AUTH_ENABLED": "False"}])
async def test_without_the_sign_in_there_are_no_routes_and_health_says_so(
    graph: GraphServer, identity: IdentityServer, platform: dict[str, str]
) -> None:
    async with hosted(make_settings(graph, identity, **ENTRA, **platform)) as app:
        health = await app.call("GET", "/api/health", key=None)
        # Not with `call`: openapi.yaml declares these routes.
        answers = [
            await app.session.request(method, f"{app.host.base_url}/api/{path}", headers={**ADELE, **key})
            for method, path in (("POST", "runs"), ("GET", "runs"), ("GET", "openapi.json"))
            for key in ({}, {"x-functions-key": FUNCTION_KEY})
        ]

    assert (health.status, health.problem) == (503, "invalid-settings")
    assert [each["field"] for each in health.body["errors"]] == ["AUTH_MODE"]
    assert {answer.status for answer in answers} == {404}
    assert "await_alert" in app.host.log, "what was started before goes on"
