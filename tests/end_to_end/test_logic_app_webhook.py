"""The Logic App that is called back, executed against the app."""

import asyncio
import copy
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from emulator.graph import Tenant
from tests.end_to_end.conftest import FUNCTION_KEY, App, scan
from tests.end_to_end.logic_app_runs import Waits, assert_it_has_the_alert, ended, logic_app, looked_at, run_ids, shown
from tests.support.logic_app import WorkflowRun, load_definition
from tests.support.logic_app.proxy import UnreliableProxy

WEBHOOK = "await-alert-webhook"


@pytest.fixture
def app(calling_app: App) -> App:
    return calling_app


async def the_run(app: App, known: set[str]) -> dict[str, Any]:
    """Return the document of the one run that is not among `known`, once it is over."""
    [run_id] = await run_ids(app) - known
    return await ended(app, run_id)


def signature(run: WorkflowRun) -> str:
    """Return the secret part of the callback URL that the action gave away."""
    url = run.actions["Await_alert"].inputs["subscribe"]["body"]["callbackUrl"]
    return str(parse_qs(urlsplit(url).query)["sig"][0])


async def test_it_ends_with_the_alert(app: App, tenant: Tenant) -> None:
    known = await run_ids(app)
    waits = Waits()
    run = await logic_app(WEBHOOK, app.host.base_url, scan(tenant, seconds=1), sleep=waits).run()

    assert run.status == "Succeeded", shown(run)
    assert {name: result.status for name, result in run.actions.items()} == {
        "Await_alert": "Succeeded",
        "Answer": "Succeeded",
        "There_is_an_alert": "Succeeded",
        "Alert": "Succeeded",
        "End_as_failed": "Skipped",
    }
    assert_it_has_the_alert(run, tenant)
    assert waits.asked == [], "it never polled"
    # The action has unsubscribed after the callback: that must not turn what happened into a cancellation.
    assert (await the_run(app, known))["state"] == "succeeded"


@pytest.mark.parametrize("json_suffix", [True, False], ids=["+json is JSON", "+json is $content"])
async def test_an_operation_that_fails_is_a_failed_workflow_with_the_problems_words(
    app: App, tenant: Tenant, *, json_suffix: bool
) -> None:
    operation_id = scan(tenant, outcome="failed")
    run = await logic_app(WEBHOOK, app.host.base_url, operation_id, json_suffix=json_suffix).run()

    assert run.actions["Await_alert"].status == "Succeeded", "the action takes whatever is posted"
    assert run.actions["Alert"].status == "Skipped"
    assert run.status == "Failed"
    assert run.error is not None
    assert run.error["code"] == "operation-failed"
    assert run.error["message"].startswith("Microsoft Graph reports that the operation failed: ")


async def test_a_refused_start_is_a_failed_workflow(app: App, tenant: Tenant) -> None:
    known = await run_ids(app)
    run = await logic_app(WEBHOOK, app.host.base_url, "not/an/operation").run()

    assert run.actions["Await_alert"].status == "Failed"
    assert run.status == "Failed"
    assert run.error is not None
    assert run.error["code"] == "invalid-request"
    assert "operationId" in run.error["message"]
    assert await run_ids(app) == known
    assert tenant.requests == []


async def test_cancelling_the_workflow_cancels_the_run(app: App, tenant: Tenant) -> None:
    known = await run_ids(app)
    workflow = asyncio.create_task(logic_app(WEBHOOK, app.host.base_url, scan(tenant, seconds=600)).run())
    await looked_at(tenant)

    workflow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await workflow

    assert (await the_run(app, known))["state"] == "cancelled"


async def test_the_limit_of_the_action_cancels_the_run(app: App, tenant: Tenant) -> None:
    known = await run_ids(app)
    definition = copy.deepcopy(load_definition(WEBHOOK))
    definition["actions"]["Await_alert"]["limit"] = {"timeout": "PT2S"}
    operation_id = scan(tenant, seconds=600)
    run = await logic_app(WEBHOOK, app.host.base_url, operation_id, definition=definition).run()

    assert run.actions["Await_alert"].status == "TimedOut"
    assert run.status == "Failed"
    assert run.error is not None
    assert run.error["code"] == "TimedOut"
    assert (await the_run(app, known))["state"] == "cancelled"


async def test_a_start_that_is_tried_again_makes_one_run_and_one_callback(app: App, tenant: Tenant) -> None:
    known = await run_ids(app)
    async with UnreliableProxy(app.host.base_url, "answer lost") as proxy:
        run = await logic_app(WEBHOOK, proxy.base_url, scan(tenant, seconds=3)).run()

    assert run.status == "Succeeded", shown(run)
    assert len(await run_ids(app) - known) == 1


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
async def test_neither_the_key_nor_the_callback_url_is_told_anywhere(app: App, tenant: Tenant, outcome: str) -> None:
    known = await run_ids(app)
    run = await logic_app(WEBHOOK, app.host.base_url, scan(tenant, outcome=outcome)).run()
    document = await the_run(app, known)
    [instance] = [each for each in await app.instances() if each["instanceId"] == document["id"]]

    assert FUNCTION_KEY not in shown(run)
    assert signature(run) not in shown(run)
    assert signature(run) not in json.dumps([document, instance["customStatus"], instance["output"]])
    assert signature(run) not in app.host.log
