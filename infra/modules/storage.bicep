// The account of the Functions host: the deployed package, keys and leases, and the task hub.

param name string
param location string
param tags object
param principalId string

@description('Whether the durable task hub is here, in queues and tables.')
param holdsTaskHub bool

param publicNetworkAccess bool

// Owner, not Contributor: https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
var hostRoles = { 'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' }

// https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-configure-managed-identity
var taskHubRoles = {
  'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  'Storage Table Data Contributor': '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}

resource account 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicNetworkAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: publicNetworkAccess ? 'Allow' : 'Deny'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource package 'containers' = {
      name: 'app-package'
    }
  }
}

// 2022-04-01 is the newest stable version.
resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(holdsTaskHub ? union(hostRoles, taskHubRoles) : hostRoles): {
    name: guid(account.id, principalId, role.value)
    scope: account
    properties: {
      principalId: principalId
      // Without it a new identity that is not replicated yet fails the deployment.
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]

output id string = account.id
output endpoints object = account.properties.primaryEndpoints
output packageContainer string = account::blobs::package.name
