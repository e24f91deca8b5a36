"""The most incidents that a run may keep: everything that shows them can still be read."""

import json

import pytest

from alert_refresh.settings import LARGEST_INCIDENTS
from emulator.graph import GraphServer, Tenant
from emulator.graph.tenant import incidents
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import ALLOWED, hosted, make_settings, scan
from tests.support.receiver import Receiver

COUNT = 6_180
ROLE = "Администратор привилегированных ролей и учётных записей"
"""Its JSON in the history takes six bytes a letter."""


async def test_a_run_that_keeps_as_much_as_it_may_is_read_listed_and_delivered(
    identity: IdentityServer, caller: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incidents, "ROLES", [("fe930be7-5e62-47db-91af-98c3a49a38b1", ROLE)])
    tenant = Tenant(incident_counts={"StaleSignInAlert": COUNT})
    limit = {"INCIDENTS_LIMIT_BYTES": str(LARGEST_INCIDENTS)}
    async with (
        GraphServer(tenant) as graph,
        hosted(make_settings(graph, identity, **ALLOWED, **limit)) as app,
    ):
        started = await app.start(
            operationId=scan(tenant, seconds=0), expand="alertIncidents", callbackUrl=f"{caller.base_url}/large"
        )
        result = await app.result(started)
        [post] = await caller.posts("/large")
        listed = await app.call("GET", "/api/runs")
        run = await app.deliver(started)

    [cut] = result.body["incidentsCut"]
    kept = result.body["alert"]["alertIncidents"]
    assert (result.status, cut["returned"], cut["count"]) == (200, len(kept), COUNT)
    assert LARGEST_INCIDENTS - 2_000 < len(json.dumps(kept, separators=(",", ":"))) <= LARGEST_INCIDENTS
    assert json.loads(post.body) == result.body
    assert [each["state"] for each in listed.body["value"]] == [run["state"]] == ["succeeded"]
