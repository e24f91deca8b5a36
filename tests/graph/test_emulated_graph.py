"""The activities against the emulated Graph: where Microsoft says nothing, in each of the ways a tenant may behave."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.identity.aio
import pytest

from domain.problem import PREFIX
from domain.timestamps import parse_timestamp
from emulator import tokens
from emulator.graph import Fault, GraphServer, Tenant
from tests.graph.conftest import FakeCredential, FakeCredentials, app_asks
from tests.graph.test_activities import alerts, fetch, get, incidents, refresh_all, refresh_one
from tests.support.graph_samples import LIMIT

EVERYTHING: dict[str, Any] = {"nextLink": None, "select": [], "expand": [], "limit": LIMIT}


@pytest.fixture
def tenant() -> Tenant:
    return Tenant(incident_counts={"StaleSignInAlert": 5})


@pytest.fixture
def alert_id(tenant: Tenant) -> str:
    return tenant.alert_id("StaleSignInAlert")


@pytest.fixture(autouse=True)
async def graph(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[GraphServer]:
    async with GraphServer(tenant) as server:
        token, _ = tokens.issue(server.base_url, [tokens.READ_WRITE])
        monkeypatch.setattr(
            azure.identity.aio,
            "DefaultAzureCredential",
            lambda **options: FakeCredential(FakeCredentials(), options, token=token),
        )
        async with app_asks(server.base_url, monkeypatch):
            yield server


@pytest.mark.parametrize("form", ["absolute", "relative"])
async def test_a_refresh_leads_to_its_operation(tenant: Tenant, alert_id: str, form: Any) -> None:
    tenant.location, tenant.retry_after = form, "30"
    one, every = await refresh_one({"alertId": alert_id}), await refresh_all({})
    assert one["refreshed"]["operationId"] == f"refresh:{alert_id}"
    assert (one["retryAfter"], every["retryAfter"]) == (30.0, 30.0)
    for begun in (one, every):
        shown = await get({"operationId": begun["refreshed"]["operationId"]})
        assert (shown["kind"], shown["operation"]["status"]) == ("operation", "running")


async def test_a_refresh_is_timed_by_graphs_clock(tenant: Tenant, alert_id: str) -> None:
    moment = datetime(2023, 6, 9, 22, 50, 41, tzinfo=UTC)
    tenant.clock = lambda: moment
    begun = await refresh_one({"alertId": alert_id})
    assert parse_timestamp(begun["refreshed"]["requestedAt"]) == moment


async def test_a_refresh_without_a_location_cannot_be_waited_for(tenant: Tenant, alert_id: str) -> None:
    tenant.location = "missing"
    observation = await refresh_one({"alertId": alert_id})
    assert (observation["kind"], observation["problem"]["type"]) == ("problem", f"{PREFIX}answer-unreadable")
    assert observation["problem"]["detail"].startswith("the answer has no Location. ")


@pytest.mark.parametrize(
    ("switches", "name", "says"),
    [
        ({"granted": [tokens.READ]}, "permission-missing", f"permission {tokens.READ_WRITE}, with"),
        ({"unlicensed": 400}, "license-missing", "Governance: buy it"),
        ({"unlicensed": 403, "hidden_codes": False}, "license-missing", "Governance: buy it"),
        ({"second_refresh": "conflict"}, "refresh-conflict", "under way"),
    ],
    ids=["permission", "license", "plain license", "conflict"],
)
async def test_a_refused_refresh(tenant: Tenant, alert_id: str, switches: dict[str, Any], name: str, says: str) -> None:
    tenant.start_operation(alert_id)
    for switch, value in switches.items():
        setattr(tenant, switch, value)
    for observation in (await refresh_one({"alertId": alert_id}), await refresh_all({})):
        assert observation["kind"] == ("tryAgain" if name == "refresh-conflict" else "problem")
        assert observation["problem"]["type"] == PREFIX + name
        assert says in observation["problem"]["detail"]


async def test_a_throttled_refresh_waits_as_long_as_it_is_told(tenant: Tenant, alert_id: str) -> None:
    moment = datetime(2023, 6, 9, 22, 50, 41, tzinfo=UTC)
    tenant.clock = lambda: moment
    tenant.throttle_refreshes()
    observation = await refresh_one({"alertId": alert_id})
    assert (observation["kind"], observation["problem"]["type"]) == ("tryAgain", f"{PREFIX}throttled")
    assert observation["retryAfter"] == 315.0


async def test_a_disabled_alert_may_refuse_to_be_refreshed(tenant: Tenant, alert_id: str) -> None:
    tenant.disabled_refresh = "refused"
    tenant.alerts[alert_id].configuration["isEnabled"] = False
    observation = await refresh_one({"alertId": alert_id})
    assert (observation["kind"], observation["problem"]["type"]) == ("problem", f"{PREFIX}request-refused")
    assert (
        "disabled by its configuration. If the alert is disabled in PIM, enable it" in observation["problem"]["detail"]
    )


async def test_an_alert_that_is_none_is_said_to_be_none(tenant: Tenant) -> None:
    unknown = tenant.alert_id("NoSuchAlert")
    question: dict[str, Any] = {"alertId": unknown, "nextLink": None, "select": [], "expand": [], "limit": LIMIT}
    for observation in (await refresh_one(question), await fetch(question), await incidents(question)):
        assert (observation["kind"], observation["problem"]["type"]) == ("problem", f"{PREFIX}alert-not-found")


async def test_an_answer_that_got_lost_is_no_answer_though_the_scan_began(tenant: Tenant, alert_id: str) -> None:
    tenant.faults.append(Fault("POST", drop="once handled"))
    lost = await refresh_one({"alertId": alert_id})
    assert (lost["kind"], lost["problem"]["type"]) == ("tryAgain", f"{PREFIX}graph-unavailable")
    assert len(tenant.requests) == 1
    again = await refresh_one({"alertId": alert_id})
    assert again["refreshed"]["operationId"] == f"refresh:{alert_id}"


@pytest.mark.parametrize(("page_size", "pages"), [(None, 1), (3, 3), (7, 1), (1, 7)])
async def test_all_alerts_are_read_page_by_page(tenant: Tenant, page_size: int | None, pages: int) -> None:
    tenant.page_size = page_size
    found, link = [], None
    for _ in range(pages):
        observation = await alerts(
            {"nextLink": link, "select": ["isActive"], "expand": ["alertDefinition"], "limit": LIMIT}
        )
        found += observation["page"]["value"]
        link = observation["page"]["nextLink"]
    assert link is None
    assert [alert["id"] for alert in found] == list(tenant.alerts)
    assert all(set(alert) == {"id", "isActive", "lastScannedDateTime", "alertDefinition"} for alert in found)


async def test_the_incidents_that_an_expansion_left_out_are_found_behind_its_link(
    tenant: Tenant, alert_id: str
) -> None:
    tenant.expand_limit = 2
    alert = (await fetch({"alertId": alert_id, "select": [], "expand": ["alertIncidents"], "limit": LIMIT}))["alert"]
    assert (alert["incidentCount"], len(alert["alertIncidents"])) == (5, 2)
    rest = await incidents({"alertId": alert_id, "nextLink": alert["alertIncidents@odata.nextLink"], "limit": LIMIT})
    ids = {incident["id"] for incident in alert["alertIncidents"] + rest["page"]["value"]}
    assert (rest["page"]["nextLink"], len(ids)) == (None, 5)


async def test_all_incidents_are_read_page_by_page(tenant: Tenant, alert_id: str) -> None:
    tenant.page_size = 2
    ids, link = [], None
    for _ in range(3):
        page = (await incidents({"alertId": alert_id, "nextLink": link, "limit": LIMIT}))["page"]
        ids += [incident["id"] for incident in page["value"]]
        link = page["nextLink"]
    assert link is None
    assert len(set(ids)) == len(ids) == 5


async def test_what_a_refresh_of_all_found_is_in_the_list(tenant: Tenant) -> None:
    tenant.scan_seconds = 0
    begun = await refresh_all({})
    operation = (await get({"operationId": begun["refreshed"]["operationId"]}))["operation"]
    listed = await alerts(EVERYTHING)
    requested = parse_timestamp(begun["refreshed"]["requestedAt"])
    assert operation["status"] == "succeeded"
    assert requested is not None
    for alert in listed["page"]["value"]:
        scanned = parse_timestamp(alert["lastScannedDateTime"])
        assert scanned is not None
        # `Date` has no fraction, and may be rounded either way.
        assert scanned >= requested - timedelta(seconds=1)
