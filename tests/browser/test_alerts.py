"""The front page in a browser: from an alert to its refresh and back, by keyboard, and with no word left to colour."""

from typing import Literal

from playwright.async_api import Browser, Locator, Page

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.browser.conftest import coded
from tests.browser.test_pages import opened, walk
from tests.end_to_end.conftest import SCAN_SECONDS, hosted, make_settings

SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
WORDS = ["Active, high severity", "Active", "Not active", "Disabled"]
LOOK = "each => [each.textContent, getComputedStyle(each).color, getComputedStyle(each).backgroundColor]"
STALE, REDUNDANT = "Potential stale accounts", "Eligible administrators"


def find_row(page: Page, name: str) -> Locator:
    return page.get_by_role("row", name=name)


async def test_the_root_leads_by_an_alert_to_its_refresh_and_back(browser: Browser) -> None:
    tenant = Tenant(scan_seconds=SCAN_SECONDS)
    async with (
        GraphServer(tenant) as graph,
        IdentityServer() as identity,
        hosted(make_settings(graph, identity, REFRESH_ENABLED="true")) as app,
        opened(browser, coded(f"{app.host.base_url}/api/")) as page,
    ):
        assert await page.title() == "Alerts · PIM alert refresh"
        await find_row(page, STALE).get_by_role("button", name="Refresh now").click()
        await page.get_by_role("heading", name="Stale sign in").wait_for()
        await page.get_by_role("heading", name="Incidents").wait_for()
        await page.get_by_role("navigation").get_by_role("link", name="Alerts").click()
        assert "Succeeded" in await find_row(page, STALE).inner_text()
        assert "—" in await find_row(page, REDUNDANT).inner_text()

        await page.get_by_role("button", name="Refresh all").click()
        await page.get_by_role("heading", name="All alerts").wait_for()
        await page.get_by_text("Succeeded", exact=True).wait_for()
        await page.get_by_role("link", name="PIM alert refresh").click()
        await find_row(page, REDUNDANT).get_by_role("link", name="Succeeded").click()
        await page.get_by_role("heading", name="All alerts").wait_for()


async def test_a_keyboard_goes_through_the_rows_in_their_order(browser: Browser, pages: dict[str, str]) -> None:
    async with opened(browser, pages["alerts"], "phone") as page:
        stops = await walk(page)
        texts = [text for _, text, _ in stops]
        assert texts[:5] == ["PIM alert refresh", "Alerts", "Runs", "Doctor", "Refresh all"]
        assert texts.count("Refresh now") == 6, "seven alerts, and PIM does not scan one"
        assert texts.count("Open in Entra") == 7
        assert {outline for *_, outline in stops} == {"solid"}

        await page.get_by_role("link", name=STALE, exact=False).first.focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="Incidents").wait_for()
        assert await page.get_by_role("row").count() == 41


async def test_each_colour_is_another_and_its_word_is_there(browser: Browser, pages: dict[str, str]) -> None:
    for scheme in SCHEMES:
        async with opened(browser, pages["alerts"], "desktop", scheme) as page:
            statuses = await page.locator("tbody .state").all()
            found = [await each.evaluate(LOOK) for each in statuses]
        words = [text for text, *_ in found]
        assert words == sorted(words, key=WORDS.index)
        assert set(words) == set(WORDS)
        assert len({(color, ground) for _, color, ground in found}) == len(WORDS)
