"""When a run ends, in whatever way, the delivery of its outcome starts with its end: once, and with the same words."""

import itertools
import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from domain.timestamps import format_timestamp
from orchestrators.await_alert import await_alert
from tests.orchestrators.looks import hub, looked_after, seen, trouble
from tests.support.graph_samples import RUNNING, SUCCEEDED, asked
from tests.support.virtual_time import START, VirtualTime

URL = "https://prod-07.westeurope.logic.azure.com:443/workflows/w/runs/r/actions/a/run?sp=%2F&sv=1.0&sig=top-secret"
RUN = "ca5bbd26-6bb3-55ab-8a04-8b60eba7c6ab"
FAILED = {**RUNNING, "status": "failed"}
ENDS: dict[str, tuple[VirtualTime, str | None]] = {
    "succeeded": (hub([seen(RUNNING), seen(SUCCEEDED)]), None),
    "failed": (hub([seen(FAILED)]), "operation-failed"),
    "timed out": (hub(itertools.repeat(seen(RUNNING))), "timed-out"),
    "refused": (hub([trouble("permission-missing", kind="problem")]), "permission-missing"),
    "cancelled": (hub(itertools.repeat(seen(RUNNING)), events={"cancel": timedelta(seconds=1)}), "run-cancelled"),
    "by a fault of an activity": (VirtualTime(await_alert, {}), "internal-error"),
    "by a fault of its own": (hub([{"kind": "operation"}]), "internal-error"),
}


@pytest.mark.parametrize(("time", "problem"), ENDS.values(), ids=ENDS)
def test_the_outcome_sets_out_when_the_run_ends(time: VirtualTime, problem: str | None) -> None:
    time.run(asked(START, seconds=600, callbackUrl=URL), RUN)

    [(name, instance_id, sent)] = time.children
    assert name == "deliver_callback"
    assert instance_id == f"callback-{RUN}-20260131120000000"
    assert time.steps[-1][1].actions[-1].HasField("completeOrchestration")
    assert time.steps[-1][1].actions[-2].HasField("createSubOrchestration"), "in one transaction with the end"
    assert (sent["post"]["url"], sent["post"]["runId"], sent["attempts"]) == (URL, RUN, 0)
    if problem is None:
        assert sent["post"]["mediaType"] == "application/json"
        assert sent["post"]["body"] == time.output
    else:
        assert sent["post"]["mediaType"] == "application/problem+json"
        assert sent["post"]["body"]["type"].endswith(f":{problem}")
        assert sent["post"]["body"]["instance"] == f"urn:uuid:{RUN}"
        assert time.custom_statuses[-1]["problem"] in (sent["post"]["body"], None)
    time.replay()


def test_the_delivery_has_a_day_from_the_end_of_the_run() -> None:
    time = hub([seen(RUNNING), seen(SUCCEEDED)]).run(asked(START, callbackUrl=URL))

    ended = START + looked_after(asked(START), 2)[1]
    assert time.children[0][2]["deadline"] == format_timestamp(ended + timedelta(days=1))


def test_nobody_is_called_who_did_not_ask_for_it() -> None:
    assert hub([seen(SUCCEEDED)]).run(asked(START)).children == []


def test_a_run_that_continues_as_new_calls_nobody_before_its_end() -> None:
    time = hub([*[seen(RUNNING)] * 40, seen(SUCCEEDED)]).run(asked(START, callbackUrl=URL))

    assert len(time.children) == 1


def test_the_callback_url_is_in_no_status_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for time, _ in ((hub([seen(SUCCEEDED)]), None), (hub([seen(FAILED)]), None)):
        time.run(asked(START, callbackUrl=URL), RUN)
        shown: list[Any] = [*time.custom_statuses, time.output, time.failure]
        assert "top-secret" not in json.dumps(shown)
        assert "workflows" not in json.dumps(shown)
    assert "top-secret" not in caplog.text
