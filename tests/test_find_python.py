"""`make setup` finds a Python by running it, and says in one sentence when there is none."""

import subprocess
import sys
from pathlib import Path

import pytest

FIND = Path(__file__).parents[1] / ".ci" / "find-python"
A_PYTHON = sys._base_executable  # type: ignore[attr-defined]  # noqa: SLF001 - the one outside every virtual environment
SHIM = "#!/bin/sh\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n"


def find(home: Path, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own script
        ["/bin/sh", FIND], env={"HOME": str(home), "PATH": str(path)}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a folder to be PATH, with a shim of pyenv that exists and fails."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python3.13").write_text(SHIM)
    (folder / "python3.13").chmod(0o755)
    return folder


def test_a_shim_that_fails_is_passed_over_for_a_python_on_path(tmp_path: Path, path: Path) -> None:
    (path / "python3").symlink_to(A_PYTHON)

    assert find(tmp_path, path).stdout.strip() == str(path / "python3")


def test_the_versions_folder_of_pyenv_is_looked_into(tmp_path: Path, path: Path) -> None:
    python = tmp_path / ".pyenv" / "versions" / "3.13.9" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(A_PYTHON)

    assert find(tmp_path, path).stdout.strip() == str(python)


def test_uv_is_the_last_resort(tmp_path: Path, path: Path) -> None:
    (path / "uv").write_text(f"#!/bin/sh\necho {A_PYTHON}\n")
    (path / "uv").chmod(0o755)

    assert find(tmp_path, path).stdout.strip() == A_PYTHON


def test_without_any_it_says_so_in_one_sentence(tmp_path: Path, path: Path) -> None:
    found = find(tmp_path, path)

    assert found.returncode == 1
    assert found.stdout == ""
    assert found.stderr.startswith("Python 3.13 or newer is needed and was not found: install it")
    assert len(found.stderr.splitlines()) == 1
