"""Runs the scripts beside the templates, with stand-ins that write down what they are asked for.

Each hook exists for sh and for PowerShell. Its tests run in the shells that this machine has.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.bicep import INFRA

AZ = """#!/bin/sh
printf 'az %s\\n' "$*" >> "$ASKED"
case "$*" in
    "functionapp function list"*) printf %s "$FUNCTIONS"; exit "${EXIT:-0}" ;;
    "functionapp keys list"*) echo "s3cret key" ;;
    "account get-access-token"*) printf %s "$TOKEN"; [ -n "$TOKEN" ] ;;
    "cloud show"*) echo https://graph.microsoft.us/ ;;
    "ad sp show --id client"*appRoles*) echo role-id ;;
    "ad sp show --id client"*) echo app-object-id ;;
    "ad sp show"*) echo graph-object-id ;;
    "identity list"*) printf %s "$IDENTITY"; exit "${EXIT:-0}" ;;
    "provider show"*) echo "$STATE" ;;
    "rest --method get"*) printf %s "$GRANTED" ;;
    "rest --method post"*) printf %s "$REFUSED" >&2; [ -z "$REFUSED" ] ;;
esac
"""
AZD = """#!/bin/sh
printf 'azd %s\\n' "$*" >> "$ASKED"
"""
PYTHON = f"""#!/bin/sh
printf 'python %s\\n' "$*" >> "$ASKED"
case "$*" in "-m pip"*) exit "${{EXIT:-0}}" ;; *list_checks.py) exec {sys.executable} "$@" ;; esac
"""
CURL = f"""#!/bin/sh
printf 'curl %s\\n' "$*" >> "$ASKED"
exec {shutil.which("curl")} "$@"
"""
SHELLS = {"sh": "sh", "pwsh": "ps1"}
each_shell = pytest.mark.parametrize("shell", [shell for shell in SHELLS if shutil.which(shell)])


class Scripts:
    """Runs the scripts, with the stand-ins first on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "asked").touch()
        for name, program in {"az": AZ, "azd": AZD, "curl": CURL, "python": PYTHON, "python3": PYTHON}.items():
            (folder / name).write_text(program)
            (folder / name).chmod(0o755)
        path = f"{folder}:{os.environ['PATH']}"
        self.environment = {"PATH": path, "HOME": str(folder), "ASKED": str(folder / "asked")}

    @property
    def asked(self) -> list[str]:
        return (self.folder / "asked").read_text().splitlines()

    def run(self, shell: str, name: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [shell, str(INFRA / f"{name}.{SHELLS[shell]}"), *arguments]
        environment = self.environment | variables
        return subprocess.run(  # noqa: S603 - our own script
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=50
        )

    def preprovision(self, shell: str, **variables: str) -> subprocess.CompletedProcess[str]:
        known = {"AZURE_SUBSCRIPTION_ID": "subscription", "AZURE_ENV_NAME": "dev"}
        return self.run(shell, "preprovision", **{**known, **variables})


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    return Scripts(tmp_path)
