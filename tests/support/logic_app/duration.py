"""ISO 8601 durations, as `limit.timeout` has them: days and smaller, no fractions."""

import re

DURATION = re.compile(r"P(?=[\dT])(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
UNITS = (86_400, 3600, 60, 1)


def seconds(text: str) -> int:
    """Return the seconds that `text` stands for, as 7200 for PT2H. Raises `ValueError`."""
    found = DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not an ISO 8601 duration, as PT2H")
    return sum(int(count or 0) * unit for count, unit in zip(found.groups(), UNITS, strict=True))
