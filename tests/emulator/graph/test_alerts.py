"""Reading alerts and what hangs on them."""

from typing import Any

import pytest

from emulator.graph import Tenant
from tests.emulator.graph.conftest import SCOPE, Caller

NAMES = [
    "InvalidLicenseAlert",
    "NoMfaOnRoleActivationAlert",
    "RedundantAssignmentAlert",
    "RolesAssignedOutsidePimAlert",
    "SequentialActivationRenewalsAlert",
    "StaleSignInAlert",
    "TooManyGlobalAdminsAssignedToTenantAlert",
]


async def test_the_list_holds_the_seven_alerts(tenant: Tenant, caller: Caller) -> None:
    alerts = await caller.get(f"alerts?{SCOPE}")

    assert alerts["@odata.context"].endswith("/beta/$metadata#identityGovernance/roleManagementAlerts/alerts")
    assert [alert["id"] for alert in alerts["value"]] == [tenant.alert_id(name) for name in NAMES]
    assert alerts["value"][0] == {
        "id": tenant.alert_id("InvalidLicenseAlert"),
        "alertDefinitionId": tenant.alert_id("InvalidLicenseAlert"),
        "scopeId": "/",
        "scopeType": "DirectoryRole",
        "incidentCount": 0,
        "isActive": False,
        "lastModifiedDateTime": "0001-01-01T08:00:00Z",
        "lastScannedDateTime": "2023-06-08T22:50:41.5414466Z",
    }
    counts = {alert["id"].rpartition("_")[2]: alert["incidentCount"] for alert in alerts["value"]}
    assert counts["StaleSignInAlert"] == 3
    assert counts["RolesAssignedOutsidePimAlert"] == 2
    assert counts["TooManyGlobalAdminsAssignedToTenantAlert"] == 4
    assert all(alert["isActive"] == (alert["incidentCount"] > 0) for alert in alerts["value"])


@pytest.mark.parametrize("spelling", ["$filter", "filter"])
async def test_the_list_can_be_filtered_further(caller: Caller, spelling: str) -> None:
    alerts = await caller.get(
        f"alerts?{spelling}=scopeType eq 'DirectoryRole' and scopeId eq '/' and isActive eq true and incidentCount ne 4"
    )

    names = [alert["id"].rpartition("_")[2] for alert in alerts["value"]]
    assert names == ["RedundantAssignmentAlert", "RolesAssignedOutsidePimAlert", "StaleSignInAlert"]


@pytest.mark.parametrize("expand", ["*", "alertDefinition,alertConfiguration,alertIncidents"])
async def test_everything_can_be_expanded(tenant: Tenant, caller: Caller, expand: str) -> None:
    """Keys and their order: https://learn.microsoft.com/graph/how-to-pim-alerts."""
    admins = tenant.alert_id("TooManyGlobalAdminsAssignedToTenantAlert")
    alert = await caller.get(f"alerts/{admins}?$expand={expand}")
    metadata = f"{caller.graph.base_url}/beta/$metadata#identityGovernance/roleManagementAlerts"

    assert list(alert)[-5:] == [
        "lastScannedDateTime",
        "alertConfiguration",
        "alertDefinition",
        "alertIncidents@odata.context",
        "alertIncidents",
    ]
    expected = f"{metadata}/alerts(alertConfiguration(),alertDefinition(),alertIncidents())/$entity"
    assert alert["@odata.context"] == expected
    assert alert["alertIncidents@odata.context"] == f"{metadata}/alerts('{admins}')/alertIncidents"
    assert alert["alertConfiguration"] == {
        "@odata.type": "#microsoft.graph.tooManyGlobalAdminsAssignedToTenantAlertConfiguration",
        "id": admins,
        "alertDefinitionId": admins,
        "scopeType": "DirectoryRole",
        "scopeId": "/",
        "isEnabled": True,
        "globalAdminCountThreshold": 3,
        "percentageOfGlobalAdminsOutOfRolesThreshold": 10,
    }
    assert alert["alertDefinition"]["displayName"] == "There are too many global administrators"
    assert len(alert["alertIncidents"]) == alert["incidentCount"] == 4


@pytest.mark.parametrize("path", ["alertDefinitions", "alertConfigurations"])
async def test_definitions_and_configurations_can_be_read_alone(tenant: Tenant, caller: Caller, path: str) -> None:
    every = await caller.get(f"{path}?{SCOPE}")
    one = await caller.get(f"{path}/{tenant.alert_id('StaleSignInAlert')}")

    assert [item["id"] for item in every["value"]] == [tenant.alert_id(name) for name in NAMES]
    assert one.pop("@odata.context") == f"{every['@odata.context']}/$entity"
    assert one == every["value"][5]


@pytest.mark.parametrize(("page_size", "query"), [(None, "&$top=3"), (3, ""), (3, "&$top=100")])
async def test_pages_follow_one_another_and_lose_nothing(
    tenant: Tenant, caller: Caller, page_size: int | None, query: str
) -> None:
    tenant.page_size = page_size
    pages: list[dict[str, Any]] = [await caller.get(f"alerts?{SCOPE}&$select=id{query}")]
    while "@odata.nextLink" in pages[-1]:
        pages.append(await caller.get(pages[-1]["@odata.nextLink"]))

    assert [len(page["value"]) for page in pages] == [3, 3, 1]
    assert [item for page in pages for item in page["value"]] == [{"id": tenant.alert_id(name)} for name in NAMES]
