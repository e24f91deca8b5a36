"""A run, lived from its start: whatever Graph answers, every look is an observation that the run can go on with."""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from activities.list_alerts import list_alerts
from activities.list_incidents import list_incidents
from activities.refresh_all_alerts import refresh_all_alerts
from domain.custom_status import LIMIT, custom_status
from domain.decision import decide
from domain.next_look import next_look
from domain.observation import Observation
from domain.observed import observed
from domain.outcome import outcome
from domain.problem import PREFIX
from domain.retry_after import LONGEST
from domain.run_progress import end, moved_on, transition
from domain.run_state import RunState
from hypothesis import strategies as st

from activities.fetch_alert import fetch_alert
from activities.get_operation import get_operation
from activities.refresh_alert import refresh_alert
from tests.fuzz.answers import HttpAnswer
from tests.fuzz.byte_graph import ByteGraph
from tests.support.graph_samples import ALERT_ID, OPERATION_ID, asked

NOW = datetime(2023, 6, 9, 22, 50, 40, tzinfo=UTC)
RUN_ID = "ca5bbd26-6bb3-55ab-8a04-8b60eba7c6ab"
ACTIVITIES: Mapping[str, Callable[[Any], Awaitable[Observation]]] = {
    name: vars(builder)["_function"].get_user_function()
    for name, builder in {
        "refresh_alert": refresh_alert,
        "refresh_all_alerts": refresh_all_alerts,
        "get_operation": get_operation,
        "fetch_alert": fetch_alert,
        "list_alerts": list_alerts,
        "list_incidents": list_incidents,
    }.items()
}
MOST_LOOKS = 8

REFRESHING: dict[str, Any] = {"phase": "refreshing", "operationId": None}
TARGETS: list[dict[str, Any]] = [
    {"target": {"operationId": OPERATION_ID}},
    {"target": {"alertId": ALERT_ID}, **REFRESHING},
    {"target": {"allAlerts": True}, **REFRESHING},
    # As a run is that has come to the alert.
    {"target": {"alertId": ALERT_ID}, "phase": "fetching"},
    {"target": {"allAlerts": True}, "phase": "fetching"},
]
runs: st.SearchStrategy[RunState] = st.builds(
    lambda target, **changes: asked(NOW, **target, **changes),
    st.sampled_from(TARGETS),
    expand=st.sampled_from([[], ["alertIncidents"]]),
    incidentsLimit=st.sampled_from([49_152, 300]),
    notBefore=st.sampled_from([None, "2023-06-09T22:00:00.000Z", "0001-01-01T00:00:00.000Z"]),
    onlyIfChanged=st.booleans(),
)


async def live(graph: ByteGraph, run: RunState, answer_to: Callable[[str], HttpAnswer | bytes]) -> None:
    """Live `run` with what `answer_to` gives each activity. Raises AssertionError, or whatever the app raises."""
    now = NOW
    for _ in range(MOST_LOOKS):
        name, question = next_look(run)
        graph.answer = answer_to(name)
        observation = await ACTIVITIES[name](_kept(question))
        _check(observation, graph.tokens)
        run = observed(run, _kept(observation))
        decision = decide(observation, run, now)
        run = moved_on(run, decision, now)
        status = custom_status(run, decision.problem)
        assert len(json.dumps(_kept(status))) <= LIMIT
        _kept([transition(RUN_ID, run, observation, decision), run])
        now += timedelta(seconds=decision.delay)
        ended = outcome(RUN_ID, run, decision)
        if ended is not None:
            _kept([ended.problem, ended.result, end(RUN_ID, run, ended)])
            return


def _check(observation: Observation, tokens: set[str]) -> None:
    kind, told = observation["kind"], json.dumps(observation)
    assert kind in {"refreshed", "operation", "alert", "alerts", "incidents", "tryAgain", "problem"}
    assert ("problem" in observation) == (kind in {"tryAgain", "problem"})
    if "problem" in observation:
        assert observation["problem"]["type"].startswith(PREFIX)
        assert observation["problem"]["detail"]
    wait = observation["retryAfter"]
    assert wait is None or 0 <= wait <= LONGEST
    assert not any(token in told for token in tokens)


def _kept(value: Any) -> Any:
    """Return `value` as the durable history gives it back: JSON that no parser refuses, and the same."""
    written = json.dumps(value).encode()
    # json reads what is no JSON: NaN, and half a surrogate pair.
    assert msgspec.json.decode(written) == value, value
    return json.loads(written)
