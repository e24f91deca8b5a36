# smoke-test.sh for Windows, which says why each step is there.
param([int]$Tries = 30)
$ErrorActionPreference = 'Stop'
$seconds = 10
foreach ($name in 'AZURE_SUBSCRIPTION_ID', 'AZURE_RESOURCE_GROUP', 'SERVICE_API_NAME', 'SERVICE_API_URI') {
    if (-not [Environment]::GetEnvironmentVariable($name)) {
        [Console]::Error.WriteLine("${name}: parameter not set")
        exit 2
    }
}
$uri = $env:SERVICE_API_URI
$app = '--subscription', $env:AZURE_SUBSCRIPTION_ID, '--resource-group', $env:AZURE_RESOURCE_GROUP, '--name', $env:SERVICE_API_NAME

$expected = @(Get-Content (Join-Path $PSScriptRoot 'functions.txt') | Where-Object {
        ($env:REFRESH_SCHEDULE -or $_ -ne 'refresh_on_schedule') -and ($env:RUN_RETENTION_DAYS -ne '0' -or $_ -ne 'purge_runs')
    })

while ($true) {
    $listed = az functionapp function list @app --query '[].name' --output tsv
    if ($LASTEXITCODE) { exit $LASTEXITCODE }
    $found = @($listed | Where-Object { $_ } | ForEach-Object { ($_ -split '/')[-1].Trim() })
    $missing = @($expected | Where-Object { $found -cnotcontains $_ })
    $unexpected = @($found | Where-Object { $expected -cnotcontains $_ })
    if (-not $missing -and -not $unexpected) { break }
    $Tries -= 1
    if ($Tries -le 0) {
        $lines = @(
            'The deployed functions are not the expected ones:'
            $missing | ForEach-Object { "  missing:    $_" }
            $unexpected | ForEach-Object { "  unexpected: $_" }
            'Where all are missing, the app could not be imported: see the exceptions in Application Insights.'
        )
        [Console]::Error.WriteLine($lines -join [Environment]::NewLine)
        exit 1
    }
    Start-Sleep -Seconds $seconds
}

try {
    $health = Invoke-WebRequest -Uri "$uri/api/health" -TimeoutSec 100 -SkipHttpErrorCheck
    $answer = if ($health.StatusCode -eq 200) { $null } else { [string]$health.Content }
} catch {
    $answer = $_.Exception.Message
}
if ($null -ne $answer) {
    [Console]::Error.WriteLine("The app is not healthy: $answer")
    exit 1
}
Write-Output "$($found.Count) functions, and healthy: $uri"

$entra = $env:AUTH_MODE -eq 'entra'
if ($entra) {
    $credential = 'token'
    $get = 'account', 'get-access-token', '--subscription', $env:AZURE_SUBSCRIPTION_ID, '--resource', $env:AUTH_AUDIENCE, '--query', 'accessToken', '-o', 'tsv'
    $name, $prefix = 'Authorization', 'Bearer '
    $page = "$uri/api/alerts"
} else {
    $credential = 'key'
    $get = 'functionapp', 'keys', 'list', '--subscription', $env:AZURE_SUBSCRIPTION_ID, '-g', $env:AZURE_RESOURCE_GROUP, '-n', $env:SERVICE_API_NAME, '--query', 'functionKeys.default', '-o', 'tsv'
    $name, $prefix = 'x-functions-key', ''
    $page = "$uri/api/alerts?code=<key>"
}
Write-Output @"

Next:
  the ${credential}:  az $($get -join ' ')
  the first call:  curl -i -X POST "$uri/api/runs?alertId=StaleSignInAlert" -H "${name}: $prefix<$credential>" -H "Content-Type: application/json" -d "{}"
  the page:  $page
"@
if ($env:REFRESH_ENABLED -ne 'true') {
    Write-Output ''
    Write-Output 'The first call is a refresh, and refreshing is off: see docs/deploy.md before you turn it on.'
}
Write-Output ''

$secret = az @get
if ($LASTEXITCODE) {
    if (-not $entra) { exit $LASTEXITCODE }
    Write-Output @"
The doctor was not asked: Entra gives you no token for the app. A Cloud Application Administrator lets you call the app:
  infra/allow-caller.sh $($env:AUTH_CLIENT_ID) "`$(az ad signed-in-user show --query id -o tsv)"
Then: azd hooks run postdeploy
"@
    exit 0
}
$headers = @{ $name = "$prefix$secret"; Accept = 'application/json' }
try {
    # App Service takes the User-Agent of PowerShell for a browser, and would send it to a page to sign in.
    $answer = Invoke-RestMethod -Uri "$uri/api/doctor" -Headers $headers -UserAgent 'smoke-test' -TimeoutSec 100
    $checks = @($answer.checks)
    if (-not $answer.status -or -not $checks) { throw 'its answer cannot be read' }
} catch {
    [Console]::Error.WriteLine("The doctor does not answer: $_")
    exit 1
}
$bad = @($checks | Where-Object { $_.status -ne 'ok' })
Write-Output "The doctor: $($answer.status), $($checks.Count - $bad.Count) of $($checks.Count) checks are ok."
$bad | ForEach-Object { Write-Output "  $($_.status.PadRight(8)) $($_.name): $($_.detail)" }
if ($answer.status -eq 'failed') { exit 1 }
