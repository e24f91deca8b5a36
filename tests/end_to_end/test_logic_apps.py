"""The Logic App that polls, executed against the app: it ends with the alert, or says why there is none."""

import copy
from typing import Any

import pytest

from emulator.graph import Tenant
from tests.end_to_end.conftest import FUNCTION_KEY, App, scan
from tests.end_to_end.logic_app_runs import Waits, assert_it_has_the_alert, logic_app, run_ids, shown
from tests.support.logic_app import load_definition
from tests.support.logic_app.proxy import Mishap, UnreliableProxy


def polling(**changes: Any) -> dict[str, Any]:
    """Return the definition with changes to its action."""
    definition = copy.deepcopy(load_definition("poll-alert"))
    definition["actions"]["Await_alert"] |= changes
    return definition


async def test_it_ends_with_the_alert(app: App, tenant: Tenant) -> None:
    waits = Waits()
    run = await logic_app("poll-alert", app.host.base_url, scan(tenant, seconds=1), sleep=waits).run()

    assert run.status == "Succeeded", shown(run)
    assert {name: result.status for name, result in run.actions.items()} == {
        "Await_alert": "Succeeded",
        "Alert": "Succeeded",
        "Answer": "Skipped",
        "End_as_failed": "Skipped",
    }
    assert_it_has_the_alert(run, tenant)
    assert waits.asked, "it had to wait"
    assert max(waits.asked) <= 5, "each 202 said when to look again"


@pytest.mark.parametrize("json_suffix", [True, False], ids=["+json is JSON", "+json is $content"])
async def test_an_operation_that_fails_is_a_failed_workflow_with_the_problems_words(
    app: App, tenant: Tenant, *, json_suffix: bool
) -> None:
    operation_id = scan(tenant, outcome="failed")
    run = await logic_app("poll-alert", app.host.base_url, operation_id, json_suffix=json_suffix).run()

    assert run.actions["Await_alert"].status == "Failed"
    assert run.actions["Await_alert"].outputs["statusCode"] == 424
    assert run.actions["Alert"].status == "Skipped"
    assert run.status == "Failed"
    assert run.error is not None
    assert run.error["code"] == "operation-failed"
    assert run.error["message"].startswith("Microsoft Graph reports that the operation failed: ")
    problem = run.actions["Answer"].outputs["content"]
    assert run.error["message"] == f"{problem['title']}: {problem['detail']}"


async def test_the_deadline_of_the_app_comes_first_and_explains_itself(app: App, tenant: Tenant) -> None:
    run = await logic_app(
        "poll-alert", app.host.base_url, scan(tenant, seconds=600), parameters={"timeoutSeconds": 1}
    ).run()

    assert run.status == "Failed"
    assert run.error is not None
    assert run.error["code"] == "timed-out"
    assert "'running'" in run.error["message"]


async def test_the_limit_of_the_action_ends_it_too(app: App, tenant: Tenant) -> None:
    definition = polling(limit={"timeout": "PT1S"})
    operation_id = scan(tenant, seconds=600)
    run = await logic_app(
        "poll-alert", app.host.base_url, operation_id, definition=definition, parameters={"timeoutSeconds": 3}
    ).run()

    assert run.actions["Await_alert"].status == "TimedOut"
    assert run.status == "Failed"
    assert run.error == {"code": "TimedOut", "message": "Await_alert ended as TimedOut: HTTP status none"}


async def test_a_wrong_key_is_a_failed_workflow_although_the_answer_is_empty(app: App, tenant: Tenant) -> None:
    known = await run_ids(app)
    run = await logic_app(
        "poll-alert", app.host.base_url, scan(tenant), parameters={"functionKey": "the-wrong-key"}
    ).run()

    assert run.status == "Failed"
    assert run.error == {"code": "Failed", "message": "Await_alert ended as Failed: HTTP status 401"}
    assert await run_ids(app) == known


@pytest.mark.parametrize(("mishap", "seconds"), [("answer lost", 81), ("503", 82)])
async def test_a_start_that_is_tried_again_makes_one_run(
    app: App, tenant: Tenant, mishap: Mishap, seconds: int
) -> None:
    known = await run_ids(app)
    waits = Waits()
    asked = {"sleep": waits, "parameters": {"timeoutSeconds": seconds}}
    async with UnreliableProxy(app.host.base_url, mishap, mishap) as proxy:
        run = await logic_app("poll-alert", proxy.base_url, scan(tenant, seconds=5), **asked).run()

        assert run.status == "Succeeded", shown(run)
        assert [request.method for request in proxy.requests] == ["POST"] * 3
    assert waits.asked[:2] == [7.5, 15.0]
    assert len(await run_ids(app) - known) == 1
    keys = {request.headers["Idempotency-Key"] for request in proxy.requests}
    assert keys == {run.name}, "by it the app can tell a repeated start, even after the run"


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
async def test_the_run_history_tells_no_key(app: App, tenant: Tenant, outcome: str) -> None:
    run = await logic_app("poll-alert", app.host.base_url, scan(tenant, outcome=outcome)).run()

    assert run.actions["Await_alert"].inputs["queries"] == {"code": FUNCTION_KEY}
    assert FUNCTION_KEY not in shown(run)
    alert_id = tenant.alert_id("StaleSignInAlert")
    assert alert_id not in shown(run), "what the app answered is hidden, too"


async def test_without_secure_data_the_run_history_would_tell_the_key(app: App, tenant: Tenant) -> None:
    definition = polling(runtimeConfiguration={})
    run = await logic_app("poll-alert", app.host.base_url, scan(tenant), definition=definition).run()

    assert FUNCTION_KEY in shown(run)
