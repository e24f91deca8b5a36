"""GET /doctor on the real app: what an administrator reads of a deployment that works, and of one that does not."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from alert_refresh.doctor import NAMES
from emulator.faults import wall_clock
from emulator.graph import Fault, GraphServer, Tenant
from emulator.identity import IdentityServer
from emulator.tokens import CLIENT_ID, PRINCIPAL_ID, READ, READ_WRITE, TENANT_ID
from tests.end_to_end.conftest import ALLOWED, FUNCTION_KEY, SYSTEM_KEY, App, Reply, hosted, make_settings
from tests.end_to_end.test_pages import open_page
from tests.end_to_end.test_secrecy import list_secrets, people
from tests.pages.shown import text_of


async def ask(app: App) -> tuple[dict[str, str], dict[str, str]]:
    """Return the statuses and the details of all checks, by name."""
    reply = await app.call("GET", "/api/doctor")
    checks = reply.body["checks"]
    assert reply.status == 200
    assert [check["name"] for check in checks] == list(NAMES)
    assert reply.body["status"] == ("failed" if "failed" in {check["status"] for check in checks} else "ok")
    return {each["name"]: each["status"] for each in checks}, {each["name"]: each["detail"] for each in checks}


def list_failed(statuses: dict[str, str]) -> list[str]:
    return [name for name, status in statuses.items() if status == "failed"]


async def test_a_deployment_that_works_is_ok_and_nothing_of_it_changes(app: App, tenant: Tenant) -> None:
    before = await app.instances()
    statuses, details = await ask(app)

    assert set(statuses.values()) == {"ok"}
    assert all(word in details["token"] for word in (CLIENT_ID, TENANT_ID, READ, READ_WRITE))
    assert details["alerts"].startswith("7 alerts, 4 active; the oldest scan ended at ")
    assert [request.method for request in tenant.requests] == ["GET"], "one list says it all"
    assert await app.instances() == before


async def test_the_message_of_the_task_hub_check_leaves_no_entity(app: App) -> None:
    await ask(app)
    url = "/runtime/webhooks/durabletask/entities/subscriber/~doctor"
    assert (await app.call("GET", url, key=SYSTEM_KEY)).status == 404


FAULTS: dict[str, tuple[Callable[[Tenant], object], str, str]] = {
    "no licence": (lambda tenant: setattr(tenant, "unlicensed", 403), "license", "Entra ID P2"),
    "no licence, as 400": (lambda tenant: setattr(tenant, "unlicensed", 400), "license", "Entra ID P2"),
    "no permission": (
        lambda tenant: setattr(tenant, "granted", []),
        "readPermission",
        f"The command: infra/grant-graph-permission.sh {PRINCIPAL_ID}",
    ),
    "refused token": (lambda tenant: tenant.faults.append(Fault(status=401, times=2)), "graph", "GRAPH_SCOPE"),
    "no answer": (lambda tenant: tenant.faults.append(Fault(drop="before headers", times=None)), "graph", "outbound"),
    "busy": (lambda tenant: tenant.faults.append(Fault(status=503)), "graph", "HTTP 503"),
    "proxy": (lambda tenant: tenant.faults.append(Fault(status=200, body=b"<html>")), "graph", "GRAPH_BASE_URL"),
    "redirect": (
        lambda tenant: tenant.faults.append(Fault(status=302, headers={"Location": "http://127.0.0.1:1/"})),
        "graph",
        "Graph does not redirect",
    ),
}
"""What goes wrong in Graph, the check that fails, and what its detail says."""


@pytest.mark.parametrize("name", FAULTS)
async def test_each_fault_of_graph_fails_its_check_and_says_what_to_do(app: App, tenant: Tenant, name: str) -> None:
    begin, culprit, words = FAULTS[name]
    begin(tenant)
    statuses, details = await ask(app)

    assert list_failed(statuses) == [culprit]
    assert words in details[culprit]
    assert details["clock"] == f"Not checked, because {culprit} failed."
    assert {statuses[name] for name in ("settings", "token", "taskHub", "callbacks")} == {"ok"}


async def test_a_disabled_alert_and_a_clock_that_is_off_are_warnings(app: App, tenant: Tenant) -> None:
    tenant.alerts[tenant.alert_id("StaleSignInAlert")].is_enabled = False
    tenant.clock = lambda: wall_clock() - timedelta(hours=1)
    statuses, details = await ask(app)

    assert (statuses.pop("alerts"), statuses.pop("clock"), set(statuses.values())) == ("warning", "warning", {"ok"})
    assert "PIM does not scan StaleSignInAlert" in details["alerts"]
    assert "s ahead of Graph's" in details["clock"]


async def test_an_identity_that_may_only_read_does_not_fit_an_app_that_refreshes(graph: GraphServer) -> None:
    async with IdentityServer(roles=[READ]) as reader, hosted(make_settings(graph, reader, **ALLOWED)) as app:
        statuses, details = await ask(app)

    assert list_failed(statuses) == ["refreshPermission"]
    assert f"infra/grant-graph-permission.sh --refresh {PRINCIPAL_ID}" in details["refreshPermission"]


async def test_an_app_without_an_identity_checks_the_rest(graph: GraphServer) -> None:
    nobody = IdentityServer(faults=[Fault(status=400, json={}, times=None)])
    async with nobody, hosted(make_settings(graph, nobody)) as app:
        statuses, details = await ask(app)

    assert list_failed(statuses) == ["token"]
    assert "Check that the app has a managed identity" in details["token"]
    assert {statuses[name] for name in ("settings", "taskHub", "callbacks")} == {"ok"}
    assert statuses["graph"] == statuses["refreshPermission"] == "skipped"


async def test_an_app_with_wrong_settings_answers_all_the_same(graph: GraphServer, identity: IdentityServer) -> None:
    wrong = {"POLL_MIN_SECONDS": "soon", "GRAPH_BASE_URL": "graph"}
    async with hosted({**make_settings(graph, identity), **wrong}) as app:
        statuses, details = await ask(app)
        page = await open_page(app, "/api/doctor")

    assert list_failed(statuses) == ["settings"]
    assert all(name in details["settings"] for name in wrong)
    assert statuses["taskHub"] == "ok"
    assert page.status == 200
    assert "Settings Failed" in text_of(page.body)


async def test_a_report_holds_no_secret_and_names_nobody(
    graph: GraphServer, identity: IdentityServer, tenant: Tenant
) -> None:
    url = "http://127.0.0.1:1/workflow?sig=the-signature-of-the-workflow"
    settings = make_settings(graph, identity, **ALLOWED, CHANGES_CALLBACK_URL=url)
    replies = list[Reply]()
    async with hosted(settings) as app:
        ask_for: list[Callable[[], Awaitable[Reply]]] = [
            lambda: app.call("GET", "/api/doctor"),
            lambda: open_page(app, "/api/doctor"),
        ]
        for granted in ([READ], list[str]()):
            tenant.granted = granted
            replies += [await each() for each in ask_for]
        log = app.host.log

    shown = json.dumps([[reply.body, str(reply.headers)] for reply in replies], ensure_ascii=False) + log
    incidents: list[Any] = [alert.incidents for alert in tenant.alerts.values()]
    assert people(incidents)
    secrets = ["/workflow", *list_secrets(identity), *people(incidents)]
    assert [secret for secret in secrets if secret in shown] == []
    assert "leads to 127.0.0.1" in shown


async def test_the_doctor_needs_the_key_and_its_page_passes_it_on(app: App) -> None:
    assert (await app.call("GET", "/api/doctor", key=None)).status == 401
    page = await open_page(app, f"/api/doctor?code={FUNCTION_KEY}", key=None)
    assert f'/api/runs?code={FUNCTION_KEY}"' in page.body
    assert "Task hub Ok" in text_of(page.body)
    assert FUNCTION_KEY not in text_of(page.body)
