param token string
param location string
param tags object
param applicationInsightsId string

// ../workbook/build.py makes the workbook. Only the deployment knows the resource that the queries run on.
var workbook = union(loadJsonContent('../workbook/pim-alert-refresh.workbook'), {
  fallbackResourceIds: [applicationInsightsId]
})

// 2023-06-01 is the newest stable version.
resource runs 'Microsoft.Insights/workbooks@2023-06-01' = {
  // The name of a workbook is a GUID.
  name: guid(applicationInsightsId, token)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'PIM alert refresh'
    category: 'workbook'
    sourceId: applicationInsightsId
    serializedData: string(workbook)
    version: 'Notebook/1.0'
  }
}
