"""The calls of the Logic Apps workflows, as the files have them, get the alert from the app."""

import json
import re
from typing import Any
from uuid import uuid4

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import ALLOWED, FUNCTION_KEY, App, Reply, hosted, make_settings
from tests.support.host_process import CHECKOUT
from tests.support.receiver import Receiver


def load_inputs(workflow: str, action: str = "Refresh_alert") -> dict[str, Any]:
    """Return the inputs of the action that calls the app."""
    definition = json.loads((CHECKOUT / "infra" / "logic-apps" / f"{workflow}.json").read_text())
    return dict(definition["actions"][action]["inputs"])


def parameters(app: App, key: str = FUNCTION_KEY) -> dict[str, str | int | None]:
    """Return the value of each expression in a call that starts a run."""
    code = "concat('?code=', encodeURIComponent(parameters('functionKey')))"
    return {
        "parameters('functionAppUrl')": f"{app.host.base_url}/api",
        f"if(empty(parameters('functionKey')), '', {code})": f"?code={key}" if key else "",
        "parameters('alertId')": "StaleSignInAlert",
        "parameters('subscriber')": "teams",
        "parameters('timeoutSeconds')": 60,
        "workflow().run.name": uuid4().hex,
    }


async def send(app: App, request: dict[str, Any], values: dict[str, str | int | None]) -> Reply:
    """Send `request` with `values` in the place of the expressions."""
    text = json.dumps(request)
    for expression, value in values.items():
        text = text.replace(f'"@{expression}"', json.dumps(value)).replace(f"@{{{expression}}}", str(value))
    assert "@" not in text, "an expression has no value"
    request = json.loads(text)
    return await app.call(
        request["method"],
        request["uri"],
        key=None,
        params=request.get("queries"),
        headers=request.get("headers", {}),
        json=request.get("body"),
    )


async def follow(app: App, reply: Reply) -> Reply:
    """Return the last answer, as the asynchronous pattern of Logic Apps does."""
    while reply.status == 202:
        assert int(reply.headers["Retry-After"]) >= 1
        # A Logic App repeats none of its headers, so the key must be in Location.
        reply = await app.call("GET", reply.headers["Location"], key=None)
    return reply


async def test_refresh_and_wait_follows_the_202_answers_to_the_alert(app: App, tenant: Tenant) -> None:
    inputs, values = load_inputs("refresh-and-wait"), parameters(app)
    started = await send(app, inputs, values)
    repeated = await send(app, inputs, values)

    assert started.status == 202
    # Logic Apps sends a start again when its answer is lost.
    assert repeated.headers["Location"] == started.headers["Location"]
    reply = await follow(app, started)

    assert reply.status == 200
    assert reply.body["alert"]["id"] == tenant.alert_id("StaleSignInAlert")
    assert reply.body["alert"]["incidentCount"] == 3
    assert reply.body["fresh"] is True


async def test_with_entra_the_call_and_what_it_follows_are_without_a_key(
    graph: GraphServer, identity: IdentityServer
) -> None:
    signs_in = {**ALLOWED, "AUTH_MODE": "entra", "WEBSITE_AUTH_ENABLED": "True"}
    async with hosted(make_settings(graph, identity, **signs_in)) as app:
        started = await send(app, load_inputs("refresh-and-wait"), parameters(app, key=""))
        reply = await follow(app, started)

    assert reply.status == 200
    assert "code=" not in started.headers["Location"]


async def test_the_webhook_is_called_back_with_the_alert_and_unsubscribes(
    app: App, tenant: Tenant, caller: Receiver
) -> None:
    inputs, values = load_inputs("subscribe"), parameters(app)
    values["listCallbackUrl()"] = f"{caller.base_url}/run?sig=secret"
    subscribed = await send(app, inputs["subscribe"], values)
    [post] = await caller.posts("/run")
    # The receiver has the post a moment before the app has the answer.
    await app.deliver(subscribed)

    assert subscribed.status == 202
    outcome = json.loads(post.body)
    assert outcome["alert"]["id"] == tenant.alert_id("StaleSignInAlert")
    assert outcome["alert"]["incidentCount"] == 3
    assert outcome["fresh"] is True
    # The action unsubscribes after a success too, which must not turn the run into a cancelled one.
    values["action()?['outputs']?['body']?['id']"] = subscribed.body["id"]
    unsubscribed = await send(app, inputs["unsubscribe"], values)
    run = await app.call("GET", subscribed.body["links"]["self"])
    assert unsubscribed.status == 410
    assert run.body["state"] == "succeeded"


async def test_the_card_of_the_morning_reads_what_the_result_has(app: App) -> None:
    reply = await follow(
        app,
        await send(app, load_inputs("morning-changes", "Refresh_all_alerts"), parameters(app)),
    )
    assert reply.status == 200

    where = load_inputs("morning-changes", "Alerts_that_changed")["where"]
    line = load_inputs("morning-changes", "Lines")["select"]["text"]
    of_alert, of_change = set[str](), set[str]()
    for text in (where, line):
        of_change |= set(re.findall(r"\['changes'\]\?\[item\(\)\?\['id'\]\]\?\['(\w+)'\]", text))
        of_alert |= set(re.findall(r"item\(\)\?\['(\w+)'\]", text))
    assert (of_alert, of_change) == (
        {"id", "alertDefinition", "isActive", "incidentCount"},
        {"changed", "added", "removed"},
    )
    for alert in reply.body["alerts"]:
        assert of_alert <= alert.keys()
        assert alert["alertDefinition"]["displayName"]
        change = reply.body["changes"][alert["id"]]
        assert of_change <= change.keys()
        assert change["changed"] is True, "the first time, everything is news"
