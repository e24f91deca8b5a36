"""The seven kinds of alerts by their properties, and alerts with more incidents than one page or one answer holds."""

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


@pytest.fixture
def tenant(clock: Clock, request: pytest.FixtureRequest) -> Tenant:
    """Return a tenant with as many stale accounts as the test is parametrized with, or as usual."""
    count = getattr(request, "param", None)
    return Tenant(clock=clock, incident_counts={} if count is None else {"StaleSignInAlert": count})


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
