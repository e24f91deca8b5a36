targetScope = 'subscription'

@description('Name of the azd environment. The names of all resources are made of it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('A region with Flex Consumption, and with the Durable Task Scheduler if that is the backend.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Where the durable runs are kept: in the storage account of the app, or in a Durable Task Scheduler.')
@allowed(['storage', 'scheduler'])
param durableBackend string = 'storage'

@description('Whether the storage account is reached through private endpoints only. The HTTP API stays public.')
param privateNetworking bool = false

@description('Whether this deployment grants the Graph permission. It takes a Privileged Role Administrator.')
param grantGraphPermission bool = true

@description('Whether the identity has the Graph permission: granting it again fails. The preprovision hook asks Graph.')
param graphPermissionGranted bool = false

@description('Who gets a mail when an alert rule fires. Empty: the rules fire in the portal only.')
param alertEmail string = ''

@description('Whether a rule of Microsoft Sentinel makes an incident of each alert that changed. Sentinel must be on for the workspace.')
param sentinelRule bool = false

@description('Memory of an instance. Host and worker take 285 to 385 MB of it.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 512

@description('Instances that always run, for orchestrations and activities. They cost money all day.')
@minValue(0)
@maxValue(40)
param alwaysReadyInstances int = 0

// The settings of the app: docs/settings.md explains each. Empty is the app's own default.

param graphBaseUrl string = ''
param graphScope string = ''
param pollMinSeconds string = ''
param pollMaxSeconds string = ''
param runTimeoutSeconds string = ''

@description('0 keeps runs for ever. The Durable Task Scheduler removes ended runs itself, 30 days after their end at the latest.')
@minValue(0)
@maxValue(3650)
param runRetentionDays int = 30

@description('Whether runs may refresh: then the identity gets the larger of the two Graph permissions.')
param refreshEnabled bool = false

param refreshSchedule string = ''

@secure()
param changesCallbackUrl string = ''

@description('What is posted there: the outcome as JSON, or a card for Microsoft Teams.')
@allowed(['json', 'teams'])
param changesFormat string = 'json'

@description('The least severity of an alert whose changes are posted.')
@allowed(['informational', 'low', 'medium', 'high'])
param changesMinSeverity string = 'low'

@description('Object ids of the people, groups and apps whose incidents are expected, with commas.')
param changesIgnore string = ''

@description('Whether the log lines about changes name people.')
param logIncidentPeople bool = false

param callbackAllowedHosts string = ''
param publicUrl string = ''
param incidentsLimitBytes string = ''

@description('Who may call: whoever has a key of the app, or whoever App Service signs in with Entra.')
@allowed(['key', 'entra'])
param authMode string = 'key'

var tags = { 'azd-env-name': environmentName }
var token = toLower(uniqueString(subscription().id, environmentName, location))
var onScheduler = durableBackend == 'scheduler'

// 2025-04-01 is the newest stable version.
resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: 'id-${token}'
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    holdsTaskHub: !onScheduler
    publicNetworkAccess: !privateNetworking
  }
}

module scheduler 'modules/scheduler.bicep' = if (onScheduler) {
  scope: group
  params: {
    name: 'dts-${token}'
    location: location
    tags: tags
    // The hub name of host.json: both backends use the same.
    taskHubName: loadJsonContent('../host.json').extensions.durableTask.hubName
    principalId: identity.outputs.principalId
    clientId: identity.outputs.clientId
    publicNetworkAccess: !privateNetworking
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  scope: group
  params: {
    name: 'vnet-${token}'
    location: location
    tags: tags
    storageAccountId: storage.outputs.id
    schedulerId: onScheduler ? scheduler!.outputs.id : ''
    services: onScheduler ? ['blob', 'scheduler'] : ['blob', 'queue', 'table']
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module functionApp 'modules/function-app.bicep' = {
  scope: group
  params: {
    name: 'func-${token}'
    planName: 'plan-${token}'
    location: location
    tags: tags
    instanceMemoryMB: instanceMemoryMB
    alwaysReadyInstances: alwaysReadyInstances
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageEndpoints: storage.outputs.endpoints
    packageContainer: storage.outputs.packageContainer
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    schedulerConnectionString: onScheduler ? scheduler!.outputs.connectionString : ''
    subnetId: privateNetworking ? network!.outputs.appSubnetId : ''
    settings: {
      GRAPH_BASE_URL: graphBaseUrl
      GRAPH_SCOPE: graphScope
      POLL_MIN_SECONDS: pollMinSeconds
      POLL_MAX_SECONDS: pollMaxSeconds
      RUN_TIMEOUT_SECONDS: runTimeoutSeconds
      RUN_RETENTION_DAYS: string(runRetentionDays)
      REFRESH_ENABLED: string(refreshEnabled)
      REFRESH_SCHEDULE: refreshSchedule
      CHANGES_CALLBACK_URL: changesCallbackUrl
      CHANGES_FORMAT: changesFormat
      CHANGES_MIN_SEVERITY: changesMinSeverity
      CHANGES_IGNORE: changesIgnore
      LOG_INCIDENT_PEOPLE: string(logIncidentPeople)
      CALLBACK_ALLOWED_HOSTS: callbackAllowedHosts
      PUBLIC_URL: publicUrl
      INCIDENTS_LIMIT_BYTES: incidentsLimitBytes
      AUTH_MODE: authMode
    }
  }
}

module authentication 'modules/authentication.bicep' = if (authMode == 'entra') {
  scope: group
  params: {
    appName: functionApp.outputs.name
    appUri: functionApp.outputs.uri
    identityPrincipalId: identity.outputs.principalId
  }
}

module graphPermission 'modules/graph-permission.bicep' = if (grantGraphPermission && !graphPermissionGranted) {
  scope: group
  // Entra needs time to know the new identity everywhere: "Not a valid reference update" otherwise.
  // https://github.com/microsoftgraph/msgraph-bicep-types/issues/193
  dependsOn: [functionApp]
  params: {
    principalId: identity.outputs.principalId
    refreshEnabled: refreshEnabled
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    // Without a schedule, a day without a run is no fault.
    expectsDailyRun: !empty(refreshSchedule)
    email: alertEmail
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    applicationInsightsId: monitoring.outputs.applicationInsightsId
  }
}

module sentinel 'modules/sentinel.bicep' = if (sentinelRule) {
  scope: group
  params: {
    token: token
    workspaceName: monitoring.outputs.workspaceName
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output SERVICE_API_NAME string = functionApp.outputs.name
output SERVICE_API_URI string = functionApp.outputs.uri
output SERVICE_API_IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId

// Empty with keys. infra/allow-caller.sh takes the first, az account get-access-token the second.
output AUTH_CLIENT_ID string = authMode == 'entra' ? authentication!.outputs.clientId : ''
output AUTH_AUDIENCE string = authMode == 'entra' ? authentication!.outputs.audience : ''
