// Three workflows beside the app. Remove those that you do not need.

param location string = resourceGroup().location

@description('Those of the group, so that the workflows are found with the rest.')
param tags object = resourceGroup().tags

@description('Name of the Function App: SERVICE_API_NAME.')
param functionAppName string

@description('A key for these workflows only, so that you can revoke it without others. Empty with an audience.')
@secure()
param functionKey string

@description('AUTH_AUDIENCE of an app with AUTH_MODE=entra: the workflows call it with their identities. Empty for a key.')
param audience string = ''

@description('The alert of the first two workflows: a short name, or the id that Graph has for it.')
param alertId string = 'StaleSignInAlert'

@minValue(1)
@maxValue(7000)
param timeoutSeconds int = 3600

@description('Where the third workflow posts its card. Empty: there is no third workflow.')
@secure()
param teamsWebhookUrl string = ''

var common = {
  functionAppUrl: { value: 'https://${app.properties.defaultHostName}/api' }
  functionKey: { value: functionKey }
  timeoutSeconds: { value: timeoutSeconds }
}
var oneAlert = { alertId: { value: alertId } }
var teams = { teamsWebhookUrl: { value: teamsWebhookUrl } }

// What a call of the app gets beside that.
// https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#managed-identity-authentication
var call = empty(audience) ? {} : { authentication: { type: 'ManagedServiceIdentity', audience: audience } }

// 2025-05-01, as ../modules/function-app.bicep.
resource app 'Microsoft.Web/sites@2025-05-01' existing = {
  name: functionAppName
}

// 2019-05-01 is the newest stable version.
resource refreshAndWait 'Microsoft.Logic/workflows@2019-05-01' = {
  name: 'pim-refresh-and-wait'
  location: location
  tags: tags
  // For the call of the app, if there is an audience, and for your own next actions.
  identity: { type: 'SystemAssigned' }
  properties: {
    definition: union(loadJsonContent('refresh-and-wait.json'), { actions: { Refresh_alert: { inputs: call } } })
    parameters: union(common, oneAlert)
  }
}

// 2019-05-01 is the newest stable version.
resource subscribe 'Microsoft.Logic/workflows@2019-05-01' = {
  name: 'pim-subscribe'
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    definition: union(loadJsonContent('subscribe.json'), { actions: { Refresh_alert: { inputs: { subscribe: call, unsubscribe: call } } } })
    parameters: union(common, oneAlert)
  }
}

// 2019-05-01 is the newest stable version.
resource morningChanges 'Microsoft.Logic/workflows@2019-05-01' = if (!empty(teamsWebhookUrl)) {
  name: 'pim-morning-changes'
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    definition: union(loadJsonContent('morning-changes.json'), { actions: { Refresh_all_alerts: { inputs: call } } })
    parameters: union(common, teams)
  }
}

output REFRESH_AND_WAIT_PRINCIPAL_ID string = refreshAndWait.identity.principalId
output SUBSCRIBE_PRINCIPAL_ID string = subscribe.identity.principalId
