// The account of the Functions host: the deployed package, keys and leases, the task hub, and large payloads.

param name string
param location string
param tags object
param principalId string

@description('Whether the durable task hub is kept here, in queues and tables.')
param holdsTaskHub bool

param publicNetworkAccess bool

@description('0 keeps runs, and what they have stored, for good.')
param runRetentionDays int

// A payload is written by a run of up to a day, whose callback may take another, and is read until the night of its purge.
var payloadDays = runRetentionDays + 3

// Owner, not Contributor: https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
var hostRoles = { 'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' }

// https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-configure-managed-identity
var taskHubRoles = {
  'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  'Storage Table Data Contributor': '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
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

    resource payloads 'containers' = {
      // storage/large_payloads.py knows it by this name.
      name: 'pim-alert-refresh-payloads'
    }
  }
}

// Purging a run leaves its blobs. Those of runs begin with a hexadecimal digit, by the id of the run or a name of the
// SDK's own; those of entities with '@', and the memory of an alert points to its last one until the alert is scanned again.
// A rule takes ten prefixes: https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure
var entityDays = payloadDays + 365

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2023-05-01' = if (runRetentionDays > 0) {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'delete-payloads-of-purged-runs-0-to-7'
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: [
                '${account::blobs::payloads.name}/0'
                '${account::blobs::payloads.name}/1'
                '${account::blobs::payloads.name}/2'
                '${account::blobs::payloads.name}/3'
                '${account::blobs::payloads.name}/4'
                '${account::blobs::payloads.name}/5'
                '${account::blobs::payloads.name}/6'
                '${account::blobs::payloads.name}/7'
              ]
            }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: payloadDays } } }
          }
        }
        {
          name: 'delete-payloads-of-purged-runs-8-to-f'
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: [
                '${account::blobs::payloads.name}/8'
                '${account::blobs::payloads.name}/9'
                '${account::blobs::payloads.name}/a'
                '${account::blobs::payloads.name}/b'
                '${account::blobs::payloads.name}/c'
                '${account::blobs::payloads.name}/d'
                '${account::blobs::payloads.name}/e'
                '${account::blobs::payloads.name}/f'
              ]
            }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: payloadDays } } }
          }
        }
        {
          name: 'delete-payloads-of-old-entities'
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: [
                '${account::blobs::payloads.name}/@'
              ]
            }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: entityDays } } }
          }
        }
      ]
    }
  }
}

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
