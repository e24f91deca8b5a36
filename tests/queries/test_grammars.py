"""The two grammars for Bicep see a fault of syntax. What they do not see is in infra/README.md."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.queries.test_answers import PYTHON
from tests.support.bicep import INFRA


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("sku: { name: 'Standard_LRS' }", "sku: { name: 'Standard_LRS' }", 0),
        ("sku: { name: 'Standard_LRS' }", "sku: { name: 'Standard_LRS'", 1),
        ("param location string", "param location string string", 1),
        ("for role in items(", "for role of items(", 1),
        ("sku: { name: 'Standard_LRS' }", "sku: { nam: 'Standard_LRS' }", 0),
    ],
    ids=["no fault", "brace", "type", "keyword", "property, which only the compiler sees"],
)
def test_a_fault_of_syntax_is_seen(tmp_path: Path, right: str, wrong: str, code: int) -> None:
    shutil.copy(INFRA / "modules" / "storage.bicep", tmp_path)
    file = tmp_path / "storage.bicep"
    assert right in file.read_text()
    file.write_text(file.read_text().replace(right, wrong, 1))
    command = [str(PYTHON), str(INFRA / "check_syntax.py"), str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)  # noqa: S603 - our own script
    assert ended.returncode == code, ended.stdout
    assert (f"{file}:" in ended.stdout) is bool(code)
