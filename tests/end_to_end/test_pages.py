"""Runs as pages, over HTTP: who gets one, what is sent with it, and what a person reads there."""

import re
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urlencode
from uuid import uuid4

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
    assert "Cancel the run" in waiting.body
    assert "Refresh" not in still.headers
    assert "Refresh" not in over.headers
    assert "<title>Succeeded: Potential stale accounts" in over.body
    assert "Adele Vance" in text_of(over.body)
    assert "Fresh Yes" in text_of(over.body)


async def send_form(app: App, path: str, fields: dict[str, str], **headers: str) -> Reply:
    """Send a form as a browser does, and do not follow where the answer leads."""
    key = None if "code=" in path else FUNCTION_KEY
    sent = {"Accept": BROWSER, "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    return await app.call("POST", path, key=key, data=urlencode(fields), headers=sent | headers, allow_redirects=False)


async def test_a_form_starts_one_run_however_often_it_is_sent(app: App, tenant: Tenant) -> None:
    form = {"alertId": "StaleSignInAlert", "expand": "alertDefinition,alertIncidents", "idempotencyKey": str(uuid4())}
    answers = [await send_form(app, f"/api/runs?code={FUNCTION_KEY}", form) for _ in range(2)]
    [location] = {answer.headers["Location"] for answer in answers}
    await app.result(Reply(202, {}, {"links": {"result": location.replace("?", "/result?")}}))
    page = await open_page(app, location, key=None)

    assert [answer.status for answer in answers] == [303, 303]
    assert location.endswith(f"?code={FUNCTION_KEY}")
    assert "Adele Vance" in text_of(page.body)
    assert len([each for each in tenant.requests if each.method == "POST"]) == 1

    other = await send_form(app, "/api/runs", {**form, "expand": "alertDefinition"})
    assert (other.status, other.headers["Content-Type"].partition(";")[0]) == (422, "text/html")
    assert "The Idempotency-Key belongs to another request" in other.body


async def test_a_form_cancels_a_run_and_says_when_there_is_none(app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant, seconds=3600))
    run = started.body["links"]["self"]
    cancelled = await send_form(app, f"{run}/cancel", {})
    await app.result(started)
    again = await send_form(app, f"{run}/cancel", {})
    unknown = await send_form(app, "/api/runs/unknown/cancel", {})

    assert (cancelled.status, cancelled.headers["Location"]) == (303, run)
    assert (await app.document(started))["state"] == "cancelled"
    assert (again.status, unknown.status) == (410, 404)
    assert "There is nothing to cancel" in again.body
    assert "There is no such run" in unknown.body


async def test_a_script_cancels_by_post_and_another_site_does_not(app: App, tenant: Tenant) -> None:
    started = await app.start(operationId=scan(tenant, seconds=3600))
    cancel = f"{started.body['links']['self']}/cancel"
    for method, url in (("POST", cancel), ("DELETE", started.body["links"]["cancel"])):
        foreign = await app.call(method, url, headers={"Sec-Fetch-Site": "cross-site"})
        assert (foreign.status, foreign.problem) == (403, "cross-site-request")
    page = await send_form(app, cancel, {}, **{"Sec-Fetch-Site": "cross-site"})
    assert page.status == 403
    assert "The request comes from another site" in page.body
    assert (await app.document(started))["state"] != "cancelled"

    assert (await app.call("POST", cancel)).status == 202
    assert (await app.result(started)).problem == "run-cancelled"


async def test_start_again_repeats_what_the_run_was_asked(app: App, tenant: Tenant) -> None:
    operation = scan(tenant, seconds=0)
    first = await app.start(operationId=operation, expand=["alertIncidents"], timeoutSeconds=900, changesFor="pages")
    await app.result(first)
    page = await open_page(app, first.body["links"]["self"])
    pairs = re.findall('name="([^"]*)" value="([^"]*)"', page.body.rpartition("<form")[2])
    fields = {name: unescape(text) for name, text in pairs}
    second = await send_form(app, "/api/runs", fields)
    repeated = await app.document(Reply(202, {}, {"links": {"self": second.headers["Location"]}}))

    assert fields.keys() == {"operationId", "expand", "changesFor", "timeoutSeconds", "idempotencyKey"}
    assert repeated["id"] != first.body["id"]
    assert (repeated["target"], repeated["changesFor"]) == ({"operationId": operation}, "pages")
    times = [datetime.fromisoformat(repeated[name]) for name in ("createdAt", "deadline")]
    assert times[1] - times[0] == timedelta(seconds=900)


async def test_a_page_names_what_changed(app: App, tenant: Tenant) -> None:
    name = "RedundantAssignmentAlert"
    alert = tenant.alerts[tenant.alert_id(name)]
    await app.run(operationId=scan(tenant, name, seconds=0), changesFor="page")
    [gone] = alert.incidents
    alert.incidents[:] = [{**gone, "id": "i", "assigneeDisplayName": "Alex Wilber", "roleDisplayName": "Reader"}]
    second = await app.start(operationId=scan(tenant, name, seconds=0), changesFor="page")
    await app.result(second)
    text = text_of((await open_page(app, second.body["links"]["self"])).body)

    assert "What changed for page 1 new, 1 gone New Alex Wilber (Reader) Gone Diego Siciliani (SharePoint Adm" in text


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
