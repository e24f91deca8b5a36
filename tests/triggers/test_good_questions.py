"""What `POST /runs` takes: the same question is the same run, another question is another one."""

import json
import uuid
from collections.abc import Callable
from copy import replace
from typing import Any

import pytest
from domain.timestamps import parse_timestamp
from graph.urls import operation_url
from hypothesis import given
from hypothesis import strategies as st
from triggers.start_fields import moment
from triggers.start_request import parse_start
from triggers.target_fields import alert_id, operation_id

from tests.domain.generated import quick
from tests.support.graph_samples import ALERT_ID, GRAPH, OPERATION_ID, OPERATION_URL, asked
from tests.triggers.questions import CHOSEN, NOW, ask, request

CALLBACK = "https://prod-00.westeurope.logic.azure.com:443/workflows/1/run?sp=%2Fa%2Cb&sv=1.0&sig=a-b_c"
BASE: dict[str, Any] = {"operationId": OPERATION_ID}
FULL: dict[str, Any] = {
    "operationId": OPERATION_ID,
    "select": ["id", "isActive"],
    "expand": ["alertDefinition", "alertIncidents"],
    "timeoutSeconds": 600,
    "notBefore": "2026-01-31T12:00:00Z",
    "callbackUrl": CALLBACK,
}


def test_the_plainest_question() -> None:
    run_id, run = ask(BASE)
    assert run == asked(NOW)
    assert str(uuid.UUID(run_id)) == run_id
    assert json.loads(json.dumps(run)) == run


def test_every_field_is_taken() -> None:
    _, run = ask(FULL)
    assert run == asked(
        NOW,
        seconds=600,
        select=["id", "isActive"],
        expand=["alertDefinition", "alertIncidents"],
        notBefore="2026-01-31T12:00:00.000Z",
        callbackUrl=CALLBACK,
    )


REFRESHES: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"alertId": ALERT_ID}, {"alertId": ALERT_ID}),
    ({"allAlerts": True}, {"allAlerts": "true"}),
]


@pytest.mark.parametrize(("target", "in_query"), REFRESHES, ids=["one", "all"])
def test_a_refresh_is_what_the_run_begins_with(target: dict[str, Any], in_query: dict[str, str]) -> None:
    run_id, run = ask(target)
    assert run == asked(NOW, target=target, phase="refreshing", operationId=None)
    assert json.loads(json.dumps(run)) == run
    assert (run_id, run) == ask(query=in_query)


@pytest.mark.parametrize("target", [target for target, _ in REFRESHES], ids=["one", "all"])
def test_a_refresh_takes_every_other_field(target: dict[str, Any]) -> None:
    _, run = ask({**{name: value for name, value in FULL.items() if name != "operationId"}, **target})
    assert run == {**ask(FULL)[1], "target": target, "phase": "refreshing", "operationId": None}


def test_the_settings_bound_the_run() -> None:
    chosen = replace(CHOSEN, poll_min_seconds=1.0, poll_max_seconds=9.0, run_timeout_seconds=120)
    _, run = ask(BASE, chosen=chosen)
    assert (run["pollMinSeconds"], run["pollMaxSeconds"]) == (1.0, 9.0)
    assert run["deadline"] == "2026-01-31T12:02:00.000Z"


SAME: list[tuple[dict[str, Any] | None, dict[str, str]]] = [
    (FULL, {}),
    (dict(reversed(FULL.items())), {}),
    ({**FULL, "select": ["isActive", "id"]}, {}),
    ({**FULL, "select": ["id", "isActive", "id"]}, {}),
    ({**FULL, "select": "isActive,id"}, {}),
    ({**FULL, "expand": "alertIncidents,alertDefinition"}, {}),
    ({**FULL, "timeoutSeconds": 600.0}, {}),
    ({k: v for k, v in FULL.items() if k != "timeoutSeconds"}, {"timeoutSeconds": "00600"}),
    ({**FULL, "notBefore": "2026-01-31T13:00:00+01:00"}, {}),
    ({**FULL, "notBefore": "2026-01-31T04:00:00.0000000-08:00"}, {}),
    ({**{k: v for k, v in FULL.items() if k != "operationId"}, "operationUrl": OPERATION_URL}, {}),
    (
        {
            **{k: v for k, v in FULL.items() if k != "operationId"},
            "operationUrl": OPERATION_URL.replace("refresh:", "refresh%3A"),
        },
        {},
    ),
    ({k: v for k, v in FULL.items() if k != "timeoutSeconds"}, {"timeoutSeconds": "600"}),
    (FULL, {"code": "key", "clientId": "default"}),
    (FULL, {"CODE": "key", "clientid": "default"}),
    (
        {"callbackUrl": CALLBACK},
        {
            "operationId": OPERATION_ID,
            "select": "id,isActive",
            "expand": "alertDefinition,alertIncidents",
            "timeoutSeconds": "600",
            "notBefore": "2026-01-31T12:00:00Z",
            "code": "key",
        },
    ),
]


def test_a_time_is_never_taken_for_an_earlier_one() -> None:
    asked = moment("2026-01-31T12:00:00.0009Z")
    assert asked == "2026-01-31T12:00:00.000900Z"


@pytest.mark.parametrize(("body", "query"), SAME)
def test_the_same_question_in_another_form_is_the_same_run(body: dict[str, Any] | None, query: dict[str, str]) -> None:
    assert ask(body, query=query) == ask(FULL)


def test_the_same_question_later_is_the_same_run() -> None:
    later = NOW.replace(year=2027)
    assert parse_start(request(json.dumps(BASE).encode()), CHOSEN, later)[0] == ask(BASE)[0]


def test_a_default_said_aloud_is_the_same_run() -> None:
    assert ask({**BASE, "select": [], "expand": [], "timeoutSeconds": 3600})[0] == ask(BASE)[0]


OTHER: list[dict[str, Any]] = [
    {"operationId": OPERATION_ID.lower()},
    {"operationId": OPERATION_ID.replace(":", "%3A")},
    {"operationId": OPERATION_ID + " "},
    {"alertId": OPERATION_ID},
    {"alertId": ALERT_ID},
    {"alertId": "true"},
    {"allAlerts": True},
    {"allAlerts": True, "select": ["id"]},
    {**BASE, "select": ["id"]},
    {**BASE, "expand": ["id"]},
    {**BASE, "select": ["ID"]},
    {**BASE, "timeoutSeconds": 3599},
    {**BASE, "notBefore": "2026-01-31T12:00:00Z"},
    {**BASE, "notBefore": "2026-01-31T12:00:00.001Z"},
    {**BASE, "notBefore": "2026-01-31T12:00:00+00:01"},
    {**BASE, "callbackUrl": CALLBACK},
    {**BASE, "callbackUrl": CALLBACK + "d"},
]


def test_another_question_is_another_run() -> None:
    ids = [ask(body)[0] for body in (BASE, *OTHER)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    "wanted",
    [
        "5c5670d6-a2c0-a394-ef42-982954856de5",
        "7d6771e9-e1d0-a344-fg41-882954856ed7",
        "x",
        "x" * 200,
        "...",
        "a b",
        "100%",
        "%2e%2e",
        "a;b=c,d@e",
        "ñ漢😀",
        "~",
    ],
)
@pytest.mark.parametrize("field", ["operationId", "alertId"])
def test_an_id_is_opaque(field: str, wanted: str) -> None:
    assert ask({field: wanted})[1]["target"] == {field: wanted}


@pytest.mark.parametrize("read", [operation_id, alert_id])
@pytest.mark.parametrize("length", [1, 200])
def test_the_bounds_of_an_id_are_taken(read: Callable[[str], str], length: int) -> None:
    assert read("x" * length) == "x" * length


def accepted(text: str) -> bool:
    try:
        return operation_id(text) == text
    except ValueError:
        return False


@quick
@given(st.text(min_size=1, max_size=200).filter(accepted))
def test_an_id_and_its_url_ask_the_same(wanted: str) -> None:
    by_url = ask({"operationUrl": operation_url(GRAPH, wanted)})
    assert by_url == ask({"operationId": wanted})


@pytest.mark.parametrize("seconds", [1, 86_400])
@pytest.mark.parametrize("in_query", [False, True])
def test_the_bounds_of_a_timeout_are_taken(seconds: int, *, in_query: bool) -> None:
    asked = {"timeoutSeconds": seconds}
    _, run = ask(BASE, query={"timeoutSeconds": str(seconds)}) if in_query else ask({**BASE, **asked})
    deadline = parse_timestamp(run["deadline"])
    assert deadline is not None
    assert (deadline - NOW).total_seconds() == seconds


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"),
        ("2026-01-31T14:30:00.5+02:30", "2026-01-31T12:00:00.500Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"),
    ],
)
def test_a_time_is_kept_in_utc(given: str, kept: str) -> None:
    assert ask({**BASE, "notBefore": given})[1]["notBefore"] == kept


def test_names_are_kept_as_odata_wants_them() -> None:
    _, run = ask({**BASE, "select": ["_a", "B9"], "expand": "a" * 128})
    assert (run["select"], run["expand"]) == (["B9", "_a"], ["a" * 128])


def test_an_empty_body_with_its_length_is_no_fault() -> None:
    run_id, _ = parse_start(request(query={"operationId": OPERATION_ID}, headers={"content-length": "0"}), CHOSEN, NOW)
    assert run_id == ask(BASE)[0]


def test_a_chunked_body_that_arrived_is_taken() -> None:
    arrived = request(json.dumps(BASE).encode(), headers={"Transfer-Encoding": "chunked"})
    assert parse_start(arrived, CHOSEN, NOW)[0] == ask(BASE)[0]
