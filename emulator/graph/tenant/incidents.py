"""Incidents of any type, in any number, made from nothing but their place in the row.

https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalertincident?view=graph-rest-beta
"""

from datetime import UTC, datetime, timedelta

from emulator.graph.errors import JsonObject
from emulator.graph.timestamps import dotnet

ASSIGNEE = ("assigneeId", "assigneeDisplayName", "assigneeUserPrincipalName")
ROLE = ("roleTemplateId", "roleDisplayName", "roleDefinitionId")
OWN: dict[str, tuple[str, ...]] = {
    "InvalidLicenseAlert": ("tenantLicenseStatus",),
    "NoMfaOnRoleActivationAlert": ("roleTemplateId", "roleDisplayName"),
    "RedundantAssignmentAlert": (*ROLE, *ASSIGNEE, "lastActivationDateTime"),
    "RolesAssignedOutsidePimAlert": (*ROLE, *ASSIGNEE, "assignmentCreatedDateTime"),
    "SequentialActivationRenewalsAlert": (
        *(*ROLE, *ASSIGNEE),
        *("activationCount", "sequenceStartDateTime", "sequenceEndDateTime"),
    ),
    "StaleSignInAlert": (*ROLE, *ASSIGNEE, "assignmentCreatedDateTime", "lastSignInDateTime"),
    "TooManyGlobalAdminsAssignedToTenantAlert": ASSIGNEE,
}
"""The properties of an incident of each alert, beside `@odata.type` and `id`."""

ROLES = (
    ("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"),
    ("29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator"),
    ("194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator"),
)
YEAR = datetime(2023, 1, 1, tzinfo=UTC)


def invented(name: str, number: int) -> JsonObject:
    """Return the incident `number` of the alert `name`, without its type; each tenth assignee is a group."""
    role, role_name = ROLES[number % len(ROLES)]
    group = number % 10 == 9  # noqa: PLR2004
    assignee = f"a0000000-0000-4000-8000-{number:012x}"
    at = YEAR + timedelta(minutes=number)
    everything = {
        "tenantLicenseStatus": "Expired",
        "roleTemplateId": role,
        "roleDisplayName": role_name,
        "roleDefinitionId": role,
        "assigneeId": assignee,
        "assigneeDisplayName": f"{'Group' if group else 'Person'} {number}",
        "assigneeUserPrincipalName": None if group else f"person{number}@contoso.com",
        "assignmentCreatedDateTime": dotnet(at),
        "lastActivationDateTime": dotnet(at),
        "lastSignInDateTime": dotnet(at),
        "activationCount": 3 + number % 3,
        "sequenceStartDateTime": dotnet(at),
        "sequenceEndDateTime": dotnet(at + timedelta(hours=2)),
    }
    # A global administrator's incident goes by the id of the assignee; the others by that of the assignment.
    incident_id = assignee if OWN[name] == ASSIGNEE else f"b0000000-0000-4000-8000-{number:012x}"
    return {"id": incident_id} | {key: everything[key] for key in OWN[name]}
