param token string
param workspaceName string

// In a workspace, the tables and columns of Application Insights have other names:
// https://learn.microsoft.com/azure/azure-monitor/app/convert-classic-resource#table-schemas
var inApplicationInsights = loadTextContent('../queries/alert-changes.kql')
var inTable = replace(inApplicationInsights, 'traces\n', 'AppTraces\n')
var inWorkspace = replace(replace(inTable, 'customDimensions', 'Properties'), 'timestamp', 'TimeGenerated')

// 2025-07-01 is the newest stable version.
resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

// Sentinel must be on for the workspace; otherwise the deployment fails. 2025-09-01 is the newest stable version.
resource alertChanged 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  name: guid(workspace.id, token, 'pim.alert.changed')
  scope: workspace
  kind: 'Scheduled'
  properties: {
    displayName: 'A PIM alert changed'
    description: 'An alert of Privileged Identity Management became active, or has a new incident.'
    severity: 'Medium'
    enabled: true
    query: '${inWorkspace}| where change in (\'active\', \'added\', \'unlisted\')\n'
    queryFrequency: 'PT1H'
    queryPeriod: 'PT1H'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionEnabled: false
    suppressionDuration: 'PT1H'
    tactics: ['PrivilegeEscalation', 'Persistence']
    // One alert of Sentinel for all changes of an hour: a new rule in PIM can bring hundreds.
    eventGroupingSettings: { aggregationKind: 'SingleAlert' }
    customDetails: {
      runId: 'runId'
      alert: 'alert'
      change: 'change'
      role: 'role'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: false
        reopenClosedIncident: false
        lookbackDuration: 'PT1H'
        matchingMethod: 'AllEntities'
      }
    }
  }
}
