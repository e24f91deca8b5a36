"""What an orchestrator or an activity fails with is a text that the task hub takes, whatever it holds."""

import logging
from typing import Any

import pytest

from alert_refresh.app import contain_faults
from alert_refresh.problems import LONGEST_FAILURE, Failed
from orchestrators.await_alert import await_alert
from orchestrators.deliver_outcome import deliver_outcome
from tests.orchestrators.hub import fault, hub, run
from tests.support.graph_samples import make_sample_run
from tests.support.virtual_time import START, VirtualTime

HALF = "\ud83d"
TEXTS = ["x" * 70_000, HALF * 70_000, "😀" * 70_000, f"half {HALF} of it", "", "two\nlines"]
"""The Durable extension never ends an instance that fails with more than 32,768 characters."""


def assert_taken(failure: str, text: str) -> None:
    failure.encode()
    assert len(failure) <= LONGEST_FAILURE
    assert text[:100].replace(HALF, "?") in failure


@pytest.mark.parametrize("text", TEXTS)
def test_a_run_that_is_refused_with_any_text(text: str) -> None:
    refusal = fault("request-refused")
    refusal["problem"]["detail"] = text
    time = run(hub([refusal]), make_sample_run(START))

    assert time.status == "FAILED"
    assert time.failure == refusal["problem"]["title"], "the host logs it, so it has no text of Graph's"


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("orchestrator", [await_alert, deliver_outcome], ids=["run", "delivery"])
def test_a_fault_of_the_app_with_any_text(orchestrator: Any, text: str) -> None:
    # Neither finds in this input what it needs.
    time = VirtualTime(orchestrator, {}).run({text: text})

    assert time.status == "FAILED"
    assert_taken(time.failure, "Error: ")


@pytest.mark.parametrize("text", TEXTS)
async def test_an_activity(text: str, caplog: pytest.LogCaptureFixture) -> None:
    @contain_faults
    async def fail(given: str) -> None:
        raise ValueError(given)

    with caplog.at_level(logging.ERROR), pytest.raises(Failed) as raised:
        await fail(text)

    assert_taken(str(raised.value), f"ValueError: {text}")
    assert raised.value.__cause__ is None, "the host prints causes, too"
    assert raised.value.__suppress_context__
    assert "in fail" in caplog.text, "the log has the place"
