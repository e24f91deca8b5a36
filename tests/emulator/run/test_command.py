"""The command line of `python -m emulator run`, and what `make run` passes to it."""

import argparse
import os
import subprocess

import pytest

from emulator.graph.tenant import ALERT_NAMES
from emulator.run.command import configure
from tests.support.host_process import CHECKOUT


def parsed(*options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run")
    configure(parser)
    return parser.parse_args(options)


def test_without_options_an_operation_is_polled() -> None:
    options = parsed()
    assert (options.alert, options.all, options.json) == (None, False, False)


@pytest.mark.parametrize("name", ALERT_NAMES)
def test_each_alert_can_be_refreshed(name: str) -> None:
    assert parsed("--alert", name).alert == name


@pytest.mark.parametrize("name", ["StaleSignIn", "stalesigninalert", "", "refresh:StaleSignInAlert"])
def test_the_error_for_an_unknown_alert_names_the_known_ones(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed("--alert", name)

    assert ended.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert f"there is no alert '{name}'" in last
    assert len(ALERT_NAMES) == 7
    assert all(known in last for known in ALERT_NAMES)


def test_one_alert_or_all() -> None:
    with pytest.raises(SystemExit):
        parsed("--alert", "StaleSignInAlert", "--all")


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
