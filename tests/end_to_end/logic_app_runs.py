"""The Logic Apps of infra/logic-apps in front of the emulated app, and what their tests ask of both."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from emulator.graph import Tenant
from tests.end_to_end.conftest import FUNCTION_KEY, OVER, App
from tests.support.logic_app import LogicApp, WorkflowRun, load_definition


@dataclass
class Waits:
    """Waits as a Logic App does, but never for long, and notes how long it was told to."""

    asked: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await asyncio.sleep(min(seconds, 1))


def logic_app(name: str, base_url: str, operation_id: str, **options: Any) -> LogicApp:
    """Return the workflow `name` as deployed for the app at `base_url`.

    Options are those of `LogicApp`; `parameters` adds to the three that have no default.
    """
    needed = {"functionAppUrl": f"{base_url}/api", "functionKey": FUNCTION_KEY, "operationId": operation_id}
    definition = options.pop("definition", None) or load_definition(name)
    return LogicApp(definition, needed | options.pop("parameters", {}), **{"sleep": Waits(), **options})


def assert_it_has_the_alert(run: WorkflowRun, tenant: Tenant) -> None:
    """Assert that the workflow goes on with the alert as the app answered it."""
    answered = run.actions["Await_alert"].outputs["body"]
    assert run.actions["Alert"].outputs == {
        "id": tenant.alert_id("StaleSignInAlert"),
        "isActive": True,
        "incidentCount": 3,
        "scannedAt": answered["alert"]["lastScannedDateTime"],
        "fresh": True,
    }


def shown(run: WorkflowRun) -> str:
    """Return all that the run history shows of `run`."""
    return json.dumps([run.history, run.error])


async def looked_at(tenant: Tenant) -> None:
    """Wait for the app's first look at the operation."""
    while not tenant.requests:  # noqa: ASYNC110 - another process has no event to set
        await asyncio.sleep(0.01)


async def run_ids(app: App) -> set[str]:
    """Return the ids of all runs the app ever started."""
    return {each["instanceId"] for each in await app.instances() if each["name"] == "await_alert"}


async def ended(app: App, run_id: str) -> dict[str, Any]:
    """Return the run document once the run is over."""
    while (document := (await app.call("GET", f"/api/runs/{run_id}")).body)["state"] not in OVER:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.05)
    return dict(document)
