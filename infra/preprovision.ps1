# preprovision.sh for Windows, which says why each step is there.
$ErrorActionPreference = 'Stop'
if (-not $env:AZURE_ENV_NAME -or -not $env:AZURE_SUBSCRIPTION_ID) {
    [Console]::Error.WriteLine('azd does not know the subscription yet: run azd up, which asks for it, or azd env set AZURE_SUBSCRIPTION_ID <id>.')
    exit 1
}
$subscription = $env:AZURE_SUBSCRIPTION_ID

if ($env:PRIVATE_NETWORKING -eq 'true') {
    $state = az provider show --namespace Microsoft.App --subscription $subscription --query registrationState --output tsv
    if ($LASTEXITCODE) { exit $LASTEXITCODE }
    if ($state -ne 'Registered') {
        Write-Output 'Registering the resource provider Microsoft.App, for the subnet of the app. This takes some minutes.'
        az provider register --namespace Microsoft.App --subscription $subscription --wait
        if ($LASTEXITCODE) { exit $LASTEXITCODE }
    }
}

if ($env:GRANT_GRAPH_PERMISSION -and $env:GRANT_GRAPH_PERMISSION -ne 'true') { exit 0 }
$role = if ($env:REFRESH_ENABLED -eq 'true') { '11059518-d6a6-4851-98ed-509268489c4a' } else { 'ef31918f-2d50-4755-8943-b8638c0a077e' }
$granted = 'false'
$principal = az identity list --subscription $subscription --query "[?resourceGroup=='rg-$($env:AZURE_ENV_NAME)'].principalId" --output tsv
if ($LASTEXITCODE) { exit $LASTEXITCODE }
if ($principal) {
    $graph = az cloud show --query endpoints.microsoftGraphResourceId --output tsv
    if ($LASTEXITCODE) { exit $LASTEXITCODE }
    $url = "$($graph.TrimEnd('/'))/v1.0/servicePrincipals/$principal/appRoleAssignments"
    $roles = az rest --method get --url $url --query 'value[].appRoleId' --output tsv
    if ($LASTEXITCODE) { exit $LASTEXITCODE }
    if ($roles -contains $role) { $granted = 'true' }
}
azd env set GRAPH_PERMISSION_GRANTED $granted --environment $env:AZURE_ENV_NAME
exit $LASTEXITCODE
