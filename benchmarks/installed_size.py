"""`python -m benchmarks.installed_size NAME …`: what the distributions and all that they need take on disk.

Of the environment that runs it; extras are left out, and bytecode, which is made on the spot.
"""

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def installed_bytes(names: list[str]) -> int:
    """Return the size of the files of `names` and of what they need."""
    return sum(_bytes(name) for name in _closure(names))


def _closure(names: list[str]) -> set[str]:
    found, left = set[str](), list(names)
    while left:
        name = re.sub(r"[-_.]+", "-", left.pop()).lower()
        if name in found:
            continue
        try:
            needed = distribution(name).requires or []
        except PackageNotFoundError:
            # Needed on another system or Python only; a root that is missing is a mistake.
            if name in names:
                raise
            continue
        found.add(name)
        left += [_NAME.findall(requirement)[0] for requirement in needed if "extra ==" not in requirement]
    return found


def _bytes(name: str) -> int:
    paths = [Path(path.locate()) for path in distribution(name).files or () if path.suffix != ".pyc"]
    return sum(path.stat().st_size for path in paths if path.exists())


if __name__ == "__main__":
    print(json.dumps(installed_bytes(sys.argv[1:])))  # noqa: T201 - to the process that started this one
