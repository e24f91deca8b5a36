param token string
param location string
param tags object
param applicationInsightsId string

@description('Whether a day without a run that succeeded is a fault.')
param expectsDailyRun bool

param email string

// The log line of the end of a run: describe_end in alert_refresh/run/outcome.py. The app exports each, whatever is sampled.
var ends = '''
traces
| where tostring(customDimensions.event) == 'end'
'''

// A run counts once, by the app's line or by the host's. The app writes none when it fails outside of a step. The host exports
// none of a trace that it leaves out: by default, AzureMonitorExporterOptions.cs in azure-sdk-for-net keeps five a second.
// Names: EndToEndTraceHelper.cs in azure-functions-durable-extension, https://github.com/Azure/azure-sdk-for-net/pull/44754
var failedRuns = '''
traces
| extend outcome = tostring(customDimensions.outcome)
| extend byApp = tostring(customDimensions.event) == 'end' and outcome !in ('succeeded', 'run-cancelled')
| extend byHost = tostring(customDimensions.CategoryName) == 'Host.Triggers.DurableTask'
    and tostring(customDimensions.functionName) == 'await_alert'
    and tostring(customDimensions.state) == 'Failed'
    and tostring(customDimensions.isReplay) == 'False'
| where byApp or byHost
| extend runId = iff(byApp, tostring(customDimensions.runId), tostring(customDimensions.instanceId))
| summarize timestamp = max(timestamp) by runId
'''

// A delivery ends as failed when the receiver refuses, or after a day of attempts: alert_refresh/run/delivery.py.
var failedCallbacks = '''
traces
| where tostring(customDimensions.event) == 'callback' and tostring(customDimensions.decision) == 'failed'
| project timestamp, runId = tostring(customDimensions.runId)
'''

var rules = [
  {
    name: 'run-failed'
    title: 'A run ended without an alert'
    severity: 2
    query: failedRuns
    window: 'PT15M'
    operator: 'GreaterThan'
    threshold: 0
    enabled: true
    dimensions: []
  }
  {
    name: 'no-run-succeeded'
    title: 'No run has succeeded for a day'
    severity: 1
    query: '${ends}| where tostring(customDimensions.outcome) == \'succeeded\''
    window: 'P1D'
    operator: 'LessThan'
    threshold: 1
    enabled: expectsDailyRun
    dimensions: []
  }
  {
    name: 'graph-refuses'
    title: 'Microsoft Graph answers 403: the permission or the licence is missing'
    severity: 1
    query: '${ends}| where tostring(customDimensions.outcome) in (\'permission-missing\', \'license-missing\')'
    window: 'PT15M'
    operator: 'GreaterThan'
    threshold: 0
    enabled: true
    dimensions: []
  }
  {
    name: 'callback-failed'
    title: 'A callback did not get the outcome of its run'
    severity: 2
    query: failedCallbacks
    window: 'PT15M'
    operator: 'GreaterThan'
    threshold: 0
    enabled: true
    // Each run is an alert of its own, and its mail names the run.
    dimensions: [{ name: 'runId', operator: 'Include', values: ['*'] }]
  }
]

// 2023-01-01 is the newest stable version.
resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'PimAlerts'
    emailReceivers: [
      {
        name: 'email'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

// 2023-12-01: an older Bicep does not know 2026-03-01, the next one, and then checks no property.
resource alertRules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${rule.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.title
      severity: rule.severity
      enabled: rule.enabled
      scopes: [applicationInsightsId]
      evaluationFrequency: rule.window == 'P1D' ? 'PT1H' : rule.window
      windowSize: rule.window
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: rule.operator
            threshold: rule.threshold
            dimensions: rule.dimensions
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      autoMitigate: true
      actions: { actionGroups: empty(email) ? [] : [actionGroup.id] }
    }
  }
]
