// Both workflows, beside the app. Remove the one that you do not need.

param location string = resourceGroup().location

@description('Name of the Function App: SERVICE_API_NAME.')
param functionAppName string

@description('A key for these workflows only, so that you can revoke it without others.')
@secure()
param functionKey string

@description('The operation to wait for, from the Location of a refresh.')
param operationId string

@description('The Date of the answer to that refresh, as 2026-01-31T12:00:00Z. Empty: an earlier scan counts, too.')
param notBefore string = ''

@minValue(1)
@maxValue(7000)
param timeoutSeconds int = 3600

var parameters = {
  functionAppUrl: { value: 'https://${app.properties.defaultHostName}/api' }
  functionKey: { value: functionKey }
  operationId: { value: operationId }
  notBefore: { value: notBefore }
  timeoutSeconds: { value: timeoutSeconds }
}

resource app 'Microsoft.Web/sites@2024-11-01' existing = {
  name: functionAppName
}

resource pollAlert 'Microsoft.Logic/workflows@2019-05-01' = {
  name: 'poll-pim-alert'
  location: location
  // For your own next actions. The call of the app needs only the key.
  identity: { type: 'SystemAssigned' }
  properties: {
    definition: loadJsonContent('poll-alert.json')
    parameters: parameters
  }
}

resource awaitAlert 'Microsoft.Logic/workflows@2019-05-01' = {
  name: 'await-pim-alert'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    definition: loadJsonContent('await-alert-webhook.json')
    parameters: parameters
  }
}

output POLL_ALERT_PRINCIPAL_ID string = pollAlert.identity.principalId
output AWAIT_ALERT_PRINCIPAL_ID string = awaitAlert.identity.principalId
