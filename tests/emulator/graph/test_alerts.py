"""Reading alerts and what hangs on them: https://learn.microsoft.com/graph/how-to-pim-alerts."""

from typing import Any

import pytest

from emulator.graph import Tenant
from tests.emulator.graph.conftest import SCOPE, STALE, Caller, Clock

WHO = "assigneeId assigneeDisplayName assigneeUserPrincipalName"
ROLE = "roleDefinitionId roleDisplayName roleTemplateId"
INTERVALS = "timeIntervalBetweenActivations sequentialActivationCounterThreshold"
THRESHOLDS = "globalAdminCountThreshold percentageOfGlobalAdminsOutOfRolesThreshold"
SEQUENCE = "activationCount sequenceStartDateTime sequenceEndDateTime"
BOTH = "isRemediatable isConfigurable"
# The alert: its severity, what it is able to, and the properties of its configuration and of its incidents that no
# other has.
KINDS = {
    "InvalidLicenseAlert": ("high", "", "", "tenantLicenseStatus"),
    "NoMfaOnRoleActivationAlert": ("medium", "isRemediatable", "", "roleDisplayName roleTemplateId"),
    "RedundantAssignmentAlert": ("low", BOTH, "duration", f"{WHO} {ROLE} lastActivationDateTime"),
    "RolesAssignedOutsidePimAlert": ("high", "isRemediatable", "", f"{WHO} {ROLE} assignmentCreatedDateTime"),
    "SequentialActivationRenewalsAlert": ("medium", "isConfigurable", INTERVALS, f"{WHO} {ROLE} {SEQUENCE}"),
    "StaleSignInAlert": ("medium", BOTH, "duration", f"{WHO} {ROLE} assignmentCreatedDateTime lastSignInDateTime"),
    "TooManyGlobalAdminsAssignedToTenantAlert": ("low", BOTH, THRESHOLDS, WHO),
}
ODATA_TYPES = {"RolesAssignedOutsidePimAlert": "rolesAssignedOutsidePrivilegedIdentityManagementAlert"}
"""Where the type is not the name of the alert with a small first letter."""


@pytest.mark.parametrize("name", KINDS)
async def test_each_kind_of_alert_has_its_own_properties(
    clock: Clock, tenant: Tenant, caller: Caller, name: str
) -> None:
    """https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalertincident?view=graph-rest-beta."""
    severity, able, settings, own = KINDS[name]
    odata_type = f"#microsoft.graph.{ODATA_TYPES.get(name, name[0].lower() + name[1:])}"
    alert_id = tenant.alert_id(name)
    tenant.alerts[alert_id].invent_incidents(12)
    await caller.refresh(alert_id)
    clock.advance(8)
    alert = await caller.get(f"alerts/{alert_id}?$expand=*")
    definition, configuration, incidents = (
        alert[f"alert{part}"] for part in ("Definition", "Configuration", "Incidents")
    )

    assert definition["severityLevel"] == severity
    assert {what for what in BOTH.split() if definition[what]} == set(able.split())
    assert configuration["@odata.type"] == f"{odata_type}Configuration"
    base = {"@odata.type", "id", "alertDefinitionId", "scopeId", "scopeType", "isEnabled"}
    assert set(configuration) == base | set(settings.split())
    assert len({incident["id"] for incident in incidents}) == alert["incidentCount"] >= 12
    for incident in incidents:
        assert set(incident) == {"@odata.type", "id", *own.split()}
        assert incident["@odata.type"] == f"{odata_type}Incident"


async def test_the_list_holds_the_seven_alerts(tenant: Tenant, caller: Caller) -> None:
    alerts = await caller.get(f"alerts?{SCOPE}")

    assert alerts["@odata.context"].endswith("/beta/$metadata#identityGovernance/roleManagementAlerts/alerts")
    assert [alert["id"] for alert in alerts["value"]] == [tenant.alert_id(name) for name in KINDS]
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
    """The order of the keys is that of Microsoft's example."""
    admins = tenant.alert_id("TooManyGlobalAdminsAssignedToTenantAlert")
    alert = await caller.get(f"alerts/{admins}?$expand={expand}")
    metadata = f"{caller.graph.base_url}/beta/$metadata#identityGovernance/roleManagementAlerts"

    added = ["alertConfiguration", "alertDefinition", "alertIncidents@odata.context", "alertIncidents"]
    assert list(alert)[-5:] == ["lastScannedDateTime", *added]
    expected = f"{metadata}/alerts(alertConfiguration(),alertDefinition(),alertIncidents())/$entity"
    assert alert["@odata.context"] == expected
    assert alert["alertIncidents@odata.context"] == f"{metadata}/alerts('{admins}')/alertIncidents"
    assert alert["alertConfiguration"]["globalAdminCountThreshold"] == 3
    assert alert["alertDefinition"]["displayName"] == "There are too many global administrators"
    assert len(alert["alertIncidents"]) == alert["incidentCount"] == 4


@pytest.mark.parametrize("path", ["alertDefinitions", "alertConfigurations"])
async def test_definitions_and_configurations_can_be_read_alone(tenant: Tenant, caller: Caller, path: str) -> None:
    every = await caller.get(f"{path}?{SCOPE}")
    one = await caller.get(f"{path}/{STALE}")

    assert [item["id"] for item in every["value"]] == [tenant.alert_id(name) for name in KINDS]
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
    assert [item for page in pages for item in page["value"]] == [{"id": tenant.alert_id(name)} for name in KINDS]


@pytest.mark.parametrize("query", ["$expand=alertIncidents", "$expand=*"])
async def test_an_expansion_that_is_cut_leads_to_the_rest(tenant: Tenant, caller: Caller, query: str) -> None:
    tenant.expand_limit = 2
    [alert] = (await caller.get(f"alerts?{SCOPE} and alertDefinitionId eq '{STALE}'&{query}"))["value"]
    rest = await caller.get(alert["alertIncidents@odata.nextLink"])
    whole = await caller.get(f"alerts/{STALE}/alertIncidents")

    assert (alert["incidentCount"], len(alert["alertIncidents"])) == (3, 2)
    assert alert["alertIncidents"] + rest["value"] == whole["value"]
    assert "@odata.nextLink" not in rest
