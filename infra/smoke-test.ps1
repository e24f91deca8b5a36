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
Write-Output @"
$($found.Count) functions, and healthy: $uri

Next:
  the key:         az functionapp keys list --subscription $($env:AZURE_SUBSCRIPTION_ID) -g $($env:AZURE_RESOURCE_GROUP) -n $($env:SERVICE_API_NAME) --query functionKeys.default -o tsv
  the first call:  curl -i -X POST "$uri/api/runs?alertId=StaleSignInAlert" -H "x-functions-key: <key>" -d ""
  the page:        $uri/api/runs?code=<key>
"@
if ($env:REFRESH_ENABLED -ne 'true') {
    Write-Output ''
    Write-Output 'The first call is a refresh, and refreshing is off: see docs/deploy.md before you turn it on.'
}
