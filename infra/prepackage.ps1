# prepackage.sh for Windows, which says why each step is there.
$ErrorActionPreference = 'Stop'
$target = '.python_packages/lib/site-packages'
$python = (Get-Command -Name @('python', 'python3') -ErrorAction SilentlyContinue | Select-Object -First 1).Source
if (-not $python) {
    [Console]::Error.WriteLine('Python was not found: install it, and put it on the PATH.')
    exit 1
}

& $python infra/set_storage_provider.py
if ($LASTEXITCODE) { exit $LASTEXITCODE }

if (Test-Path .python_packages) { Remove-Item .python_packages -Recurse -Force }
$arguments = @(
    '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-compile'
    '--only-binary', ':all:', '--implementation', 'cp', '--python-version', '3.13'
    '--platform', 'manylinux_2_28_x86_64', '--platform', 'manylinux_2_17_x86_64', '--platform', 'manylinux2014_x86_64'
    '--target', $target, '--requirement', 'requirements.txt'
)
& $python @arguments
if ($LASTEXITCODE) { exit $LASTEXITCODE }
Write-Output "The dependencies of the app are in $target."
