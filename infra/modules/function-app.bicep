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

param instanceMemoryMB int
param alwaysReadyInstances int

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
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // With it the app exports its telemetry itself, in the traces of the host: alert_refresh/telemetry/configuration.py.
  PYTHON_ENABLE_OPENTELEMETRY: 'true'
  // azure-identity finds a user-assigned identity only by its client id.
  AZURE_CLIENT_ID: identityClientId
  // By default azure-identity also tries the tools of developers, and its error is about them.
  // https://learn.microsoft.com/python/api/overview/azure/identity-readme#defaultazurecredential
  AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
  // By default the host and its worker read bodies of 100 MB from anybody, with or without a key. The app accepts 64 KiB.
  // https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#limits
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1048576'
}

// host.json names this setting when the app is packaged for the scheduler: ../set_storage_provider.py.
var schedulerSettings = { DURABLE_TASK_SCHEDULER_CONNECTION_STRING: schedulerConnectionString }

// For the scheduler, the identity has no role on queues and tables, and the host would try a table that it is told of.
var storageHubSettings = {
  AzureWebJobsStorage__queueServiceUri: storageEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: storageEndpoints.table
}

// For the sign-in of App Service: authentication.bicep.
// https://learn.microsoft.com/azure/app-service/configure-authentication-provider-aad
var signInSettings = {
  OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identityClientId
  WEBSITE_AUTH_AAD_ALLOWED_TENANTS: tenant().tenantId
}

// 2025-05-01 is the version of Microsoft's own SDK (azure-mgmt-web 11.0.1), and has siteUpdateStrategy.
resource plan 'Microsoft.Web/serverfarms@2025-05-01' = {
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

// 2025-05-01 as above.
resource app 'Microsoft.Web/sites@2025-05-01' = {
  name: name
  location: location
  // On the site alone: azd takes each resource with this tag for the place to deploy to.
  tags: union(tags, { 'azd-service-name': 'api' })
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
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: 40
        // The group of everything durable: https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#per-function-scaling
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'durable', instanceCount: alwaysReadyInstances }]
      }
      // New instances take over before old ones stop.
      siteUpdateStrategy: { type: 'RollingUpdate' }
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
    properties: union(
      settings,
      hostSettings,
      onScheduler ? schedulerSettings : storageHubSettings,
      settings.AUTH_MODE == 'entra' ? signInSettings : {}
    )
  }

  // The app is deployed and operated with tokens of Entra: no password opens it.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

output name string = app.name
output uri string = 'https://${app.properties.defaultHostName}'
