// The sign-in of App Service, and the app registration that it signs callers in for.
extension microsoftGraphV1

param appName string

@description('URL of the app, without a slash at its end.')
param appUri string

@description('The identity of the app. It stands in for a client secret of the registration.')
param identityPrincipalId string

// The tenant id in it makes the URI valid in every tenant. The registration cannot name its own client id.
// https://learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions
var audience = 'api://${tenant().tenantId}/${appName}'
var issuer = '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
var scopeId = guid(appName, 'user_impersonation')

// What a token that stands in for a secret is made for, in each cloud.
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
var exchanges = {
  AzureCloud: 'api://AzureADTokenExchange'
  AzureUSGovernment: 'api://AzureADTokenExchangeUSGov'
  AzureChinaCloud: 'api://AzureADTokenExchangeChina'
}

resource registration 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: appName
  displayName: 'PIM alert refresh (${appName})'
  signInAudience: 'AzureADMyOrg'
  identifierUris: [audience]
  web: {
    redirectUris: ['${appUri}/.auth/login/aad/callback']
    // App Service asks for an ID token at the redirect, and exchanges a code for the rest.
    implicitGrantSettings: { enableIdTokenIssuance: true }
  }
  api: {
    requestedAccessTokenVersion: 2
    oauth2PermissionScopes: [
      {
        id: scopeId
        value: 'user_impersonation'
        type: 'User'
        isEnabled: true
        adminConsentDisplayName: 'Call PIM alert refresh'
        adminConsentDescription: 'Call the app in the name of the signed-in person.'
      }
    ]
    // The Azure CLI: az account get-access-token then needs no consent, but still the assignment of the person.
    preAuthorizedApplications: [
      {
        appId: '04b07795-8ddb-461a-bbee-02f9e1bf7b46'
        delegatedPermissionIds: [scopeId]
      }
    ]
  }
  appRoles: [
    {
      id: guid(appName, 'Runs.ReadWrite')
      value: 'Runs.ReadWrite'
      displayName: 'Use PIM alert refresh'
      description: 'Start, read and cancel runs.'
      allowedMemberTypes: ['User', 'Application']
      isEnabled: true
    }
  ]

  resource assertion 'federatedIdentityCredentials@v1.0' = {
    name: '${registration.uniqueName}/app-identity'
    description: 'The identity of the app stands in for a client secret.'
    issuer: issuer
    subject: identityPrincipalId
    audiences: [exchanges[environment().name]]
  }
}

// Without an assignment, Entra gives nobody a token for the app: neither people nor other apps.
// https://learn.microsoft.com/entra/identity-platform/howto-restrict-your-app-to-a-set-of-users
resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: registration.appId
  appRoleAssignmentRequired: true
}

// 2025-05-01 as in function-app.bicep.
resource app 'Microsoft.Web/sites@2025-05-01' existing = {
  name: appName

  // https://learn.microsoft.com/azure/templates/microsoft.web/sites/config-authsettingsv2
  resource signIn 'config' = {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true }
      globalValidation: {
        requireAuthentication: true
        // A browser is sent to sign in. Anything else gets a 401: ../../docs/deploy.md.
        unauthenticatedClientAction: 'RedirectToLoginPage'
        redirectToProvider: 'azureactivedirectory'
        // Nothing of the Functions host: the platform reaches /admin all the same, and /runtime/webhooks is for nobody.
        // https://github.com/Azure/azure-functions-ux/issues/1371
        excludedPaths: ['/api/health']
      }
      httpSettings: { requireHttps: true }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: registration.appId
            openIdIssuer: issuer
            // No secret: the setting holds the client id of the identity that stands in for one.
            // https://learn.microsoft.com/azure/app-service/configure-authentication-provider-aad#use-a-managed-identity-instead-of-a-secret-preview
            clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
          }
          // A token of version 2 names the client id as its audience. Who may have one, the assignment says.
          validation: { allowedAudiences: [registration.appId, audience] }
        }
      }
      // The app reads who calls from headers, and needs no token of a person.
      login: { tokenStore: { enabled: false } }
    }
  }
}

output clientId string = registration.appId
output audience string = audience
