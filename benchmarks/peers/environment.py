"""The peers' virtual environment, made when it is first asked for, by the same interpreter as the app's.

`python -m benchmarks.peers.environment` makes it, too, and prints its Python.
"""

import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
FOLDER = CHECKOUT / ".venv-bench"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def peers_python() -> str:
    """Return the peers' interpreter. Raises `subprocess.CalledProcessError` when it cannot be installed."""
    python, installed = FOLDER / "bin" / "python", FOLDER / ".installed"
    if not installed.exists() or installed.read_bytes() != REQUIREMENTS.read_bytes():
        sys.stderr.write(f"Installing the peers into {FOLDER.name}: about a minute, and 900 MB\n")
        subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
        quietly = ("--quiet", "--disable-pip-version-check")
        subprocess.run([python, "-m", "pip", "install", *quietly, "-r", REQUIREMENTS], check=True)
        shutil.copy(REQUIREMENTS, installed)
    return str(python)


if __name__ == "__main__":
    print(peers_python())  # noqa: T201 - to the Makefile
