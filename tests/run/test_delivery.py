"""The delivery of an outcome: what is posted, what follows an attempt, and when it is given up."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.problems import make_problem
from alert_refresh.run.changes import compare
from alert_refresh.run.delivery import (
    BEGUN,
    GIVEN_UP,
    PATIENCE,
    Attempt,
    Delivery,
    DeliveryStep,
    describe_attempt,
    describe_delivery,
    make_delivery,
    step_delivery,
)
from alert_refresh.run.outcome import Outcome, attach_changes, make_result
from tests.orchestrators.hub import fetched
from tests.run.generated import NOW
from tests.support.generated import quick
from tests.support.graph_samples import ALERT, ALERT_ID, RUN_ID, make_sample_run

URL = "https://prod-07.westeurope.logic.azure.com/workflows/w?sig=secret"
RUN = make_sample_run(NOW, callback_url=URL, changes_for="ops")
ALERT_WITH_INCIDENTS: dict[str, Any] = {**ALERT, "alertIncidents": [{"id": "a"}]}
UNCOMPARED = make_result(RUN, fetched(**ALERT_WITH_INCIDENTS))  # type: ignore[arg-type]
OUTCOME = attach_changes(UNCOMPARED, compare({}, UNCOMPARED.scans or {}))
DELIVERED: Attempt = {"kind": "delivered", "detail": "HTTP 202.", "retryAfter": None}
REFUSED: Attempt = {"kind": "refused", "detail": "HTTP 404.", "retryAfter": None}


def busy(retry_after: float | None = None) -> Attempt:
    return {"kind": "tryAgain", "detail": "HTTP 503.", "retryAfter": retry_after}


def make(attempts: int = 0) -> Delivery:
    delivery = make_delivery(RUN, OUTCOME, NOW)
    assert delivery is not None
    return {**delivery, "attempts": attempts}


def test_an_outcome_goes_to_the_callback_with_what_the_subscriber_is_given() -> None:
    delivery = make()
    assert delivery == {
        "activity": "post_callback",
        "post": {
            "url": URL,
            "runId": RUN_ID,
            "mediaType": "application/json",
            "body": OUTCOME.result,
            "runUrl": None,
        },
        "subscriber": "ops",
        "scans": OUTCOME.scans,
        "deadline": "2026-02-01T12:00:00.000Z",
        "attempts": 0,
    }
    assert set(delivery["scans"]) == {ALERT_ID}
    uncompared = make_delivery(RUN, UNCOMPARED, NOW)
    assert uncompared is not None
    assert (uncompared["post"]["body"], uncompared["scans"]) == (UNCOMPARED.result, {}), "the baseline stays"
    assert json.loads(json.dumps(delivery)) == delivery
    problem = make_problem("timed-out", "Late.")
    late = make_delivery(RUN, Outcome(problem=problem), NOW)
    post = {**delivery["post"], "mediaType": "application/problem+json", "body": problem}
    assert late == {**delivery, "post": post, "scans": {}}


def test_a_card_is_posted_by_an_activity_of_its_own_and_links_to_the_run() -> None:
    run = make_sample_run(NOW, callback_url=URL, format="teams", runs_url="https://app.example/api/runs")
    delivery = make_delivery(run, OUTCOME, NOW)
    assert delivery is not None
    assert delivery["activity"] == "post_card"
    assert delivery["post"]["runUrl"] == f"https://app.example/api/runs/{RUN_ID}"


def test_nothing_is_delivered_without_a_callback_or_without_news() -> None:
    for changed in (True, False):
        outcome = attach_changes(OUTCOME, {ALERT_ID: {"changed": changed, "added": []}})  # type: ignore[typeddict-item]
        assert (make_delivery(RUN, outcome, NOW) is not None) == changed
    assert make_delivery(make_sample_run(NOW), OUTCOME, NOW) is None


END = 24 * 3600


@pytest.mark.parametrize(
    ("attempt", "attempts", "at", "state", "waits"),
    [
        (DELIVERED, 1, 0, "delivered", (0, 0)),
        (DELIVERED, 99, END + 60, "delivered", (0, 0)),
        (REFUSED, 1, 0, "failed", (0, 0)),
        (busy(), 1, 0, "delivering", (5, 6)),
        (busy(), 4, 0, "delivering", (40, 44)),
        (busy(), 99, 0, "delivering", (900, 990)),
        (busy(3600.0), 1, 0, "delivering", (3600, 3600)),
        (busy(), 99, END - 10, "delivering", (10, 10)),
        (busy(11.0), 99, END - 10, "failed", (0, 0)),
        (busy(), 99, END, "failed", (0, 0)),
    ],
)
def test_what_follows_an_attempt(
    attempt: Attempt, attempts: int, at: float, state: str, waits: tuple[float, float]
) -> None:
    then = step_delivery(attempt, make(attempts), NOW + timedelta(seconds=at))
    assert then.state == state
    assert waits[0] <= then.delay <= waits[1]
    assert attempt["detail"] in then.detail
    if attempt["kind"] == "tryAgain" and state == "failed":
        assert "99 attempts" in then.detail


@quick
@given(st.none() | st.floats(0, 864_000), st.integers(1, 1000), st.integers(-60, END + 60))
def test_a_delivery_waits_whole_seconds_as_long_as_asked_and_not_past_its_day(
    retry_after: float | None, attempts: int, at: int
) -> None:
    now = NOW + timedelta(seconds=at)
    then = step_delivery(busy(retry_after), make(attempts), now)
    if then.state == "delivering":
        assert then.delay >= max(1, retry_after or 0)
        assert then.delay.is_integer()
        assert now + timedelta(seconds=then.delay) < NOW + PATIENCE + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (BEGUN, ("delivering", None, None)),
        (DeliveryStep("delivering", "HTTP 503.", 30.0), ("delivering", "2026-01-31T12:00:30.000Z", "HTTP 503.")),
        (DeliveryStep("delivered", "HTTP 202."), ("delivered", None, "HTTP 202.")),
        (GIVEN_UP, ("failed", None, GIVEN_UP.detail)),
    ],
)
def test_the_custom_status_and_the_log_line_show_no_url_and_no_alert(
    then: DeliveryStep, expected: tuple[str, str | None, str | None]
) -> None:
    status = describe_delivery(make(3), NOW, then)
    assert (status["state"], status["nextAttemptAt"], status["detail"]) == expected
    assert status["attempts"] == 3
    line = describe_attempt(make(3), then)
    assert (line["event"], line["runId"], line["attempts"]) == ("callback", RUN_ID, 3)
    for shown in (json.dumps(status), json.dumps(line)):
        assert "secret" not in shown
        assert ALERT_ID not in shown
