"""What Graph might send: its documented samples, with anything in them changed, down to the byte."""

import copy
import gzip
import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests.domain.generated import json_values
from tests.support.graph_samples import ALERT, ALERT_URL, GRAPH, OPERATION_URL, RUNNING, SUCCEEDED

ALERTS_URL = ALERT_URL.rpartition("/")[0]
INCIDENTS_URL = f"{ALERT_URL}/alertIncidents"
INCIDENT = {"@odata.type": "#microsoft.graph.staleSignInAlertIncident", "id": "incident-1", "assigneeId": "a-1"}
EXPANDED = {**ALERT, "alertIncidents": [INCIDENT], "alertIncidents@odata.nextLink": f"{INCIDENTS_URL}?$skiptoken=1"}
DISABLED = {**ALERT, "alertConfiguration": {"id": "c-1", "isEnabled": False}}
REFUSED = {"code": "UnknownError", "message": json.dumps({"errorCode": "PermissionScopeNotGranted", "message": "No."})}
ERRORS: list[dict[str, Any]] = [
    {"error": REFUSED},
    {"error": {"code": "AadPremiumLicenseRequired", "message": "The tenant needs a P2 license."}},
]
SAMPLES: dict[str, list[dict[str, Any]]] = {
    "get_operation": [
        RUNNING,
        SUCCEEDED,
        {**SUCCEEDED, "status": "failed", "statusDetail": "It failed."},
        {**SUCCEEDED, "status": "skipped"},
        {**SUCCEEDED, "resourceLocation": ALERTS_URL},
    ],
    "fetch_alert": [ALERT, EXPANDED, DISABLED],
    "list_alerts": [
        {"value": [ALERT, EXPANDED], "@odata.nextLink": f"{ALERTS_URL}?$skiptoken=2"},
        {"value": [EXPANDED, DISABLED]},
    ],
    "list_incidents": [
        {"value": [INCIDENT, {**INCIDENT, "id": "incident-2"}], "@odata.nextLink": f"{INCIDENTS_URL}?$skiptoken=2"},
        {"value": [INCIDENT]},
    ],
}
"""What is asked for, by the activity that asks."""
EVERY = [*ERRORS, *(sample for samples in SAMPLES.values() for sample in samples)]
URLS = [
    OPERATION_URL,
    OPERATION_URL.replace(":", "%3A"),
    OPERATION_URL.removeprefix(f"{GRAPH}/beta"),
    ALERT_URL,
    ALERTS_URL,
    f"{ALERTS_URL}('x')",
    f"{ALERTS_URL}/%ED%A0%80",
    f"{ALERTS_URL}?$skiptoken=%00",
    f"{INCIDENTS_URL}?$skiptoken=3&é=\ud800",
    "//evil.example/x",
    "https://graph.microsoft.com.evil.example/",
    "https://[::1",
]
ODD: list[Any] = [
    *URLS,
    *("", " ", "\x00", "\ud800", "\u2028", "9" * 5000, "x" * 70_000),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999-23:59", "2026-01-31T12:00:00Z", "2026-02-30T00:00:00Z"),
    *(0, -1, 2**63, 10**400, 0.5, float("nan"), float("inf"), 1e308, True, None, [], {}),
    *("SUCCEEDED", "unknownFutureValue", "skipped"),
]
NAMES = sorted({name for sample in EVERY for name in sample} | {"isEnabled", "incidentCount", "nextLink"})
values = st.sampled_from(ODD) | st.sampled_from(EVERY) | json_values


@st.composite
def documents(draw: st.DrawFn, samples: Sequence[Any]) -> Any:
    """Draw one of `samples` with up to four of its values changed, taken out or put in, however deep."""
    whole = {"": copy.deepcopy(draw(st.sampled_from(samples)))}
    for _ in range(draw(st.integers(0, 4))):
        holder, name = draw(st.sampled_from(_places(whole)))
        match draw(st.sampled_from(["set", "delete", "add"])):
            case "delete" if name != "":
                del holder[name]
            case "add" if isinstance(holder[name], dict):
                holder[name][draw(st.sampled_from(NAMES) | st.text(max_size=5))] = copy.deepcopy(draw(values))
            case "add" if isinstance(holder[name], list):
                holder[name].append(copy.deepcopy(draw(values)))
            case _:
                holder[name] = copy.deepcopy(draw(values))
    return whole[""]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in `value`, as what holds it and its name or index there."""
    names: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    below = (_places(value[name]) for name in names if isinstance(value[name], dict | list))
    return [*((value, name) for name in names), *(place for inner in below for place in inner)]


@st.composite
def bodies(draw: st.DrawFn, samples: Sequence[Any]) -> bytes:
    """Draw one of `samples`, changed, as bytes; now and then not quite, or something else."""
    written = json.dumps(draw(documents(samples))).encode()
    match draw(st.sampled_from([*["whole"] * 8, "cut", "struck", "coded", "nested"])):
        case "cut":
            return written[: draw(st.integers(0, len(written)))]
        case "struck":
            place = draw(st.integers(0, len(written)))
            return written[:place] + draw(st.binary(max_size=4)) + written[place + draw(st.integers(0, 4)) :]
        case "coded":
            coded = [b"\xef\xbb\xbf" + written, written.decode().encode("utf-16"), gzip.compress(written), written * 2]
            return draw(st.sampled_from(coded))
        case "nested":
            depth = draw(st.sampled_from([60, 1_000, 5_000, 12_000]))
            return b'{"id":"x","a":' + b"[" * depth + b"]" * depth + b"}"
    return written
