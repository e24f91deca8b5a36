"""A Logic App may deliver its start twice, the second time when all is over: it is one run all the same."""

import asyncio

from emulator.graph import Tenant
from tests.end_to_end.conftest import App, scan
from tests.end_to_end.logic_app_runs import ended, logic_app, run_ids, shown
from tests.support.logic_app.proxy import UnreliableProxy


async def test_a_start_that_is_tried_again_after_the_run_gets_its_result(app: App, tenant: Tenant) -> None:
    known = await run_ids(app)

    async def until_all_is_over(_: float) -> None:
        for run_id in await run_ids(app) - known:
            await ended(app, run_id)

    async with UnreliableProxy(app.host.base_url, "answer lost") as proxy:
        run = await logic_app("poll-alert", proxy.base_url, scan(tenant), sleep=until_all_is_over).run()

    assert run.status == "Succeeded", shown(run)
    assert run.actions["Alert"].outputs["id"] == tenant.alert_id("StaleSignInAlert")
    assert len(await run_ids(app) - known) == 1
    fetches = [request for request in tenant.requests if "/alerts/" in request.target]
    assert len(fetches) == 1, "the alert was fetched once, by the only run"


async def test_two_runs_of_the_workflow_are_two_runs_of_the_app(app: App, tenant: Tenant) -> None:
    known = await run_ids(app)
    workflow = logic_app("poll-alert", app.host.base_url, scan(tenant, seconds=1))

    first, second = await asyncio.gather(workflow.run(), workflow.run())

    assert (first.status, second.status) == ("Succeeded", "Succeeded")
    assert len(await run_ids(app) - known) == 2
