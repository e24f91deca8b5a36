"""Times as .NET prints a DateTimeOffset: up to seven fractional digits, trailing zeros trimmed, `Z`."""

from datetime import UTC, datetime

NEVER = "0001-01-01T08:00:00Z"
"""`lastModifiedDateTime` of an alert that never fired: https://learn.microsoft.com/graph/how-to-pim-alerts."""


def dotnet(moment: datetime) -> str:
    """Return `moment` (aware) in UTC.

    A .NET tick is 100 ns and a datetime ends at microseconds. The seventh digit repeats the sixth, so that order is
    kept and readers meet all seven digits.
    """
    moment = moment.astimezone(UTC)
    ticks = f"{moment.microsecond:06d}{moment.microsecond % 10}".rstrip("0")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' if ticks else ''}{ticks}Z"
