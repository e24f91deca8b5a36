"""One refresh for all runs that want one at about the same time. Times are the task hub's; the asker brings them."""

from datetime import datetime, timedelta
from typing import Literal, TypedDict

from domain.alert_memory import AlertMemory
from domain.observation import Observation, Refreshed
from domain.problem import problem
from domain.timestamps import parse_timestamp

SHARED_FOR = timedelta(seconds=60)
"""How long a refresh serves the runs that come after it, and how long a claim keeps them off: its run may have died."""

LOOK_AGAIN = 2.0
"""Seconds until a run that waits for another one's refresh asks again, at most. Graph takes a refresh in one or two."""


class ClaimAsked(TypedDict):
    """Input of `claim`."""

    runId: str
    now: str


class RefreshReport(TypedDict):
    """Input of `refreshed`: what Graph's 202 said, and when it was told."""

    runId: str
    operationId: str
    requestedAt: str
    now: str


class GivenUp(TypedDict):
    """Input of `gave_up`."""

    runId: str


class Over(TypedDict):
    """Input of `over`: the two members of a `Refresh` that name it."""

    operationId: str
    requestedAt: str


class Use(TypedDict):
    """There is a refresh to share."""

    kind: Literal["use"]
    operationId: str
    requestedAt: str
    askedAt: str


class GoAhead(TypedDict):
    """It is this run that refreshes, and tells `refreshed` or `gave_up`."""

    kind: Literal["refresh"]


class Wait(TypedDict):
    """Another run is at it: ask again after so many seconds, more than 0."""

    kind: Literal["wait"]
    seconds: float


def claim(memory: AlertMemory, asked: ClaimAsked) -> tuple[AlertMemory, Use | GoAhead | Wait]:
    """Tell a run that wants a fresh alert whether to use a refresh, to ask for one, or to wait for another run's.

    Raises ValueError when `now` is no time with an offset.
    """
    now = parse_timestamp(asked["now"])
    if now is None:
        raise ValueError("`now` must be an ISO 8601 time with an offset, as 2026-01-31T12:00:00.000Z")
    last, held = memory["refresh"], memory["claim"]
    if last and not last["over"] and _left(last["askedAt"], now):
        return memory, {
            "kind": "use",
            "operationId": last["operationId"],
            "requestedAt": last["requestedAt"],
            "askedAt": last["askedAt"],
        }
    if held and held["runId"] != asked["runId"] and (left := _left(held["at"], now)):
        return memory, {"kind": "wait", "seconds": min(left, LOOK_AGAIN)}
    # The run's own claim is renewed: its answer has been lost, and it asks Graph only now.
    return {**memory, "claim": {"runId": asked["runId"], "at": asked["now"]}}, {"kind": "refresh"}


def shared(turn: Use | Wait) -> Observation:
    """Return the answer to `claim` as a look of the run that asked."""
    if turn["kind"] == "use":
        told: Refreshed = {
            "operationId": turn["operationId"],
            "requestedAt": turn["requestedAt"],
            "refreshedAt": turn["askedAt"],
        }
        return {"kind": "refreshed", "refreshed": told, "retryAfter": None, "clientRequestId": ""}
    why = problem("refresh-conflict", "Another run of this app is about to refresh the alert.")
    return {"kind": "tryAgain", "problem": why, "retryAfter": turn["seconds"], "clientRequestId": ""}


def refreshed(memory: AlertMemory, told: RefreshReport) -> tuple[AlertMemory, None]:
    """Remember a refresh that Graph took, and drop the claim of the run that asked for it."""
    last = memory["refresh"]
    took, known = parse_timestamp(told["requestedAt"]), last and parse_timestamp(last["requestedAt"])
    # A run whose claim has expired may report after the run that claimed next.
    if not (took and known and took < known):
        last = {
            "operationId": told["operationId"],
            "requestedAt": told["requestedAt"],
            "askedAt": told["now"],
            "over": False,
        }
    return {**_unclaimed(memory, told["runId"]), "refresh": last}, None


def gave_up(memory: AlertMemory, told: GivenUp) -> tuple[AlertMemory, None]:
    """Drop the claim of a run that did not get its refresh."""
    return _unclaimed(memory, told["runId"]), None


def over(memory: AlertMemory, told: Over) -> tuple[AlertMemory, None]:
    """Remember that the scan has ended: it is too old for who comes now.

    Both members count: with the operation id alone, the end of one scan would end the next one, too.
    """
    last = memory["refresh"]
    if last and (last["operationId"], last["requestedAt"]) == (told["operationId"], told["requestedAt"]):
        last = {**last, "over": True}
    return {**memory, "refresh": last}, None


def _left(since: str, now: datetime) -> float:
    """Return the seconds of `SHARED_FOR` after `since` that are left; 0 when it is over."""
    moment = parse_timestamp(since)
    # Workers' clocks differ a little: a moment that is yet to come has just been. One far off counts for nothing.
    if moment is None or abs(now - moment) >= SHARED_FOR:
        return 0
    return (moment + SHARED_FOR - now).total_seconds()


def _unclaimed(memory: AlertMemory, run_id: str) -> AlertMemory:
    held = memory["claim"]
    return {**memory, "claim": None} if held and held["runId"] == run_id else memory
