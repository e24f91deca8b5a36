"""`make setup` finds a Python by running it, and says in one sentence when there is none."""

import subprocess
import sys
from pathlib import Path

import pytest

FIND = Path(__file__).parents[1] / ".ci" / "find-python"
A_PYTHON = sys._base_executable  # type: ignore[attr-defined]  # noqa: SLF001 - the one outside every virtual environment
SHIM = "#!/bin/sh\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n"


def find(home: Path) -> subprocess.CompletedProcess[str]:
    """Run the script in `home`, where the first Python of PATH is a shim of pyenv that fails."""
    put_script(home / "bin" / "python3.13", SHIM)
    environment = {"HOME": str(home), "PATH": str(home / "bin")}
    return subprocess.run(["/bin/sh", FIND], env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own script


def put_script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.mark.parametrize("place", ["bin/python3", ".pyenv/versions/3.13.9/bin/python"])
def test_a_shim_that_fails_is_passed_over_for_a_python_that_runs(tmp_path: Path, place: str) -> None:
    python = tmp_path / place
    python.parent.mkdir(parents=True)
    python.symlink_to(A_PYTHON)

    assert find(tmp_path).stdout.strip() == str(python)


def test_uv_is_the_last_resort(tmp_path: Path) -> None:
    put_script(tmp_path / "bin" / "uv", f"#!/bin/sh\necho {A_PYTHON}\n")

    assert find(tmp_path).stdout.strip() == A_PYTHON


def test_without_any_it_says_so_in_one_sentence(tmp_path: Path) -> None:
    found = find(tmp_path)

    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.startswith("Python 3.13 or newer is needed and was not found: install it")
    assert len(found.stderr.splitlines()) == 1
