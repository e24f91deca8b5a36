"""What changed for a subscriber: each has a baseline of its own, which is what it was last given."""

import json
from typing import Any

import pytest

from emulator.graph import GraphServer, Tenant
from emulator.graph.tenant.alert import Alert
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import FUNCTION_KEY, SYSTEM_KEY, App, hosted, make_settings, scan
from tests.support.receiver import Receiver

NAME = "RolesAssignedOutsidePimAlert"


@pytest.fixture
def alert(tenant: Tenant) -> Alert:
    return tenant.alerts[tenant.alert_id(NAME)]


def watch(tenant: Tenant, subscriber: str, **fields: Any) -> dict[str, Any]:
    """Return a request about a scan of the alert that has just ended."""
    return {"operationId": scan(tenant, NAME, seconds=0), "changesFor": subscriber, **fields}


async def test_each_subscriber_hears_of_a_change_once_whatever_the_others_were_given(
    app: App, tenant: Tenant, alert: Alert
) -> None:
    async def run(subscriber: str) -> tuple[bool, bool, list[str]]:
        result = (await app.run(**watch(tenant, subscriber))).body
        changes = result["changes"][alert.id]
        assert changes["changed"] == result["changed"]
        return changes["changed"], changes["firstTime"], [each["id"] for each in changes["added"]]

    every = sorted(incident["id"] for incident in alert.incidents)
    assert await run("mailbox") == (True, True, every)
    assert await run("mailbox") == (False, False, [])
    assert await run("pager") == (True, True, every), "what the mailbox was given is not the pager's"
    alert.incidents.append({"id": "new"})
    assert await run("mailbox") == (True, False, ["new"])
    assert await run("mailbox") == (False, False, [])
    assert await run("pager") == (True, False, ["new"])


async def test_the_callback_comes_the_first_time_after_a_change_and_on_failure_only(
    app: App, tenant: Tenant, alert: Alert, caller: Receiver
) -> None:
    url = f"{caller.base_url}/news"
    first = await app.start(**watch(tenant, "news", callbackUrl=url))
    await app.deliver(first)
    same = await app.start(**watch(tenant, "news", callbackUrl=url))
    await app.deliver(same, "notNeeded")
    alert.incidents.append({"id": "new"})
    changed = await app.start(**watch(tenant, "news", callbackUrl=url))
    await app.deliver(changed)
    failing = scan(tenant, NAME, seconds=0, outcome="failed")
    failed = await app.start(operationId=failing, changesFor="news", callbackUrl=url)
    await app.deliver(failed)

    posts = await caller.posts("/news", 3)

    assert [post.headers["Idempotency-Key"] for post in posts] == [each.body["id"] for each in (first, changed, failed)]
    assert (await app.result(same)).body["changed"] is False
    assert json.loads(posts[2].body)["type"].endswith(":operation-failed")


async def test_the_baseline_moves_when_the_receiver_has_accepted_and_never_back(
    app: App, tenant: Tenant, alert: Alert, caller: Receiver
) -> None:
    caller.answers.append((503, {}))
    slow = await app.start(**watch(tenant, "receiver", callbackUrl=f"{caller.base_url}/slow"))
    await caller.posts("/slow")
    alert.incidents.append({"id": "new"})

    between = await app.start(**watch(tenant, "receiver", callbackUrl=f"{caller.base_url}/between"))
    await app.deliver(between)
    await app.deliver(slow)
    after = await app.run(**watch(tenant, "receiver"))

    in_between = (await app.result(between)).body["changes"][alert.id]
    assert in_between["firstTime"] is True, "the receiver had not accepted anything yet"
    assert "new" in [each["id"] for each in in_between["added"]]
    assert after.body["changed"] is False, "the older news, which arrived later, are not the baseline"


async def test_an_operator_can_read_and_delete_a_baseline_and_a_caller_can_not(
    app: App, tenant: Tenant, alert: Alert
) -> None:
    await app.run(**watch(tenant, "operated"))
    path = "/runtime/webhooks/durabletask/entities/subscriber/operated"
    baseline = await app.call("GET", path, key=SYSTEM_KEY)
    with_function_key = await app.call("GET", path, key=FUNCTION_KEY)

    assert (await app.call("POST", path, params={"op": "delete"}, key=SYSTEM_KEY)).status == 202
    while (await app.call("GET", path, key=SYSTEM_KEY)).body:
        pass
    after = await app.run(**watch(tenant, "operated"))

    assert baseline.body.keys() == {alert.id}
    assert with_function_key.status in {401, 403}
    assert after.body["changes"][alert.id]["firstTime"] is True


async def test_a_task_hub_that_loses_calls_to_entities_costs_the_changes_and_not_the_alert(
    graph: GraphServer, tenant: Tenant, identity: IdentityServer
) -> None:
    # The default of the Durable extension. The emulated hub loses the calls then, as Azure Storage does.
    window = {"AzureFunctionsJobHost__extensions__durableTask__entityMessageReorderWindowInMinutes": "30"}
    settings = make_settings(graph, identity, **window)
    async with hosted(settings, module="tests.support.impatient_emulator") as app:
        result = await app.run(**watch(tenant, "unheard"))

    assert (result.status, result.body["alert"]["id"]) == (200, tenant.alert_id(NAME))
    assert (result.body["changed"], result.body["changes"]) == (None, None)
    assert await app.host.read_lines("the entity of subscriber unheard did not answer")
