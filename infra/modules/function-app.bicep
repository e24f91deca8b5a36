param name string
param planName string
param location string
param tags object
param identityId string
param identityClientId string

@description('URLs of the storage services: blob, queue, table.')
param storageEndpoints object

@description('The blob container of the deployed package.')
param packageContainer string

param applicationInsightsConnectionString string

@description('Connection string of the Durable Task Scheduler; empty when the task hub is in the storage account.')
param schedulerConnectionString string

@description('A subnet that is delegated to Microsoft.App/environments; empty for no virtual network.')
param subnetId string

@description('The app\'s own settings; an empty one has the app\'s default.')
@secure()
param settings object

var onScheduler = !empty(schedulerConnectionString)

// serviceUri, since accountName works in the public cloud only: it stands for *.core.windows.net.
// https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
var hostSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__blobServiceUri: storageEndpoints.blob
  AzureWebJobsStorage__queueServiceUri: storageEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: storageEndpoints.table
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // With it the app exports its telemetry itself, in the traces of the host: alert_refresh/telemetry/configuration.py.
  PYTHON_ENABLE_OPENTELEMETRY: 'true'
  // A setting with this prefix wins over host.json. By default, sampling would drop traces that the alert rules count.
  // https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values
  AzureFunctionsJobHost__logging__applicationInsights__samplingSettings__excludedTypes: 'Exception;Request;Trace'
  // azure-identity finds a user-assigned identity only by its client id.
  AZURE_CLIENT_ID: identityClientId
  // By default azure-identity also tries the tools of developers, and its error is about them.
  // https://learn.microsoft.com/python/api/overview/azure/identity-readme#defaultazurecredential
  AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
  // By default the host and its worker read bodies of 100 MB from anybody, with or without a key. The app accepts 64 KiB.
  // https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#limits
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1048576'
}

// host.json names this setting when the app is packaged for the scheduler: ../set-storage-provider.sh.
var schedulerSettings = { DURABLE_TASK_SCHEDULER_CONNECTION_STRING: schedulerConnectionString }

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: { minTlsVersion: '1.2' }
    functionAppConfig: {
      runtime: {
        name: 'python'
        version: '3.13'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: 40
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storageEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(settings, hostSettings, onScheduler ? schedulerSettings : {})
  }
}

output name string = app.name
output uri string = 'https://${app.properties.defaultHostName}'
