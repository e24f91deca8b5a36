"""The delivery in virtual time: when it posts again, for how long, and what it shows."""

import itertools
import json
import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from domain.delivery import PATIENCE, Delivery
from domain.timestamps import format_timestamp
from orchestrators.deliver_callback import deliver_callback
from orchestrators.steps import STEPS_PER_HISTORY
from tests.support.virtual_time import START, VirtualTime

URL = "https://prod-07.westeurope.logic.azure.com:443/workflows/w?sig=top-secret"
SENT: Delivery = {
    "post": {"url": URL, "runId": "run-1", "mediaType": "application/json", "body": {"runId": "run-1"}},
    "deadline": format_timestamp(START + PATIENCE),
    "attempts": 0,
}
DELIVERED = {"kind": "delivered", "detail": "HTTP 202.", "retryAfter": None}
REFUSED = {"kind": "refused", "detail": "HTTP 404: the workflow is gone.", "retryAfter": None}


def down(retry_after: float | None = None) -> dict[str, Any]:
    return {"kind": "tryAgain", "detail": "HTTP 503.", "retryAfter": retry_after}


def hub(attempts: Iterable[Any], **options: Any) -> VirtualTime:
    left = iter(attempts)
    return VirtualTime(deliver_callback, {"post_callback": lambda _: next(left)}, **options)


def posted(time: VirtualTime) -> list[timedelta]:
    return [at - START for at, _, _ in time.calls]


def test_one_post_is_all_when_the_receiver_is_there() -> None:
    time = hub([DELIVERED]).run(SENT)

    assert time.status == "COMPLETED"
    assert time.calls == [(START, "post_callback", SENT["post"])]
    assert time.custom_statuses[-1] == {
        "state": "delivered",
        "attempts": 1,
        "nextAttemptAt": None,
        "detail": "HTTP 202.",
    }


def test_a_receiver_that_comes_back_gets_the_outcome() -> None:
    time = hub([down(), down(), down(), DELIVERED]).run(SENT)

    first, second, third, fourth = posted(time)
    assert first == timedelta(0)
    assert timedelta(seconds=5) <= second <= timedelta(seconds=6)
    assert timedelta(seconds=10) <= third - second < timedelta(seconds=11.1)
    assert timedelta(seconds=20) <= fourth - third < timedelta(seconds=22.1)
    assert time.custom_statuses[-1]["attempts"] == 4
    time.replay()


def test_a_refusal_is_final() -> None:
    time = hub([down(), REFUSED]).run(SENT)

    assert time.status == "FAILED", "the portal counts it"
    assert time.failure == "HTTP 404: the workflow is gone."
    assert time.custom_statuses[-1] == {
        "state": "failed",
        "attempts": 2,
        "nextAttemptAt": None,
        "detail": "HTTP 404: the workflow is gone.",
    }


def test_after_a_day_it_gives_up() -> None:
    time = hub(itertools.repeat(down())).run(SENT)

    assert time.status == "FAILED"
    assert posted(time)[-1] == PATIENCE, "the last attempt is at the end of the day"
    assert max(later - earlier for earlier, later in itertools.pairwise(posted(time))) < timedelta(minutes=17)
    assert 90 < len(time.calls) < 120
    assert time.custom_statuses[-1]["detail"] == f"HTTP 503. Given up after {len(time.calls)} attempts."
    assert max(len(step.pastEvents) + len(step.newEvents) for step, _ in time.steps) < 400


def test_retry_after_is_never_cut_down() -> None:
    time = hub([down(3600.5), DELIVERED]).run(SENT)

    assert posted(time)[1] == timedelta(seconds=3601)


def test_a_retry_after_past_the_day_ends_it_at_once() -> None:
    time = hub([down(86_401)]).run(SENT)

    assert (time.status, len(time.calls)) == ("FAILED", 1)


def test_while_it_waits_the_next_attempt_is_shown_and_after_a_continue_as_new_the_count() -> None:
    time = hub([*[down()] * 20, DELIVERED]).run(SENT)

    planned = [status["nextAttemptAt"] for status in time.custom_statuses if status["nextAttemptAt"]]
    assert planned == sorted(planned)
    assert planned[0] > "2026-01-31T12:00:05"
    renewed = [response for request, response in time.steps if not request.pastEvents][1]
    assert json.loads(renewed.customStatus.value)["attempts"] == STEPS_PER_HISTORY
    assert time.custom_statuses[-1]["attempts"] == 21


@pytest.mark.parametrize("seconds", [1, 700, 20_000])
def test_a_subscriber_that_is_gone_is_left_in_peace(seconds: float) -> None:
    time = hub(itertools.repeat(down()), events={"cancel": timedelta(seconds=seconds)}).run(SENT)

    assert time.status == "COMPLETED"
    assert time.now == START + timedelta(seconds=seconds)
    assert time.custom_statuses[-1]["state"] == "cancelled"
    time.replay()


def test_a_subscriber_that_leaves_at_a_continue_as_new_is_left_in_peace() -> None:
    renewed_at = posted(hub(itertools.repeat(down())).run(SENT))[STEPS_PER_HISTORY]
    time = hub(itertools.repeat(down()), events={"cancel": renewed_at}).run(SENT)

    assert time.custom_statuses[-1]["state"] == "cancelled"
    assert time.now == START + renewed_at


def test_a_fault_of_the_app_does_not_lose_the_outcome() -> None:
    tries = itertools.count()

    def post(_: Any) -> Any:
        if next(tries) < 4:
            raise RuntimeError("worker lost")
        return DELIVERED

    time = VirtualTime(deliver_callback, {"post_callback": post}).run(SENT)

    assert time.status == "COMPLETED"
    assert time.custom_statuses[-1]["state"] == "delivered"


def test_one_log_line_for_each_attempt_without_the_url(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    time = hub([down(), DELIVERED]).run(SENT)

    lines = [json.loads(each.getMessage()) for each in caplog.records if each.name.startswith("orchestrators")]
    assert [(line["event"], line["runId"], line["decision"]) for line in lines] == [
        ("callback", "run-1", "delivering"),
        ("callback", "run-1", "delivered"),
    ]
    told = caplog.text + json.dumps(time.custom_statuses) + time.failure
    assert "top-secret" not in told
    assert "workflows" not in told
