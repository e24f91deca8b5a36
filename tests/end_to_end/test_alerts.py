"""The front page over HTTP: alerts as Graph has them, one request for all who ask, and refusals that say what to do."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from emulator.faults import Fault
from emulator.graph import GraphServer, Tenant
from emulator.graph.errors import odata_error
from emulator.identity import IdentityServer
from emulator.tokens import READ
from tests.end_to_end.conftest import FUNCTION_KEY, App, Reply, hosted, make_settings, scan
from tests.end_to_end.test_pages import open_page
from tests.pages.shown import text_of

NAME = "StaleSignInAlert"
LIST = "^GET [^?]*/alerts[?]"


@asynccontextmanager
async def asking(
    tenant: Tenant, *, roles: Sequence[str] = (READ,), token_faults: Sequence[Fault] = ()
) -> AsyncGenerator[tuple[App, GraphServer]]:
    """Host an app of its own, since each process keeps what Graph answered."""
    async with (
        GraphServer(tenant) as graph,
        IdentityServer(roles=roles, faults=token_faults) as identity,
        hosted(make_settings(graph, identity)) as app,
    ):
        yield app, graph


async def find(app: App, name: str = NAME) -> dict[str, Any]:
    """Return the alert in the list."""
    listed = (await app.call("GET", "/api/alerts")).body
    return next(dict(alert) for alert in listed["value"] if alert["shortName"] == name)


async def test_the_read_permission_shows_every_alert_and_one_with_its_incidents() -> None:
    tenant = Tenant()
    tenant.alerts[tenant.alert_id("RedundantAssignmentAlert")].is_enabled = False
    async with asking(tenant) as (app, _):
        listed = await app.call("GET", "/api/alerts")
        one = await app.call("GET", f"/api/alerts/{NAME.lower()}")
        started = await app.start(operationId=scan(tenant, seconds=0))
        await app.result(started)
        last = (await find(app))["lastRun"]

    assert (listed.status, one.status) == (200, 200)
    assert [alert["id"] for alert in listed.body["value"]] == list(tenant.alerts)
    assert {alert["lastRun"] for alert in listed.body["value"]} == {None}
    assert [alert["shortName"] for alert in listed.body["value"] if alert["disabled"]] == ["RedundantAssignmentAlert"]
    assert one.body["alert"]["id"] == one.body["id"] == tenant.alert_id(NAME)
    assert len(one.body["alert"]["alertIncidents"]) == one.body["incidentCount"] == 3
    assert (last["id"], last["state"], last["link"]) == (
        started.body["id"],
        "succeeded",
        started.body["links"]["self"],
    )


async def test_many_who_ask_at_once_and_soon_after_make_one_request_to_graph() -> None:
    async with asking(Tenant()) as (app, graph):
        paths = ["/api/alerts", f"/api/alerts/{NAME}"] * 20
        replies = await asyncio.gather(*(app.call("GET", path) for path in paths))
        await open_page(app, "/api/alerts")

    assert {reply.status for reply in replies} == {200}
    assert len([each for each in graph.requests if "/alerts" in each.target]) == 2, "the list and the alert"


@pytest.mark.parametrize(
    ("refusal", "problem", "words", "wait"),
    [
        ({"roles": []}, "permission-missing", "RoleManagementAlert.Read.Directory", None),
        ({"unlicensed": 400}, "license-missing", "Entra ID P2", None),
        ({"fault": Fault(LIST, status=429, headers={"Retry-After": "17.5"})}, "throttled", "HTTP 429", "18"),
        ({"fault": Fault(LIST, status=503, json=odata_error("Down", "Down."))}, "graph-unavailable", "Down", None),
        (
            {"fault": Fault(LIST, status=200, body=b"{}", drop="mid body")},
            "graph-unavailable",
            "The connection broke",
            None,
        ),
        ({"fault": Fault(LIST, status=200, body=b"<html>")}, "answer-unreadable", "not JSON", None),
        ({"token": Fault(".*", status=400, times=None)}, "identity-unavailable", "managed identity", None),
    ],
    ids=lambda each: each if isinstance(each, str) else None,
)
async def test_a_refusal_is_a_problem_and_a_page_and_the_next_request_asks_again(
    refusal: dict[str, Any], problem: str, words: str, wait: str | None
) -> None:
    # One for the JSON and one for the page.
    faults = [replace(refusal["fault"], times=2)] if "fault" in refusal else []
    tenant = Tenant(unlicensed=refusal.get("unlicensed"), faults=faults)
    token_faults = [refusal["token"]] if "token" in refusal else []
    async with asking(tenant, roles=refusal.get("roles", [READ]), token_faults=token_faults) as (app, _):
        reply = await app.call("GET", "/api/alerts")
        page = await open_page(app, "/api/alerts")
        after = await app.call("GET", "/api/alerts")

    assert (reply.status, reply.problem) == (page.status, problem) == (424, problem)
    assert words in reply.body["detail"]
    assert words in text_of(page.body)
    assert reply.headers.get("Retry-After") == page.headers.get("Retry-After") == wait
    assert after.status == (200 if faults else 424)


async def test_what_there_is_not_is_not_found_with_a_hint(app: App) -> None:
    for name, hint in (("StaleSignIn", "did you mean StaleSignInAlert?"), ("DirectoryRole_1_XAlert", "tenant id")):
        reply = await app.call("GET", f"/api/alerts/{name}")
        page = await open_page(app, f"/api/alerts/{name}")
        assert (reply.status, reply.problem, page.status) == (404, "no-such-alert", 404)
        assert hint in reply.body["detail"]
        assert hint in text_of(page.body)


async def test_an_unknown_parameter_is_refused(app: App) -> None:
    reply = await app.call("GET", "/api/alerts?fresh=true")
    assert (reply.status, [error["field"] for error in reply.body["errors"]]) == (400, ["fresh"])


@pytest.mark.parametrize("path", ["/api", "/api/"])
async def test_the_root_leads_to_the_front_page_with_the_key(app: App, path: str) -> None:
    reply = await app.call("GET", f"{path}?code={FUNCTION_KEY}", key=None, allow_redirects=False)
    location = f"{app.host.base_url}/api/alerts?code={FUNCTION_KEY}"
    assert (reply.status, reply.headers["Location"]) == (302, location)
    page = await open_page(app, location, key=None)
    assert f"/api/alerts/{NAME}?code={FUNCTION_KEY}" in page.body
    assert f'action="{app.host.base_url}/api/runs?code={FUNCTION_KEY}"' in page.body
    assert FUNCTION_KEY not in text_of(page.body)
    assert (await app.call("GET", path, key=None, allow_redirects=False)).status == 401


async def test_a_page_has_no_key_that_the_caller_did_not_put_into_its_url(app: App) -> None:
    for page in (await open_page(app, "/api/alerts"), await open_page(app, f"/api/alerts/{NAME}")):
        assert page.status == 200
        assert page.headers["Cache-Control"] == "no-store"
        assert FUNCTION_KEY not in page.body


async def test_a_button_of_the_page_refreshes_the_alert(app: App, tenant: Tenant) -> None:
    form = {"alertId": NAME, "expand": "alertDefinition,alertIncidents"}
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    sent = await app.call("POST", "/api/runs", data=form, headers=headers, allow_redirects=False)
    assert sent.status == 303
    run: Reply = await app.call("GET", sent.headers["Location"])
    assert (await find(app))["lastRun"]["id"] == run.body["id"]
    while (await app.call("GET", run.body["links"]["self"])).body["state"] != "succeeded":
        pass
    assert "Adele Vance" in text_of((await open_page(app, sent.headers["Location"])).body)
    assert tenant.alerts
