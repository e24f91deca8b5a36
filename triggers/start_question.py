"""The question that starts a run: its fields, each with its type and with what reads it."""

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Annotated, Any, NamedTuple, TypedDict, get_type_hints

from msgspec import Meta

from domain.callback_url import callback_url
from domain.settings import Settings
from triggers.endpoint import Body, Parameter
from triggers.json_body import LONGEST_BODY
from triggers.samples import SAMPLE_ALERT_ID, SAMPLE_CALLBACK, SAMPLE_ID, SAMPLE_URL
from triggers.start_fields import (
    CallbackUrl,
    Moment,
    OdataNames,
    OdataText,
    OnlyIfChanged,
    TimeoutSeconds,
    boolean_in,
    moment,
    number_in,
    odata_names,
    only_if_changed,
    timeout_seconds,
)
from triggers.target_fields import (
    AlertId,
    AllAlerts,
    OperationId,
    OperationUrl,
    alert_id,
    all_alerts,
    operation_id,
    operation_in,
    true_in,
)


class ReadBy(NamedTuple):
    """Hangs the function that reads a field on the field's type, where msgspec passes over it.

    `setting` picks what the function needs of the settings, too. `of_text` makes of a text in the query what a body
    would hold; None when the field may not stand there.
    """

    function: Callable[..., Any]
    setting: Callable[[Settings], Any] | None = None
    of_text: Callable[[str], Any] | None = str

    def __call__(self, given: Any, chosen: Settings, *, in_query: bool) -> Any:
        """Return the value to keep. Raises ValueError with a sentence."""
        value = self._of_text(given) if in_query else given
        return self.function(value, self.setting(chosen)) if self.setting else self.function(value)

    def _of_text(self, text: str) -> Any:
        if self.of_text is None:
            raise ValueError("must stand in the body: it is a credential, and a query is logged on its way")
        return self.of_text(text)


class StartQuestion(TypedDict, total=False):
    """What a run shall watch or refresh, and what it shall hand over. Fields stand in the body or in the query."""

    operationId: Annotated[OperationId, ReadBy(operation_id)]
    operationUrl: Annotated[OperationUrl, ReadBy(operation_in, lambda chosen: chosen.graph_base_url)]
    alertId: Annotated[AlertId, ReadBy(alert_id)]
    allAlerts: Annotated[AllAlerts, ReadBy(all_alerts, of_text=true_in)]
    select: Annotated[
        OdataNames | OdataText,
        Meta(description="Properties of each alert to select; `lastScannedDateTime` always comes along."),
        ReadBy(odata_names, of_text=lambda text: text.split(",")),
    ]
    expand: Annotated[
        OdataNames | OdataText,
        Meta(description="Relationships of each alert: `alertDefinition`, `alertConfiguration`, `alertIncidents`."),
        ReadBy(odata_names, of_text=lambda text: text.split(",")),
    ]
    timeoutSeconds: Annotated[TimeoutSeconds, ReadBy(timeout_seconds, of_text=number_in)]
    notBefore: Annotated[Moment, ReadBy(moment)]
    onlyIfChanged: Annotated[OnlyIfChanged, ReadBy(only_if_changed, of_text=boolean_in)]
    callbackUrl: Annotated[
        CallbackUrl, ReadBy(callback_url, lambda chosen: chosen.callback_allowed_hosts, of_text=None)
    ]


_TYPES = get_type_hints(StartQuestion, include_extras=True)

FIELDS: Mapping[str, ReadBy] = {
    name: next(mark for mark in annotated.__metadata__ if isinstance(mark, ReadBy))
    for name, annotated in _TYPES.items()
}
"""What reads each field. A field without a reader does not get past this line."""

TARGETS = ("operationId", "operationUrl", "alertId", "allAlerts")
"""Exactly one of these says what the run is about."""

IN_QUERY = [Parameter(name, "query", annotated) for name, annotated in _TYPES.items() if FIELDS[name].of_text]
IN_BODY = Body(
    f"A JSON object in UTF-8, of at most {LONGEST_BODY} bytes, as `application/json` or `application/*+json`. It needs "
    "a `Content-Length`: Azure Functions drops chunked bodies.",
    StartQuestion,
    rules={
        "additionalProperties": False,
        # One of them is needed, but it may stand in the query.
        "not": {"anyOf": [{"required": list(two)} for two in combinations(TARGETS, 2)]},
    },
    examples={
        "an operation by its id": {"operationId": SAMPLE_ID, "expand": ["alertDefinition", "alertIncidents"]},
        "refresh one alert": {"alertId": SAMPLE_ALERT_ID, "expand": ["alertDefinition", "alertIncidents"]},
        "refresh every alert": {"allAlerts": True, "expand": ["alertDefinition"]},
        "the scan after a time, with a callback": {
            "operationUrl": SAMPLE_URL,
            "notBefore": "2026-01-31T12:00:00Z",
            "timeoutSeconds": 7200,
            "callbackUrl": SAMPLE_CALLBACK,
        },
    },
)
