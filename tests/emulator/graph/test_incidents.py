"""The seven kinds of alerts by their properties, and alerts with more incidents than one page or one answer holds."""

import time
from typing import Any

import pytest

from emulator.graph import Tenant
from tests.emulator.graph.conftest import SCOPE, Caller, Clock

WHO = "assigneeId assigneeDisplayName assigneeUserPrincipalName"
ROLE = "roleDefinitionId roleDisplayName roleTemplateId"
OUTSIDE = "rolesAssignedOutsidePrivilegedIdentityManagement"
STALENESS = "assignmentCreatedDateTime lastSignInDateTime"
SEQUENCE = "activationCount sequenceStartDateTime sequenceEndDateTime"
INTERVALS = "timeIntervalBetweenActivations sequentialActivationCounterThreshold"
THRESHOLDS = "globalAdminCountThreshold percentageOfGlobalAdminsOutOfRolesThreshold"
ABLE = {"isRemediatable", "isConfigurable"}
# The alert: what its OData types begin with, its severity, what it is able to,
# and the properties of its configuration and of its incidents that no other has.
KINDS = {
    "InvalidLicenseAlert": ("invalidLicense", "high", "", "", "tenantLicenseStatus"),
    "NoMfaOnRoleActivationAlert": (
        *("noMfaOnRoleActivation", "medium", "isRemediatable"),
        *("", "roleDisplayName roleTemplateId"),
    ),
    "RedundantAssignmentAlert": (
        *("redundantAssignment", "low", "isRemediatable isConfigurable"),
        *("duration", f"{WHO} {ROLE} lastActivationDateTime"),
    ),
    "RolesAssignedOutsidePimAlert": (
        *(OUTSIDE, "high", "isRemediatable"),
        *("", f"{WHO} {ROLE} assignmentCreatedDateTime"),
    ),
    "SequentialActivationRenewalsAlert": (
        *("sequentialActivationRenewals", "medium", "isConfigurable"),
        *(INTERVALS, f"{WHO} {ROLE} {SEQUENCE}"),
    ),
    "StaleSignInAlert": (
        *("staleSignIn", "medium", "isRemediatable isConfigurable"),
        *("duration", f"{WHO} {ROLE} {STALENESS}"),
    ),
    "TooManyGlobalAdminsAssignedToTenantAlert": (
        *("tooManyGlobalAdminsAssignedToTenant", "low", "isRemediatable isConfigurable"),
        *(THRESHOLDS, WHO),
    ),
}


@pytest.mark.parametrize("name", KINDS)
async def test_each_kind_of_alert_has_its_own_properties(
    clock: Clock, tenant: Tenant, caller: Caller, name: str
) -> None:
    """https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalertincident?view=graph-rest-beta."""
    types, severity, able, settings, own = KINDS[name]
    alert_id = tenant.alert_id(name)
    tenant.alerts[alert_id].invent_incidents(12)
    await caller.refresh(alert_id)
    clock.advance(8)
    alert = await caller.get(f"alerts/{alert_id}?$expand=*")
    definition, configuration, incidents = (
        alert[f"alert{part}"] for part in ("Definition", "Configuration", "Incidents")
    )

    assert definition["severityLevel"] == severity
    assert {what for what in ABLE if definition[what]} == set(able.split())
    assert configuration["@odata.type"] == f"#microsoft.graph.{types}AlertConfiguration"
    base = {"@odata.type", "id", "alertDefinitionId", "scopeId", "scopeType", "isEnabled"}
    assert set(configuration) == base | set(settings.split())
    assert len({incident["id"] for incident in incidents}) == alert["incidentCount"] >= 12
    for incident in incidents:
        assert set(incident) == {"@odata.type", "id", *own.split()}
        assert incident["@odata.type"] == f"#microsoft.graph.{types}AlertIncident"


async def test_a_group_has_no_user_principal_name(clock: Clock, tenant: Tenant, caller: Caller) -> None:
    admins = tenant.alert_id("TooManyGlobalAdminsAssignedToTenantAlert")
    tenant.alerts[admins].invent_incidents(20)
    await caller.refresh(admins)
    clock.advance(8)
    incidents = (await caller.get(f"alerts/{admins}/alertIncidents"))["value"]

    nameless = [incident for incident in incidents if incident["assigneeUserPrincipalName"] is None]
    assert [incident["assigneeDisplayName"] for incident in nameless] == ["Group 9", "Group 19"]
    assert all(incident["id"] == incident["assigneeId"] for incident in incidents)


async def test_descriptions_are_raw(caller: Caller) -> None:
    """They have holes for numbers that nobody fills, HTML, and bullets without line breaks."""
    definitions = (await caller.get(f"alertDefinitions?{SCOPE}"))["value"]

    assert any("{0}" in each["description"] and "{1}" in each["description"] for each in definitions)
    assert any("<a href=" in each["howToPrevent"] for each in definitions)
    assert any(each["mitigationSteps"].count("·") > 1 for each in definitions)


@pytest.fixture
def tenant(clock: Clock, request: pytest.FixtureRequest) -> Tenant:
    """Return a tenant with as many stale accounts as the test is parametrized with, or as usual."""
    count = getattr(request, "param", None)
    return Tenant(clock=clock, incident_counts={} if count is None else {"StaleSignInAlert": count})


async def test_a_tenant_with_thousands_of_incidents_is_made_at_once(clock: Clock) -> None:
    began = time.process_time()
    tenant = Tenant(clock=clock, incident_counts={"StaleSignInAlert": 5000})

    assert len(tenant.alert(tenant.alert_id("StaleSignInAlert")).report.incidents) == 5000
    assert time.process_time() - began < 2


@pytest.mark.parametrize("tenant", [0, 1, 5], indirect=True)
async def test_an_alert_begins_with_as_many_incidents_as_told(tenant: Tenant, caller: Caller, alert_id: str) -> None:
    wanted = tenant.incident_counts["StaleSignInAlert"]
    alert = await caller.get(f"alerts/{alert_id}?$expand=alertIncidents")

    assert (alert["incidentCount"], alert["isActive"]) == (wanted, wanted > 0)
    assert len({incident["id"] for incident in alert["alertIncidents"]}) == wanted


@pytest.mark.parametrize("tenant", [5000], indirect=True)
async def test_the_pages_of_incidents_follow_one_another_and_lose_nothing(
    tenant: Tenant, caller: Caller, alert_id: str
) -> None:
    tenant.page_size = 2000
    pages: list[dict[str, Any]] = [await caller.get(f"alerts/{alert_id}/alertIncidents")]
    while "@odata.nextLink" in pages[-1]:
        pages.append(await caller.get(pages[-1]["@odata.nextLink"]))

    assert [len(page["value"]) for page in pages] == [2000, 2000, 1000]
    assert len({incident["id"] for page in pages for incident in page["value"]}) == 5000


@pytest.mark.parametrize("tenant", [25], indirect=True)
@pytest.mark.parametrize("query", ["$expand=alertIncidents", "$expand=*"])
async def test_an_expansion_that_is_cut_leads_to_the_rest(
    tenant: Tenant, caller: Caller, alert_id: str, query: str
) -> None:
    tenant.expand_limit = 20
    [alert] = (await caller.get(f"alerts?{SCOPE} and alertDefinitionId eq '{alert_id}'&{query}"))["value"]
    rest = await caller.get(alert["alertIncidents@odata.nextLink"])
    whole = await caller.get(f"alerts/{alert_id}/alertIncidents")

    assert (alert["incidentCount"], len(alert["alertIncidents"])) == (25, 20)
    assert alert["alertIncidents"] + rest["value"] == whole["value"]
    assert "@odata.nextLink" not in rest


@pytest.mark.parametrize("tenant", [25], indirect=True)
async def test_an_expansion_may_be_cut_without_a_word(tenant: Tenant, caller: Caller, alert_id: str) -> None:
    tenant.expand_limit, tenant.expand_tells = 20, False
    alert = await caller.get(f"alerts/{alert_id}?$expand=alertIncidents")

    assert "alertIncidents@odata.nextLink" not in alert
    assert (alert["incidentCount"], len(alert["alertIncidents"])) == (25, 20)


@pytest.mark.parametrize("tenant", [20], indirect=True)
async def test_an_expansion_that_fits_is_whole(tenant: Tenant, caller: Caller) -> None:
    tenant.expand_limit = 20
    alerts = (await caller.get(f"alerts?{SCOPE}&$expand=alertIncidents"))["value"]

    assert not [alert for alert in alerts if "alertIncidents@odata.nextLink" in alert]
    assert all(len(alert["alertIncidents"]) == alert["incidentCount"] for alert in alerts)
