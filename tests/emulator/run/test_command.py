"""The command line of `python -m emulator run`, and what `make run` passes to it."""

import os
import subprocess

import pytest

from tests.support.host_process import CHECKOUT


@pytest.mark.parametrize(
    ("variables", "options"),
    [
        ([], ""),
        (["ALERT=StaleSignInAlert"], ' --alert "StaleSignInAlert"'),
        (["ALL=1", "JSON=1"], " --all --json"),
    ],
)
def test_make_run_passes_its_variables_on(variables: list[str], options: str) -> None:
    command = ["make", "--dry-run", "--silent", "run", "BIN=bin", *variables]
    # Nothing of a make around this test.
    environment = {"PATH": os.environ["PATH"]}
    made = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    last = made.stdout.splitlines()[-1]
    assert last.split() == f"bin/python -m emulator run{options}".split()
