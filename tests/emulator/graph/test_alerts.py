"""Reading alerts and what hangs on them."""

import re
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
ASSIGNEE = {"id", "assigneeId", "assigneeDisplayName", "assigneeUserPrincipalName"}
ROLE = {"roleDefinitionId", "roleDisplayName", "roleTemplateId"}


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


@pytest.mark.parametrize("collection", ["alerts", "alertDefinitions", "alertConfigurations"])
@pytest.mark.parametrize(
    "query", ["", "?$filter=scopeId eq '/'", "?$filter=scopeId eq '/' and scopeType eq 'Group'", "?$filter=nonsense"]
)
async def test_a_list_without_the_scope_is_refused(caller: Caller, collection: str, query: str) -> None:
    response, body = await caller.send("GET", collection + query)

    assert (response.status, body["error"]["code"]) == (400, "BadRequest")
    assert "filter" in body["error"]["message"]


@pytest.mark.parametrize("spelling", ["$filter", "filter"])
async def test_the_list_can_be_filtered_further(caller: Caller, spelling: str) -> None:
    alerts = await caller.get(
        f"alerts?{spelling}=scopeType eq 'DirectoryRole' and scopeId eq '/' and isActive eq true and incidentCount ne 4"
    )

    names = [alert["id"].rpartition("_")[2] for alert in alerts["value"]]
    assert names == ["RedundantAssignmentAlert", "RolesAssignedOutsidePimAlert", "StaleSignInAlert"]


async def test_a_quote_in_a_filter_is_doubled(caller: Caller) -> None:
    name = "The organization doesn''t have Microsoft Entra ID P2"
    definitions = await caller.get(f"alertDefinitions?{SCOPE} and displayName eq '{name}'")

    assert [item["severityLevel"] for item in definitions["value"]] == ["high"]


@pytest.mark.parametrize(("verb", "count"), [("eq", 0), ("ne", 7)])
async def test_a_filter_may_ask_for_null(caller: Caller, verb: str, count: int) -> None:
    assert len((await caller.get(f"alerts?{SCOPE} and lastScannedDateTime {verb} null"))["value"]) == count


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


async def test_select_and_expand_go_together(tenant: Tenant, caller: Caller) -> None:
    stale = tenant.alert_id("StaleSignInAlert")
    alert = await caller.get(f"alerts/{stale}?$select=isActive,id&$expand=alertIncidents")

    assert list(alert) == ["@odata.context", "id", "isActive", "alertIncidents@odata.context", "alertIncidents"]
    assert alert["@odata.context"].endswith("/alerts(isActive,id,alertIncidents())/$entity")


async def test_select_everything_is_no_selection(tenant: Tenant, caller: Caller) -> None:
    stale = tenant.alert_id("StaleSignInAlert")

    assert await caller.get(f"alerts/{stale}?$select=*") == await caller.get(f"alerts/{stale}")


@pytest.mark.parametrize(
    ("name", "incident_type", "own"),
    [
        ("RedundantAssignmentAlert", "redundantAssignment", {"lastActivationDateTime"} | ASSIGNEE | ROLE),
        (
            "RolesAssignedOutsidePimAlert",
            "rolesAssignedOutsidePrivilegedIdentityManagement",
            {"assignmentCreatedDateTime"} | ASSIGNEE | ROLE,
        ),
        ("StaleSignInAlert", "staleSignIn", {"assignmentCreatedDateTime", "lastSignInDateTime"} | ASSIGNEE | ROLE),
        ("TooManyGlobalAdminsAssignedToTenantAlert", "tooManyGlobalAdminsAssignedToTenant", ASSIGNEE),
    ],
)
async def test_incidents_are_of_the_alerts_own_type(
    tenant: Tenant, caller: Caller, name: str, incident_type: str, own: set[str]
) -> None:
    alert_id = tenant.alert_id(name)
    incidents = await caller.get(f"alerts/{alert_id}/alertIncidents")
    one = await caller.get(f"alerts/{alert_id}/alertIncidents/{incidents['value'][0]['id']}")

    assert incidents["@odata.context"].endswith(f"/alerts('{alert_id}')/alertIncidents")
    for incident in incidents["value"]:
        assert set(incident) == {"@odata.type"} | own
        assert incident["@odata.type"] == f"#microsoft.graph.{incident_type}AlertIncident"
        assert re.fullmatch(r"\w+@contoso\.com", incident["assigneeUserPrincipalName"] or "group@contoso.com")
    assert one.pop("@odata.context").endswith(f"/alerts('{alert_id}')/alertIncidents/$entity")
    assert one == incidents["value"][0]


@pytest.mark.parametrize("path", ["alertDefinitions", "alertConfigurations"])
async def test_definitions_and_configurations_can_be_read_alone(tenant: Tenant, caller: Caller, path: str) -> None:
    every = await caller.get(f"{path}?{SCOPE}")
    one = await caller.get(f"{path}/{tenant.alert_id('StaleSignInAlert')}")

    assert [item["id"] for item in every["value"]] == [tenant.alert_id(name) for name in NAMES]
    assert one.pop("@odata.context") == f"{every['@odata.context']}/$entity"
    assert one == every["value"][5]


async def test_a_configuration_can_bring_its_definition(tenant: Tenant, caller: Caller) -> None:
    configurations = await caller.get(f"alertConfigurations?{SCOPE}&$expand=alertDefinition")

    assert configurations["@odata.context"].endswith("/alertConfigurations(alertDefinition())")
    stale = configurations["value"][5]
    assert (stale["duration"], stale["alertDefinition"]["id"]) == ("P30D", tenant.alert_id("StaleSignInAlert"))


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


async def test_a_page_of_nothing_ends_there(caller: Caller) -> None:
    nothing = await caller.get(f"alerts?{SCOPE}&$top=0")

    assert (nothing["value"], "@odata.nextLink" in nothing) == ([], False)
