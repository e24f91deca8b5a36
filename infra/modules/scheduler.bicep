param name string
param location string
param tags object
param taskHubName string
param principalId string
param clientId string
param publicNetworkAccess bool

var taskHubRoles = { 'Durable Task Data Contributor': '0ad04412-c4d5-4796-b79c-f76d14c8d402' }

resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: { name: 'Consumption' }
    publicNetworkAccess: publicNetworkAccess ? 'Enabled' : 'Disabled'
    // Any address: the scheduler accepts tokens only, and Flex Consumption has no fixed outbound address.
    ipAllowlist: publicNetworkAccess ? ['0.0.0.0/0'] : []
  }

  resource taskHub 'taskHubs' = {
    name: taskHubName
  }
}

// 2022-04-01 is the newest stable version.
resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(taskHubRoles): {
    name: guid(scheduler.id, principalId, role.value)
    scope: scheduler
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]

output id string = scheduler.id

// https://learn.microsoft.com/azure/azure-functions/durable/durable-task-scheduler/durable-task-scheduler-identity
output connectionString string = 'Endpoint=${scheduler.properties.endpoint};Authentication=ManagedIdentity;ClientID=${clientId};TaskHub=${scheduler::taskHub.name}'
