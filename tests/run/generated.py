"""What hypothesis generates for these tests: runs in every phase, operations and observations of every shape."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from hypothesis import strategies as st

from alert_refresh.problems import Problem, ProblemName, make_problem
from alert_refresh.run.observations import Observation
from alert_refresh.run.state import Ended, Expiring, Fault, Fetching, Polling, Refreshing, Run, Target, Wish
from alert_refresh.timestamps import LONGEST_RETRY_AFTER
from tests.support.generated import json_values
from tests.support.graph_samples import ALERT, RUN_ID, RUNNING

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
"""The task hub's clock."""

statuses = st.sampled_from(["notStarted", "running", "succeeded", "FAILED", "skipped", "unknownFutureValue", ""])
times = st.sampled_from(["2026-01-31T11:00:00.1234567Z", "2026-01-31T13:00:00Z", "0001-01-01T00:00:00Z", "never"])
operations: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.text(), json_values, max_size=2
) | st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(RUNNING, json_values),
        "status": statuses | json_values,
        "createdDateTime": times | json_values,
        "lastActionDateTime": times | json_values,
        "resourceLocation": st.just("https://graph.microsoft.com/x") | json_values,
    },
)
"""Operations as Graph might send them: any property missing, null, or of another type; unknown ones, too."""

alerts: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(ALERT, json_values),
        "lastScannedDateTime": times | json_values,
        "alertConfiguration": st.just({"isEnabled": False}) | json_values,
        "alertIncidents": st.lists(st.fixed_dictionaries({"id": st.text()}), max_size=3) | json_values,
    },
)

problems: st.SearchStrategy[Problem] = st.sampled_from(get_args(ProblemName)).map(
    lambda name: make_problem(name, "Something.")
)


def _observe(kind: str, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    waits = st.none() | st.floats(0, LONGEST_RETRY_AFTER)
    return st.fixed_dictionaries({"kind": st.just(kind), "retryAfter": waits, **parts})


answered_at = st.none() | times
polled = _observe("operation", operation=operations)
faults = _observe("fault", problem=problems)
refreshed = _observe("refreshed", operationId=st.text(min_size=1), answeredAt=answered_at)
fetched = _observe("alert", alerts=st.lists(alerts, min_size=1, max_size=1), answeredAt=answered_at)
listed = _observe("alerts", alerts=st.lists(alerts, max_size=3), answeredAt=answered_at)
nothing = st.just({"kind": "nothing"})

targets = st.builds(Target, st.sampled_from(["alertId", "operationId"]), st.text(min_size=1)) | st.just(
    Target("allAlerts")
)
moments = st.timedeltas(-timedelta(days=9), timedelta(days=9)).map(lambda gap: NOW + gap)
names = st.lists(st.text(min_size=1), max_size=2).map(tuple)
wishes = st.builds(
    Wish,
    targets,
    created_at=moments,
    deadline=moments,
    select=names,
    expand=names,
    not_before=st.none() | moments,
    changes_for=st.none() | st.just("ops"),
    callback_url=st.none() | st.just("https://prod-07.westeurope.logic.azure.com/workflows/w?sig=secret"),
    poll_min_seconds=st.floats(1, 60),
    poll_max_seconds=st.floats(60, 3600),
    incidents_limit=st.integers(0, 10**6),
)
PHASES: dict[str, st.SearchStrategy[Any]] = {
    "refreshing": st.just(Refreshing()),
    "polling": st.builds(Polling, st.text(min_size=1)),
    "fetching": st.builds(Fetching, st.integers(0, 5)),
    "expiring": st.builds(Expiring, problems),
    "ended": st.just(Ended()),
}


def build_runs(*phases: str) -> st.SearchStrategy[Run]:
    """Return runs in one of `phases`, as far as any run can have come."""
    return st.builds(
        Run,
        st.just(RUN_ID),
        wishes,
        st.one_of([PHASES[phase] for phase in phases]),
        requested_at=st.none() | moments,
        began_at=st.none() | moments,
        polls=st.integers(0, 10**4),
        saw_running=st.booleans(),
        operation=st.none() | operations,
        failures=st.integers(0, 10**6),
        fault=st.none() | st.builds(Fault, problems, moments, st.integers(1, 10**4)),
        next_poll_at=st.none() | moments,
        problem=st.none() | problems,
    )


turns: st.SearchStrategy[tuple[Run, Observation]] = (
    st.tuples(build_runs("refreshing"), refreshed | faults | nothing)
    | st.tuples(build_runs("polling"), polled | faults | nothing)
    | st.tuples(build_runs("fetching"), fetched | listed | faults | nothing)
    | st.tuples(build_runs("expiring"), nothing)
)
"""A run, and what it may observe in its phase."""
