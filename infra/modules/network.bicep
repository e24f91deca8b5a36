param name string
param location string
param tags object
param storageAccountId string

@description('Empty without a Durable Task Scheduler.')
param schedulerId string

@description('What gets a private endpoint: services of the storage account, and scheduler.')
param services array

// 2025-05-01: from 2025-07-01 on, a subnet is private by default, and the app could not reach Graph.
resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] }
    subnets: [
      {
        name: 'private-endpoints'
        properties: { addressPrefix: '10.0.1.0/24' }
      }
      {
        name: 'app'
        properties: {
          addressPrefix: '10.0.2.0/24'
          delegations: [
            {
              name: 'flex-consumption'
              // Other plans need Microsoft.Web/serverFarms.
              // https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to#enable-virtual-network-integration
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
    ]
  }
}

// 2024-06-01 is the newest stable version.
resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for service in services: {
    // https://learn.microsoft.com/azure/private-link/private-endpoint-dns
    name: service == 'scheduler' ? 'privatelink.durabletask.io' : 'privatelink.${service}.${environment().suffixes.storage}'
    location: 'global'
    tags: tags
  }
]

// 2024-06-01 is the newest stable version.
resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (service, index) in services: {
    parent: zones[index]
    name: '${name}-${service}'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: network.id }
    }
  }
]

// 2025-05-01 as the network.
resource endpoints 'Microsoft.Network/privateEndpoints@2025-05-01' = [
  for service in services: {
    name: 'pe-${name}-${service}'
    location: location
    tags: tags
    properties: {
      subnet: { id: '${network.id}/subnets/private-endpoints' }
      privateLinkServiceConnections: [
        {
          name: service
          properties: {
            privateLinkServiceId: service == 'scheduler' ? schedulerId : storageAccountId
            groupIds: [service]
          }
        }
      ]
    }
  }
]

// 2025-05-01 as the network.
resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for (service, index) in services: {
    parent: endpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service
          properties: { privateDnsZoneId: zones[index].id }
        }
      ]
    }
  }
]

output appSubnetId string = '${network.id}/subnets/app'
