"""The step of CI that compiles the templates fails for whatever the compiler says, with a compiler of our own."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.bicep import INFRA

BICEP = """#!/bin/sh
printf '%s\\n' "$*" >> "$ASKED"
[ "$1" != "$ON" ] || { echo "$SAYS" >&2; exit "$EXIT"; }
[ "$1" != build ] || echo '{}'
"""


@pytest.mark.parametrize(
    ("command", "says", "code", "fails"),
    [
        ("none", "", "0", 0),
        ("build", "main.bicep(1,1) : Warning BCP037: The property is not allowed", "0", 1),
        ("build", "main.bicep(1,1) : Error BCP057: The name does not exist", "1", 1),
        ("build", "", "1", 1),
        ("lint", "main.bicep(1,1) : Warning no-unused-params", "0", 1),
    ],
)
def test_whatever_the_compiler_says_fails(tmp_path: Path, command: str, says: str, code: str, fails: int) -> None:
    jobs = yaml.safe_load((INFRA.parent / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    [step] = [step for step in jobs["bicep"]["steps"] if step.get("name") == "Compile and lint"]
    (tmp_path / "bicep").write_text(BICEP)
    (tmp_path / "bicep").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "ASKED": str(tmp_path / "asked")}

    ended = subprocess.run(  # noqa: S603 - the step as GitHub runs it
        ["bash", "-e", "-c", step["run"]],  # noqa: S607 - the shell of the runner
        cwd=tmp_path,
        env=environment | {"ON": command, "SAYS": says, "EXIT": code},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == fails
    assert says in ended.stdout
    files = ("infra/main.bicep", "infra/logic-apps/main.bicep")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == [line for file in files for line in (f"build --stdout {file}", f"lint {file}")]
