"""`make record-histories`: record the shapes that the present version has no recording of. What is there, stays."""

import sys

from tests.histories.recording import path_of, record, version
from tests.support.run_shapes import SHAPES


def main() -> None:
    """Record what is missing, and say what was recorded."""
    now = version()
    missing = {shape: path for shape in SHAPES if not (path := path_of(shape, now)).exists()}
    for shape, path in missing.items():
        record(shape, path)
        sys.stdout.write(f"{path}\n")
    sys.stdout.write(f"{len(missing)} recorded for version {now}, {len(SHAPES) - len(missing)} were there.\n")


if __name__ == "__main__":
    main()
