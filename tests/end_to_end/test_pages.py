"""Runs as pages, over HTTP: who gets one, what is sent with it, and what a person reads there."""

from emulator.graph import Tenant
from tests.end_to_end.conftest import FUNCTION_KEY, SYSTEM_KEY, App, Reply, scan
from tests.pages.shown import text_of
from tests.support.receiver import Receiver

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def open_page(app: App, path: str, accept: str = BROWSER, key: str | None = FUNCTION_KEY) -> Reply:
    return await app.call("GET", path, key=key, headers={"Accept": accept})


async def test_a_browser_gets_a_page_and_everybody_else_json(app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant, seconds=0))
    await app.result(started)
    for path in ("/api/runs", f"/api/runs/{started.body['id']}"):
        page, document = await open_page(app, path), await open_page(app, path, "application/json, text/html")

        assert (page.status, document.status) == (200, 200)
        assert page.headers["Content-Type"].partition(";")[0] == "text/html"
        assert document.headers["Content-Type"] == "application/json"
        assert page.headers["Vary"] == document.headers["Vary"] == "Accept"
        assert "Content-Security-Policy" in page.headers


async def test_a_page_loads_itself_again_until_the_run_is_over(app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant, seconds=3600), expand=["alertDefinition", "alertIncidents"])
    run = started.body["links"]["self"]
    await app.poll(started)
    waiting, still = await open_page(app, run), await open_page(app, f"{run}?refresh=off")
    scan(tenant, seconds=0)
    await app.result(started)
    over = await open_page(app, run)

    assert int(waiting.headers["Refresh"]) >= 2
    assert "Waiting for the scan" in text_of(waiting.body)
    assert "Status running" in text_of(waiting.body)
    assert "curl -X DELETE" in waiting.body
    assert "Refresh" not in still.headers
    assert "Refresh" not in over.headers
    assert "<title>Succeeded: Potential stale accounts" in over.body
    assert "Adele Vance" in text_of(over.body)
    assert "Fresh Yes" in text_of(over.body)


async def test_a_page_holds_the_key_only_where_the_caller_used_it_and_never_a_secret_of_others(
    app: App, tenant: Tenant, caller: Receiver
) -> None:
    url = f"{caller.base_url}/hook?sig=top-secret"
    started = await app.start(operationId=scan(tenant, seconds=0), callbackUrl=url)
    await app.deliver(started)
    run = started.body["links"]["self"]

    plain, coded = await open_page(app, run), await open_page(app, f"{run}?code={FUNCTION_KEY}", key=None)
    listed = await open_page(app, f"/api/runs?code={FUNCTION_KEY}", key=None)

    assert "To 127.0.0.1 State Delivered" in text_of(plain.body)
    assert "top-secret" not in plain.body
    assert FUNCTION_KEY not in plain.body
    assert f"/result?code={FUNCTION_KEY}" in coded.body
    assert f"{started.body['id']}?code={FUNCTION_KEY}" in listed.body
    assert FUNCTION_KEY not in text_of(coded.body) + text_of(listed.body)
    for page in (plain, coded, listed):
        assert SYSTEM_KEY not in page.body
        assert page.headers["Referrer-Policy"] == "strict-origin"
