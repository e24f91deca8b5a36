"""Runs as pages, over HTTP: who gets one, what is sent with it, and what the durable history has to tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.graph import Tenant
from tests.end_to_end.conftest import FUNCTION_KEY, SYSTEM_KEY, App, scan
from tests.pages.shown import text_of
from tests.support.receiver import receiver

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
EXPAND = ["alertDefinition", "alertIncidents"]


@dataclass(frozen=True)
class Page:
    status: int
    headers: Mapping[str, str]
    html: str

    @property
    def text(self) -> str:
        return text_of(self.html)


async def page(app: App, path: str, accept: str = BROWSER, key: str | None = FUNCTION_KEY) -> Page:
    url = path if path.startswith("http") else app.host.base_url + path
    headers = {"Accept": accept, **({"x-functions-key": key} if key else {})}
    async with app.session.get(url, headers=headers) as answer:
        return Page(answer.status, answer.headers, await answer.text())


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (BROWSER, "text/html"),
        ("text/html", "text/html"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/json, text/html", "application/json"),
        ("text/html;q=0.5, application/json;q=0.6", "application/json"),
    ],
)
@pytest.mark.parametrize("path", ["", "/{id}"])
async def test_a_browser_gets_a_page_and_everybody_else_json(
    app: App, tenant: Tenant, path: str, accept: str, media_type: str
) -> None:
    started = await app.start(operationId=scan(tenant))
    reply = await page(app, f"/api/runs{path.format(id=started.body['id'])}", accept)

    assert reply.status == 200
    assert reply.headers["Content-Type"].partition(";")[0] == media_type
    assert reply.headers["Vary"] == "Accept"
    assert ("Content-Security-Policy" in reply.headers) == (media_type == "text/html")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/runs/none", 404, "There is no such run No run has the id none."),
        ("/api/runs?pageSize=0", 400, "The request is not valid"),
    ],
)
async def test_what_cannot_be_answered_is_a_page_for_people_and_a_problem_for_programs(
    app: App, path: str, status: int, said: str
) -> None:
    shown, told = await page(app, path), await page(app, path, "*/*")

    assert (shown.status, told.status) == (status, status)
    assert said in shown.text
    assert told.headers["Content-Type"] == "application/problem+json"
    assert shown.headers["Vary"] == told.headers["Vary"] == "Accept"


async def test_a_page_loads_itself_again_until_the_run_is_over(app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant, seconds=3600), expand=EXPAND)
    run = started.body["links"]["self"]
    while "The operation is 'running'" not in (waiting := await page(app, run)).text:
        pass
    still = await page(app, f"{run}?refresh=off")
    scan(tenant, seconds=0)
    await app.result(started)
    over = await page(app, run)

    assert int(waiting.headers["Refresh"]) >= 2
    assert "Refresh" not in still.headers
    assert "Refresh" not in over.headers
    assert "<title>Succeeded: Potential stale accounts" in over.html
    assert "Adele Vance" in over.text
    assert "Fetch: the operation succeeded. " in over.text
    assert "Graph sent the alert. Done: all is fetched." in over.text


async def test_a_page_holds_the_key_only_where_the_caller_used_it_and_never_a_secret_of_others(
    calling_app: App, tenant: Tenant
) -> None:
    async with receiver() as caller:
        question: dict[str, Any] = {
            "operationId": scan(tenant),
            "callbackUrl": f"{caller.base_url}/hook?sig=top-secret",
            "timeoutSeconds": 73,
        }
        started = await calling_app.start(**question)
        await calling_app.result(started)
        await caller.posts("/hook")
    run = started.body["links"]["self"]

    shown, coded = await page(calling_app, run), await page(calling_app, f"{run}?code={FUNCTION_KEY}", key=None)
    listed = await page(calling_app, f"/api/runs?code={FUNCTION_KEY}", key=None)

    assert "To 127.0.0.1 " in shown.text
    assert "top-secret" not in shown.html
    assert FUNCTION_KEY not in shown.html
    assert f"/result?code={FUNCTION_KEY}" in coded.html
    assert f"{started.body['id']}?code={FUNCTION_KEY}" in listed.html
    assert FUNCTION_KEY not in coded.text + listed.text
    for each in (shown, coded, listed):
        assert SYSTEM_KEY not in each.html
        assert each.headers["Referrer-Policy"] == "no-referrer"


async def test_a_list_of_runs_can_be_narrowed_and_paged(app: App, tenant: Tenant) -> None:
    for seconds in (81, 82):
        await app.result(await app.start(operationId=scan(tenant), timeoutSeconds=seconds))

    listed = await page(app, "/api/runs?state=succeeded&pageSize=1")

    assert 'aria-current="page">Succeeded</a>' in listed.html
    assert "1 on this page" in listed.text
    assert "More runs" in listed.text
    assert "Stale sign in Succeeded" in listed.text
