param token string
param location string
param tags object
param principalId string

var metricsPublisher = { 'Monitoring Metrics Publisher': '3913510d-42f4-4e42-8a64-420c390055eb' }

// 2025-07-01 is the newest stable version.
resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: 'log-${token}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
  }
}

// 2020-02-02 is the newest stable version.
resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

// https://learn.microsoft.com/azure/azure-monitor/app/azure-ad-authentication
// 2022-04-01 is the newest stable version.
resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(metricsPublisher): {
    name: guid(applicationInsights.id, principalId, role.value)
    scope: applicationInsights
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]

output workspaceName string = workspace.name
output applicationInsightsId string = applicationInsights.id
output connectionString string = applicationInsights.properties.ConnectionString
