extension microsoftGraphV1

param principalId string
param refreshEnabled bool

// Application permissions: https://learn.microsoft.com/graph/permissions-reference#rolemanagementalertreaddirectory
var appRoles = {
  'RoleManagementAlert.Read.Directory': 'ef31918f-2d50-4755-8943-b8638c0a077e'
  'RoleManagementAlert.ReadWrite.Directory': '11059518-d6a6-4851-98ed-509268489c4a'
}

resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  // The application id of Microsoft Graph is the same in every tenant and cloud.
  appId: '00000003-0000-0000-c000-000000000000'
}

// A deployment removes nothing: after REFRESH_ENABLED is turned off, remove the larger permission by hand.
resource grant 'Microsoft.Graph/appRoleAssignedTo@v1.0' = {
  principalId: principalId
  resourceId: graph.id
  appRoleId: appRoles[refreshEnabled ? 'RoleManagementAlert.ReadWrite.Directory' : 'RoleManagementAlert.Read.Directory']
}
