"""What a run is about: for each field the type, which the API documents, and the function that reads what is given.

Each function returns the value to keep; it raises ValueError with a sentence.
"""

from typing import Annotated, Any

from msgspec import Meta

from graph.errors import UntrustedUrl
from graph.urls import OPERATIONS, is_segment, segment_under
from triggers.converted import converted
from triggers.samples import SAMPLE_ALERT_ID, SAMPLE_ID, SAMPLE_URL

LONGEST_ID = 200
_SEGMENT = Meta(min_length=1, max_length=LONGEST_ID, pattern=r"^[^/\\?#]+$")

ON_REFRESHING = "Needs the app setting `REFRESH_ENABLED`. A refresh makes alerts that somebody dismissed active again."


def _segment(value: Any, kind: Any) -> str:
    sentence = f"must be a string of 1 to {LONGEST_ID} printable characters without / \\ ? #"
    segment: str = converted(value, kind, sentence)
    if not is_segment(segment):
        raise ValueError(sentence)
    return segment


OperationId = Annotated[
    str,
    _SEGMENT,
    Meta(
        description="The operation to watch, as it stands in the `Location` of a refresh. Printable characters only.",
        examples=[SAMPLE_ID],
    ),
]


def operation_id(value: Any) -> str:
    """Return `value` when it can be one path segment of a Graph URL."""
    return _segment(value, OperationId)


AlertId = Annotated[
    str,
    _SEGMENT,
    Meta(
        description=f"The alert to refresh, await and fetch. Printable characters only. {ON_REFRESHING}",
        examples=[SAMPLE_ALERT_ID],
    ),
]


def alert_id(value: Any) -> str:
    """Return `value` when it can be one path segment of a Graph URL."""
    return _segment(value, AlertId)


AllAlerts = Annotated[
    bool,
    Meta(
        description=f"`true`: refresh every alert, await the scan, and list them. {ON_REFRESHING}",
        extra_json_schema={"const": True},
    ),
]


def all_alerts(value: Any) -> bool:
    """Return `value` when it is `True`: to refresh nothing is not another thing to ask for."""
    if value is not True:
        raise ValueError("must be true, or be left out: alertId refreshes one alert, operationId refreshes none")
    return True


def true_in(text: str) -> bool | str:
    """Return True for `true`, or `text` when it is anything else."""
    return text == "true" or text


OperationUrl = Annotated[
    str,
    Meta(
        description="The same as a URL under the app setting `GRAPH_BASE_URL`.",
        examples=[SAMPLE_URL],
        extra_json_schema={"format": "uri"},
    ),
]


def operation_in(value: Any, base_url: str) -> str:
    """Return the operation id in `value`, a URL of an operation under `base_url`."""
    sentence = f"must be {base_url}{OPERATIONS}<operation id>"
    url: str = converted(value, OperationUrl, f"{sentence}; it is no string")
    try:
        return operation_id(segment_under(base_url, OPERATIONS, url))
    except UntrustedUrl as error:
        raise ValueError(f"{sentence}; {error}") from error
