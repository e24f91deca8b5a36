"""What runs remember of one alert: its last refresh, which run is about to refresh it, and its last two scans.

Runs that differ in options or callback have ids of their own and know nothing of each other; here they meet, so that
one scan serves them all. Each operation, here and in `domain.refresh_sharing`, takes the memory and its own input, both
plain JSON, and returns the memory after it and the answer.
"""

from hashlib import sha256
from typing import TypedDict

from domain.alert_changes import OUTDATED, Changes, ScannedAlert, changes, scan_moment


class Refresh(TypedDict):
    """The last refresh that Graph took."""

    operationId: str
    """The same for every refresh of one alert."""
    requestedAt: str
    """On Graph's clock: see `domain.observation.Refreshed`."""
    askedAt: str
    over: bool


class Claim(TypedDict):
    """A run that is about to refresh the alert."""

    runId: str
    at: str


class AlertMemory(TypedDict):
    """State of the entity `alert_memory`."""

    refresh: Refresh | None
    claim: Claim | None
    known: ScannedAlert | None
    before: ScannedAlert | None
    """The scan before `known`: runs that share a scan are told the same changes."""


NOTHING: AlertMemory = {"refresh": None, "claim": None, "known": None, "before": None}


def entity_key(alert_id: str) -> str:
    r"""Return the key of the entity that remembers the alert: hexadecimal digits, whatever the id is made of.

    Graph promises nothing about alert ids. A key with `/ \ # ?` or a control character is lost or refused, one with
    `@` is refused by the SDK, and an escaped one does not survive the management API.
    https://github.com/Azure/azure-functions-durable-extension/issues/1601
    https://github.com/Azure/azure-functions-durable-extension/issues/1124
    """
    return sha256(alert_id.encode(errors="surrogatepass")).hexdigest()


def compare(memory: AlertMemory, scan: ScannedAlert) -> tuple[AlertMemory, Changes]:
    """Tell what `scan` changed since the scan before it, and remember it, unless a newer one is known."""
    known, before = memory["known"], memory["before"]
    if known and scan_moment(scan) < scan_moment(known):
        return memory, OUTDATED
    if known and (scan["scannedAt"] is None or scan["scannedAt"] != known["scannedAt"]):
        before = known
    return {**memory, "known": scan, "before": before}, changes(before, scan)
