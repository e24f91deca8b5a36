"""The pages as people meet them: on a desk or a phone, by day or night, by keyboard, and while a run goes on."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from emulator.graph import Tenant
from tests.browser.conftest import coded, keep_screenshot
from tests.end_to_end.conftest import App, scan

PAGES = (
    *("alerts", "alert", "no-alert"),
    *(
        "succeeded",
        "changed",
        "all",
        "failed",
        "cancelled",
        "polling",
        "list",
        "filtered",
        "doctor",
        "unknown",
        "invalid",
    ),
)
SIZES = {"desktop": (1280, 900), "phone": (360, 780)}
COLUMNS = ["Role", "Person", "User principal name", "Assignment created", "Last sign in"]
FOCUSED = """() => {
    const focused = document.activeElement
    return [focused.tagName, focused.textContent.trim().slice(0, 40), getComputedStyle(focused).outlineStyle]
}"""


@asynccontextmanager
async def opened(
    browser: Browser, url: str, size: str = "desktop", scheme: Literal["light", "dark"] = "light"
) -> AsyncGenerator[Page]:
    """Open `url`, and assert that the page asked for nothing else, and broke no policy of its own."""
    width, height = SIZES[size]
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = await context.new_page()
    asked, complaints = list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(url)
    yield page
    assert {each.partition("?")[0].partition("/api")[1] for each in asked} == {"/api"}
    assert not [each for each in complaints if not re.search("the server responded with a status of 4[01][0-9]", each)]
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, pages: dict[str, str], name: str, size: str, scheme: Literal["light", "dark"]
) -> None:
    async with opened(browser, pages[name], size, scheme) as page:
        await keep_screenshot(page, f"{name}-{size}-{scheme}")
        found: dict[str, Any] = (await Axe().run(page)).response
        width = await page.evaluate("document.documentElement.scrollWidth")

    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    assert len(found["passes"]) > 10
    assert width == SIZES[size][0]


async def test_the_ground_is_light_by_day_and_dark_by_night(browser: Browser, pages: dict[str, str]) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        async with opened(browser, pages["list"], "desktop", scheme) as page:
            color = await page.evaluate("getComputedStyle(document.body).backgroundColor")
            grounds.append(sum(int(part) for part in color[4:-1].split(",")))
    assert grounds[0] > 600
    assert grounds[1] < 150


async def test_a_keyboard_goes_everywhere_and_shows_where_it_is(browser: Browser, pages: dict[str, str]) -> None:
    async with opened(browser, pages["succeeded"], "phone") as page:
        stops = await walk(page)
        assert [text for _, text, _ in stops] == [
            "PIM alert refresh",
            "Alerts",
            "Runs",
            "Doctor",
            "Open the alert in Entra",
            "What it means, and what to do",
            "Refresh this alert",
            "Start again",
            "How the run went",
            "All runs",
        ]
        assert {outline for *_, outline in stops} == {"solid"}

        result = page.get_by_role("link", name="The result as JSON")
        assert not await result.is_visible()
        await page.get_by_text("How the run went").focus()
        await page.keyboard.press("Enter")
        await result.wait_for()

        await page.get_by_role("link", name="All runs").focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="Runs").wait_for()
        failed = page.get_by_role("link", name="No such")
        await failed.focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="What Microsoft Graph answered").wait_for()


async def test_a_row_is_a_block_on_a_phone_and_still_a_row_to_a_screen_reader(
    browser: Browser, pages: dict[str, str]
) -> None:
    for size, display in (("desktop", "table-row"), ("phone", "block")):
        async with opened(browser, pages["succeeded"], size) as page:
            row = page.get_by_role("row", name="Person 7 ")
            assert await row.evaluate("row => getComputedStyle(row).display") == display
            assert await page.get_by_role("columnheader").all_inner_texts() == COLUMNS
            assert len(await row.get_by_role("cell").all()) == len(COLUMNS)


async def walk(page: Page) -> list[tuple[str, str, str]]:
    """Press Tab until it leaves the page; return the element, its text and its outline at every stop."""
    stops = list[tuple[str, str, str]]()
    while True:
        await page.keyboard.press("Tab")
        tag, text, outline = await page.evaluate(FOCUSED)
        if tag == "BODY" or (stops and (tag, text, outline) == stops[0]):
            return stops
        stops.append((tag, text, outline))


async def test_a_page_follows_its_run_to_the_end_untouched(browser: Browser, app: App, tenant: Tenant) -> None:
    name = "RolesAssignedOutsidePimAlert"
    started = await app.start(operationId=scan(tenant, name, seconds=3600), expand=["alertIncidents"])
    async with opened(browser, coded(started.body["links"]["self"])) as page:
        await page.get_by_text("Waiting for the scan").wait_for()
        scan(tenant, name, seconds=0)
        await page.get_by_role("heading", name="Incidents").wait_for()
        assert await page.title() == "Succeeded: Roles assigned outside PIM · PIM alert refresh"
        assert await page.get_by_text("Stop reloading").count() == 0


async def test_a_reader_can_stop_the_reloading(browser: Browser, pages: dict[str, str]) -> None:
    async with opened(browser, pages["polling"]) as page:
        await page.get_by_role("link", name="Stop reloading").click()
        await page.get_by_text("This page does not reload.").wait_for()
        await page.get_by_role("link", name="Follow the run").click()
        await page.get_by_role("link", name="Stop reloading").wait_for()
