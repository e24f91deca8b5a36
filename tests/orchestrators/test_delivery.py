"""The outcome sets out with the end of the run, and is posted for a day while the receiver does not take it."""

import itertools
import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from alert_refresh.run.delivery import PATIENCE, Delivery
from alert_refresh.timestamps import format_timestamp
from orchestrators.await_alert import await_alert
from orchestrators.deliver_outcome import deliver_outcome
from orchestrators.steps import ENTITY_SECONDS, POLLS_PER_HISTORY
from tests.orchestrators.hub import SUBSCRIBER, fault, hub, list_moments, polled, run, subscribers
from tests.support.graph_samples import RUN_ID, RUNNING, SUCCEEDED, make_sample_run
from tests.support.virtual_entities import VirtualEntities
from tests.support.virtual_time import START, VirtualTime

URL = "https://prod-07.westeurope.logic.azure.com:443/workflows/w/runs/r/actions/a/run?sp=%2F&sv=1.0&sig=top-secret"
FAILED = {**RUNNING, "status": "failed"}
ENDS: dict[str, tuple[VirtualTime, str | None]] = {
    "succeeded": (hub([polled(RUNNING), polled(SUCCEEDED)]), None),
    "failed": (hub([polled(FAILED)]), "operation-failed"),
    "timed out": (hub(itertools.repeat(polled(RUNNING))), "timed-out"),
    "refused": (hub([fault("request-refused")]), "request-refused"),
    "cancelled": (hub(itertools.repeat(polled(RUNNING)), events={"cancel": timedelta(seconds=1)}), "run-cancelled"),
    "by a fault of an activity": (VirtualTime(await_alert, {}), "internal-error"),
    "by a fault of its own": (hub([{"kind": "operation"}]), "internal-error"),
}
SCAN: Any = {"isActive": True, "incidentCount": 1, "incidentIds": ["1"], "idsDigest": "d", "scannedAt": None}
DELIVERED = {"kind": "delivered", "detail": "HTTP 202.", "retryAfter": None}
REFUSED = {"kind": "refused", "detail": "HTTP 404.", "retryAfter": None}


def away(retry_after: float | None = None) -> dict[str, Any]:
    return {"kind": "tryAgain", "detail": "HTTP 503.", "retryAfter": retry_after}


def deliver(*attempts: Any, subscriber: str | None = None, **options: Any) -> VirtualTime:
    """Run a delivery whose POSTs give `attempts` in turn; an exception is raised."""
    answers = iter(attempts)

    def post_callback(_: Any) -> Any:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    post: Any = {
        "url": URL,
        "runId": RUN_ID,
        "mediaType": "application/json",
        "body": {"runId": RUN_ID},
        "runUrl": None,
    }
    delivery: Delivery = {
        "activity": "post_callback",
        "post": post,
        "subscriber": subscriber,
        "scans": {"a": SCAN},
        "deadline": format_timestamp(START + PATIENCE),
        "attempts": 0,
    }
    return VirtualTime(deliver_outcome, {"post_callback": post_callback}, **options).run(delivery, f"callback-{RUN_ID}")


@pytest.mark.parametrize(("time", "problem"), ENDS.values(), ids=ENDS)
def test_the_delivery_starts_in_one_transaction_with_the_end(time: VirtualTime, problem: str | None) -> None:
    run(time, make_sample_run(START, seconds=600, callback_url=URL))

    [(name, instance_id, delivery)] = time.children
    assert (name, instance_id) == ("deliver_outcome", f"callback-{RUN_ID}")
    assert time.steps[-1][1].actions[-1].HasField("completeOrchestration")
    assert time.steps[-1][1].actions[-2].HasField("createSubOrchestration")
    assert delivery["post"]["url"] == URL
    assert delivery["deadline"] == format_timestamp(time.now + timedelta(days=1))
    body = delivery["post"]["body"]
    if problem is None:
        assert (delivery["post"]["mediaType"], body) == ("application/json", time.output)
    else:
        assert delivery["post"]["mediaType"] == "application/problem+json"
        assert body["type"].endswith(f":{problem}")
        assert body == time.custom_statuses[-1]["problem"]
    time.replay()


@pytest.mark.parametrize("operation", [SUCCEEDED, FAILED])
def test_the_callback_url_is_in_no_status_and_no_log(operation: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    time = run(hub([polled(operation)]), make_sample_run(START, callback_url=URL))
    delivery = deliver(away(), DELIVERED)

    shown = [*time.custom_statuses, time.output, time.failure, *delivery.custom_statuses]
    assert "workflows" not in json.dumps(shown) + caplog.text
    assert "top-secret" not in json.dumps(shown) + caplog.text


def test_a_receiver_that_comes_back_gets_the_outcome() -> None:
    time = deliver(away(3600.5), *[RuntimeError("a fault")] * 3, DELIVERED)

    assert time.status == "COMPLETED"
    assert (time.custom_statuses[-1]["state"], time.custom_statuses[-1]["attempts"]) == ("delivered", 3)
    assert list_moments(time, "post_callback")[1] == timedelta(seconds=3601), "Retry-After is never cut down"
    time.replay()


def test_after_a_day_the_delivery_is_given_up() -> None:
    time = deliver(*itertools.repeat(away(), 500))

    assert time.status == "FAILED"
    assert list_moments(time, "post_callback")[-1] == PATIENCE, "the last attempt is at the end of the day"
    assert 90 < len(time.calls) < 120
    assert time.custom_statuses[-1]["detail"] == f"HTTP 503. Given up after {len(time.calls)} attempts."
    assert max(len(step.pastEvents) + len(step.newEvents) for step, _ in time.steps) < 400
    renewed = [response for request, response in time.steps if not request.pastEvents][1]
    assert json.loads(renewed.customStatus.value)["attempts"] == POLLS_PER_HISTORY


@pytest.mark.parametrize(("early", "attempts"), [(1, POLLS_PER_HISTORY), (0, POLLS_PER_HISTORY + 1)])
def test_a_caller_that_gives_up_gets_no_more_attempts(early: float, attempts: int) -> None:
    """Also when it gives up as one history ends and the next begins, with the attempt that is due."""
    begins = list_moments(deliver(*itertools.repeat(away(), 500)), "post_callback")[POLLS_PER_HISTORY]
    gives_up = begins - timedelta(seconds=early)
    time = deliver(*itertools.repeat(away(), 500), events={"cancel": gives_up})

    assert (time.now, len(time.calls)) == (START + gives_up, attempts)
    assert (time.status, time.custom_statuses[-1]["state"]) == ("COMPLETED", "failed")


@pytest.mark.parametrize(
    ("answer", "status", "state", "given"),
    [(DELIVERED, "COMPLETED", "delivered", {"a": SCAN}), (REFUSED, "FAILED", "failed", None)],
)
def test_the_subscriber_is_given_what_its_receiver_accepted(answer: Any, status: str, state: str, given: Any) -> None:
    entities = subscribers()
    time = deliver(away(), answer, subscriber="ops", entities=entities)

    assert (time.status, time.custom_statuses[-1]["state"], len(time.calls)) == (status, state, 2)
    assert entities.state(SUBSCRIBER) == given


def test_a_subscriber_that_never_answers_holds_no_delivery_up() -> None:
    entities = VirtualEntities(subscribers().functions, silent=True)
    time = deliver(DELIVERED, subscriber="ops", entities=entities)

    assert (time.status, time.custom_statuses[-1]["state"]) == ("COMPLETED", "delivered")
    assert time.now == START + timedelta(seconds=ENTITY_SECONDS)
