"""The pages as people meet them: on a desk or a phone, by day or night, by keyboard, and while a run goes on."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from emulator.graph import Tenant
from tests.browser.conftest import coded, keep_screenshot
from tests.end_to_end.conftest import App, scan

PAGES = ("succeeded", "all", "failed", "cancelled", "polling", "list", "unknown", "invalid")
SIZES = {"desktop": (1280, 900), "phone": (360, 780)}
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
    assert {each.partition("?")[0].partition("/api/runs")[1] for each in asked} == {"/api/runs"}
    assert not [each for each in complaints if "the server responded with a status of 40" not in each]
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
async def test_axe_finds_nothing_and_only_tables_scroll_sideways(
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
        assert [text for tag, text, _ in stops if tag == "A"] == ["PIM alert refresh", "The result as JSON", "All runs"]
        assert [tag for tag, *_ in stops].count("DIV") == 1, "the table of incidents"
        assert {outline for *_, outline in stops} == {"solid"}

        region = page.get_by_role("region", name="Incidents of")
        await region.focus()
        await page.keyboard.press("ArrowRight")
        # wait_for_function would eval in the page, which its policy refuses.
        while not await page.evaluate("document.activeElement.scrollLeft"):
            pass

        await page.get_by_role("link", name="All runs").focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="Runs").wait_for()
        failed = page.get_by_role("link", name="No such")
        await failed.focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="What Microsoft Graph answered").wait_for()


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
