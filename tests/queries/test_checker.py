"""The checker of the queries finds what is wrong in them, and says where."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.bicep import INFRA

NODE = INFRA.parent / ".venv-infra" / "bin" / "node"
CHECKER = INFRA / "queries" / "check.mjs"
ALERTS = INFRA / "modules" / "alerts.bicep"


def check(*files: Path, checker: Path = CHECKER) -> subprocess.CompletedProcess[str]:
    command = [str(NODE), str(checker), *(str(file) for file in files)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 - our own program


def check_text(path: Path, text: str) -> subprocess.CompletedProcess[str]:
    path.write_text(text)
    ended = check(path)
    assert ended.returncode == 1
    return ended


def test_every_query_and_every_alert_rule_is_right() -> None:
    ended = check()
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout == f"{len(list(CHECKER.parent.glob('*.kql'))) + 4} queries checked, 0 faults\n"


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("traces\n| where mesage has 'x'", ":2:9: KS142 The name 'mesage' does not refer to any known column"),
        ("AppTraces | take 1", ":1:1: KS204 The name 'AppTraces' does not refer to any known table"),
        ("requests | summarize max(duration) by parse_json(name).a", ":1:39: KS116 The value of type 'dynamic'"),
        ("traces | where (message has 'x'", ":1:32: KS005 Expected: )"),
    ],
    ids=["column", "table", "dynamic", "syntax"],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, query: str, fault: str) -> None:
    assert f"broken.kql{fault}" in check_text(tmp_path / "broken.kql", f"{query}\n").stdout


@pytest.mark.parametrize(
    ("right", "wrong", "word"),
    [
        ("project timestamp, runId", "project timestam, runId", "timestam,"),
        ("| where tostring(customDimensions.outcome) ==", "| where tostrin(customDimensions.outcome) ==", "tostrin("),
    ],
    ids=["in a string with a name", "in the rule"],
)
def test_a_fault_of_an_alert_rule_is_told_with_its_place_in_the_template(
    tmp_path: Path, right: str, wrong: str, word: str
) -> None:
    text = ALERTS.read_text().replace(right, wrong)
    place = text.index(wrong) + wrong.index(word)
    line, column = text.count("\n", 0, place) + 1, place - text.rindex("\n", 0, place)
    assert f"alerts.bicep:{line}:{column}: KS" in check_text(tmp_path / "alerts.bicep", text).stdout


def test_a_template_without_a_query_is_a_fault_of_the_check(tmp_path: Path) -> None:
    assert "there is no query in it" in check_text(tmp_path / "alerts.bicep", "var rules = []\n").stderr


def test_without_the_language_service_the_check_fails_and_says_how_to_get_it(tmp_path: Path) -> None:
    for name in ("check.mjs", "schema.json", "package.json"):
        shutil.copy(CHECKER.parent / name, tmp_path)

    ended = check(checker=tmp_path / "check.mjs")

    assert ended.returncode == 1
    assert "make check-infra" in ended.stderr
