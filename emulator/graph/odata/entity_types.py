"""The properties and relationships that `$select`, `$expand` and `$filter` may name.

https://learn.microsoft.com/graph/api/resources/privilegedidentitymanagementv3-overview?view=graph-rest-beta
"""

from dataclasses import dataclass

EDM = {
    "incidentCount": "Edm.Int32",
    "isActive": "Edm.Boolean",
    "isConfigurable": "Edm.Boolean",
    "isEnabled": "Edm.Boolean",
    "isRemediatable": "Edm.Boolean",
    "lastModifiedDateTime": "Edm.DateTimeOffset",
    "lastScannedDateTime": "Edm.DateTimeOffset",
}
"""The types of the properties that are no strings."""


@dataclass(frozen=True, slots=True)
class EntityType:
    name: str
    properties: tuple[str, ...]
    navigations: tuple[str, ...] = ()

    def lacks(self, name: str) -> str:
        return f"Could not find a property named '{name}' on type 'microsoft.graph.{self.name}'."


SCOPE = ("scopeType", "scopeId")
OPERATION = EntityType(
    "longRunningOperation",
    ("id", "createdDateTime", "lastActionDateTime", "resourceLocation", "status", "statusDetail"),
)
ALERT = EntityType(
    "unifiedRoleManagementAlert",
    ("id", "alertDefinitionId", *SCOPE, "incidentCount", "isActive", "lastModifiedDateTime", "lastScannedDateTime"),
    ("alertConfiguration", "alertDefinition", "alertIncidents"),
)
DEFINITION = EntityType(
    "unifiedRoleManagementAlertDefinition",
    (
        *("id", "displayName", *SCOPE, "description", "severityLevel", "securityImpact", "mitigationSteps"),
        *("howToPrevent", "isRemediatable", "isConfigurable"),
    ),
)
# Configurations and incidents are sent as derived types, whose own properties cannot be named through the base type.
CONFIGURATION = EntityType(
    "unifiedRoleManagementAlertConfiguration",
    ("id", "alertDefinitionId", *SCOPE, "isEnabled"),
    ("alertDefinition",),
)
INCIDENT = EntityType("unifiedRoleManagementAlertIncident", ("id",))
