"""The state of a run: the orchestration's input, carried whole through every continue-as-new. Plain JSON."""

from typing import Any, Literal, TypedDict

from domain.durations import Durations

Phase = Literal["refreshing", "waiting", "fetching"]

CANCEL = "cancel"
"""Name of the external event that ends a run, or the delivery of its outcome, where it stands."""


class Target(TypedDict, total=False):
    """What the run is about, exactly one of these: an operation to watch, or what to refresh first."""

    operationId: str
    alertId: str
    allAlerts: bool


class Asked(TypedDict):
    """What was asked, and what the run goes by; none of it changes."""

    target: Target
    select: list[str]
    expand: list[str]
    notBefore: str | None
    onlyIfChanged: bool
    """Whether the result says what has changed since the last scan that such a run saw."""
    notifyChangesOnly: bool
    """Whether the callback gets what has changed, and nothing when nothing has."""
    callbackUrl: str | None
    """A secret: see `domain.delivery`."""
    createdAt: str
    deadline: str
    pollMinSeconds: float
    pollMaxSeconds: float
    learning: bool
    """Whether the run goes by what others have seen, and tells what it sees."""
    durations: Durations
    """What it goes by of how long its scan may take."""
    incidentsLimit: int
    """Bytes of JSON: alerts that are larger, one or all together, go without their incidents."""


class Progress(TypedDict):
    """How far the run has come."""

    requestedAt: str | None
    """When Graph took the refresh of this run, on Graph's clock; None when the run only watches."""
    refreshedAt: str | None
    """The same moment on the task hub's clock."""
    polls: int
    """Looks at the operation so far."""
    failures: int
    """Looks in a row that gave no answer."""
    trouble: str | None
    """Type of the problem of the last look that gave no answer."""
    repeats: int
    """Looks in a row that met that trouble."""
    nextPollAt: str | None
    operation: dict[str, Any] | None
    """The operation as last seen."""
    fetches: int
    """Times that the alert, or all alerts, have been fetched."""
    alerts: list[dict[str, Any]] | None
    """Those of the pages so far, when there are several; None when it is about one alert."""
    alert: dict[str, Any] | None
    """The one alert, as last fetched."""
    incidents: list[dict[str, Any]] | None
    """Those of the pages so far, while the incidents that did not come along are being fetched."""
    place: int
    """Of the alert whose incidents are being fetched, in `alerts`; 0 when there is one alert."""
    nextLink: str | None
    """URL of the next page, of alerts or of incidents."""
    pages: int
    """Pages since the last fetch from the start."""
    gathered: int
    """Bytes, as JSON, of what those pages and the alert hold."""
    truncated: bool
    """Whether incidents were left out, because they are too large for the durable history."""
    incidentsUrl: str | None
    """Where the incidents of the alert are in Graph."""


class RunState(Asked, Progress):
    """Both, and where the run stands."""

    phase: Phase
    operationId: str | None
    """The operation to look at; None until the refresh has named it."""


NO_PROGRESS: Progress = {
    "requestedAt": None,
    "refreshedAt": None,
    "polls": 0,
    "failures": 0,
    "trouble": None,
    "repeats": 0,
    "nextPollAt": None,
    "operation": None,
    "fetches": 0,
    "alerts": None,
    "alert": None,
    "incidents": None,
    "place": 0,
    "nextLink": None,
    "pages": 0,
    "gathered": 0,
    "truncated": False,
    "incidentsUrl": None,
}
"""Of a run that has only begun."""


def incomplete(run: RunState) -> dict[str, Any]:
    """Return the alert whose incidents are being fetched."""
    return (run["alert"] or {}) if run["alerts"] is None else run["alerts"][run["place"]]
