"""Debian's Chromium, and an app with a run for every kind of page."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, Page, async_playwright

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import FUNCTION_KEY, QUICK, SCAN_SECONDS, App, Reply, hosted, scan

CHROMIUM = "/usr/bin/chromium"
LOOPBACK = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
ALONE = ("--no-sandbox", "--disable-background-networking", f"--host-resolver-rules={LOOPBACK}")
"""As root there is no sandbox; and nothing but loopback has an address."""

SCREENSHOTS = Path(__file__).parent / "screenshots"
WIDEST = "SequentialActivationRenewalsAlert"
"""The alert whose incidents have the most properties."""
EXPAND = ["alertDefinition", "alertIncidents"]
SHOTS = 5
"""Tries: now and then a headless Chromium has no frame to give at that moment."""


async def keep_screenshot(page: Page, name: str) -> None:
    """Keep what the page looks like, for people. Raises playwright's Error when no try gives a picture."""
    for left in reversed(range(SHOTS)):
        try:
            await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
        except Error:
            if not left:
                raise
        else:
            return


@pytest.fixture(scope="session")
async def browser() -> AsyncGenerator[Browser]:
    SCREENSHOTS.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ALONE])
        yield launched
        await launched.close()


@pytest.fixture(scope="session")
def tenant() -> Tenant:
    made = Tenant(scan_seconds=SCAN_SECONDS, incident_counts={"StaleSignInAlert": 40, WIDEST: 3})
    made.alerts[made.alert_id("NoMfaOnRoleActivationAlert")].is_enabled = False
    return made


@pytest.fixture(scope="session")
async def app(tenant: Tenant) -> AsyncGenerator[App]:
    async with GraphServer(tenant) as graph, IdentityServer() as identity:
        environment = {"GRAPH_BASE_URL": graph.base_url, "REFRESH_ENABLED": "true", **identity.environment, **QUICK}
        async with hosted(environment) as running:
            yield running


@pytest.fixture(scope="session")
async def pages(app: App, tenant: Tenant) -> dict[str, str]:
    """Return the URL of each page, by a name for it; with the key, since a browser sends no header."""
    alert, name = tenant.alert_id("StaleSignInAlert"), "RedundantAssignmentAlert"
    started = {
        "succeeded": await app.start(alertId=alert, expand=EXPAND),
        "all": await app.start(allAlerts=True, expand=EXPAND),
        "failed": await app.start(operationId="refresh:DirectoryRole_t_NoSuchAlert"),
        "cancelled": await app.start(operationId=scan(tenant, name, seconds=3600)),
    }
    await app.call("DELETE", started["cancelled"].body["links"]["cancel"])
    for each in started.values():
        await app.result(each)
    started["changed"] = await make_change(app, tenant)
    started["polling"] = await app.start(operationId=scan(tenant, name, seconds=3600), timeoutSeconds=3000)
    api = f"{app.host.base_url}/api"
    runs = f"{api}/runs"
    return {
        **{page: coded(each.body["links"]["self"]) for page, each in started.items()},
        "alerts": coded(f"{api}/alerts"),
        "alert": coded(f"{api}/alerts/StaleSignInAlert"),
        "no-alert": coded(f"{api}/alerts/StaleSignIn"),
        "list": coded(runs),
        "filtered": f"{coded(runs)}&state=failed,timedOut&alertId=StaleSignInAlert",
        "doctor": coded(f"{app.host.base_url}/api/doctor"),
        "unknown": coded(f"{runs}/unknown"),
        "invalid": f"{coded(runs)}&pageSize=0&state=lost",
    }


async def make_change(app: App, tenant: Tenant) -> Reply:
    """Return a run that found changes for its subscriber."""
    name = "RolesAssignedOutsidePimAlert"
    alert = tenant.alerts[tenant.alert_id(name)]
    await app.run(alertId=alert.id, changesFor="security-team")
    gone = alert.incidents.pop()
    alert.incidents.append({**gone, "id": "new", "assigneeDisplayName": "Alex Wilber"})
    started = await app.start(alertId=alert.id, changesFor="security-team", expand=EXPAND)
    await app.result(started)
    return started


def coded(url: str) -> str:
    return f"{url}?code={FUNCTION_KEY}"
