"""The buttons of the pages, and the forms of other sites, in a real browser."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from html import escape

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.browser.conftest import coded
from tests.browser.test_pages import opened
from tests.end_to_end.conftest import FUNCTION_KEY, App, hosted, make_settings, scan

NAME = "TooManyGlobalAdminsAssignedToTenantAlert"


async def list_ids(app: App) -> set[str]:
    return {each["instanceId"] for each in await app.instances()}


async def press(page: Page, button: str) -> None:
    await page.get_by_role("button", name=button).click()


async def test_refresh_all_starts_a_run_and_shows_it(browser: Browser, app: App) -> None:
    async with opened(browser, coded(f"{app.host.base_url}/api/runs")) as page:
        await press(page, "Refresh all")
        await page.get_by_role("heading", name="All alerts").wait_for()
        assert page.url.endswith(f"?code={FUNCTION_KEY}")
        await page.get_by_role("heading", name="The alerts").wait_for()
        assert await page.get_by_role("button").all_inner_texts() == ["Start again"]


async def test_an_alert_is_refreshed_again_by_keyboard_on_a_phone(browser: Browser, app: App, tenant: Tenant) -> None:
    first = await app.start(operationId=scan(tenant, NAME, seconds=0))
    await app.result(first)
    async with opened(browser, coded(first.body["links"]["self"]), "phone") as page:
        await page.get_by_role("button", name="Refresh this alert").focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="Incidents").wait_for()
        assert first.body["id"] not in page.url
        await page.get_by_text("How the run went").click()
        assert await page.get_by_text(tenant.alert_id(NAME), exact=True).is_visible()
        assert await page.get_by_text("Refresh, at most 60 min").first.is_visible()


async def test_a_run_is_cancelled_and_started_again(browser: Browser, app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant, NAME, seconds=3600), timeoutSeconds=3000)
    async with opened(browser, coded(started.body["links"]["self"])) as page:
        await press(page, "Cancel the run")
        await page.get_by_role("heading", name="The run was cancelled").wait_for()
        scan(tenant, NAME, seconds=0)
        await press(page, "Start again")
        await page.get_by_text("Succeeded", exact=True).wait_for()
        await page.get_by_text("How the run went").click()
        assert await page.get_by_text("Watch, at most 50 min").first.is_visible()


async def test_a_double_click_and_the_way_back_start_no_second_run(browser: Browser, app: App) -> None:
    before = await list_ids(app)
    async with opened(browser, coded(f"{app.host.base_url}/api/runs")) as page:
        await page.get_by_role("button", name="Refresh all").dblclick()
        await page.get_by_role("heading", name="All alerts").wait_for()
        await page.go_back()
        await page.get_by_role("heading", name="Runs", exact=True).wait_for()
        await page.go_forward()
        await page.get_by_role("heading", name="All alerts").wait_for()
    assert len(await list_ids(app) - before) == 1


async def test_a_run_that_is_over_is_not_cancelled_and_the_page_says_so(
    browser: Browser, app: App, tenant: Tenant
) -> None:
    started = await app.start(operationId=scan(tenant, NAME, seconds=3600))
    async with opened(browser, f"{coded(started.body['links']['self'])}&refresh=off") as page:
        await app.cancel(started)
        await app.result(started)
        await press(page, "Cancel the run")
        await page.get_by_role("heading", name="The run is already over").wait_for()


async def test_without_refreshing_there_is_no_button_for_it(browser: Browser, tenant: Tenant) -> None:
    async with (
        GraphServer(tenant) as graph,
        IdentityServer() as identity,
        hosted(make_settings(graph, identity)) as app,
        opened(browser, coded(f"{app.host.base_url}/api/runs")) as page,
    ):
        await page.get_by_text("This app does not refresh alerts").wait_for()
        assert await page.get_by_role("button").count() == 0


@asynccontextmanager
async def another_site(html: str) -> AsyncGenerator[int]:
    """Serve `html` on a port of loopback, and yield the port."""

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(text=html, content_type="text/html")

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


ATTACKS = {
    "a form": '<form method="post" action="{url}"><input name="operationId" value="x"><button>Go</button></form>',
    "fields in the query": '<form method="post" action="{url}&operationId=x"><button>Go</button></form>',
    "text that is JSON": (
        '<form method="post" action="{url}" enctype="text/plain">'
        """<input name='{{"operationId": "x", "select": "id' value='"}}'><button>Go</button></form>"""
    ),
    "a form with a file": (
        '<form method="post" action="{url}&operationId=x" enctype="multipart/form-data"><button>Go</button></form>'
    ),
    "a script": (
        """<button onclick='fetch("{url}&operationId=x", {{method: "POST", mode: "no-cors"}})"""
        """.then(() => document.body.append("403"))'>Go</button>"""
    ),
}
"""What a page of another site can send without asking the app first."""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_another_site_starts_nothing(browser: Browser, app: App, attack: str, host: str) -> None:
    before = await list_ids(app)
    url = coded(f"{app.host.base_url}/api/runs")
    page = await browser.new_page()
    async with another_site(attack.format(url=escape(url))) as port:
        await page.goto(f"http://{host}:{port}/")
        async with page.expect_response(lambda answer: answer.url.startswith(app.host.base_url)) as answered:
            await page.get_by_text("Go").click()
        assert (await answered.value).status == 403
    await page.close()
    assert await list_ids(app) == before


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_another_site_cancels_nothing(browser: Browser, app: App, tenant: Tenant, host: str) -> None:
    started = await app.start(operationId=scan(tenant, NAME, seconds=3600))
    cancel = coded(f"{started.body['links']['self']}/cancel")
    page = await browser.new_page()
    async with another_site(f'<form method="post" action="{cancel}"><button>Go</button></form>') as port:
        await page.goto(f"http://{host}:{port}/")
        await page.get_by_text("Go").click()
        await page.get_by_role("heading", name="The request comes from another site").wait_for()
    await page.close()
    assert (await app.document(started))["state"] not in {"cancelled", "failed"}
    await app.cancel(started)
