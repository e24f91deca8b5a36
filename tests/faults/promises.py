"""What holds in every run, whatever goes wrong."""

import itertools
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from tests.faults.virtual_app import VirtualApp
from tests.support.graph_samples import GRAPH
from tests.support.virtual_time import START

SIGNATURE = "S3CRET-signature"
PERSON = "anna@contoso.example"
"""In texts of Graph."""
CALLBACK = f"https://prod-07.westeurope.logic.azure.com/workflows/w/triggers/manual/paths/invoke?sig={SIGNATURE}"


def assert_kept(app: VirtualApp, log: pytest.LogCaptureFixture, seconds: float) -> None:
    """Check all of them for a run of at most `seconds`."""
    no_token_went_elsewhere(app)
    nothing_secret_is_told(app, log)
    no_wait_was_cut_short(app)
    it_ended_in_time(app, log, seconds)
    app.time.replay()


def no_token_went_elsewhere(app: VirtualApp) -> None:
    assert app.elsewhere.calls == []
    assert all("Authorization" not in request.headers for request in app.identity.requests)
    # A token of one cloud is worth nothing in another.
    resource = GRAPH if app.graph.tls else app.graph.base_url
    assert all(f"resource={resource}&" in f"{request.target}&" for request in app.identity.requests)
    for call in app.graph.calls:
        assert (call.headers["host"], call.token is not None) == (app.graph.base_url.rpartition("/")[2], True)


def nothing_secret_is_told(app: VirtualApp, log: pytest.LogCaptureFixture) -> None:
    time = app.time
    told = json.dumps([time.custom_statuses, time.output, time.failure]) + log.text
    told += "".join(repr(vars(record)) for record in log.records)
    assert re.search('"event": "poll".*"event": "end"', log.text, re.DOTALL), "the log is kept"
    status = [{**each, "problem": None, "waitingFor": None} for each in time.custom_statuses]
    assert PERSON not in json.dumps([status, time.failure]) + log.text, "only a problem repeats what Graph says"
    tokens = {(call.token or "").removeprefix("Bearer ") for call in app.graph.calls}
    assert not [secret for secret in (*tokens, app.identity.secret, SIGNATURE) if secret in told]
    kept = b"".join(request.SerializeToString() + actions.SerializeToString() for request, actions in time.steps)
    assert not [secret for secret in (*tokens, app.identity.secret) if secret.encode() in kept], "in the history"


def no_wait_was_cut_short(app: VirtualApp) -> None:
    for earlier, later in itertools.pairwise(app.graph.calls):
        assert later.at - earlier.at >= timedelta(seconds=earlier.answer.wait)


def it_ended_in_time(app: VirtualApp, log: pytest.LogCaptureFixture, seconds: float) -> None:
    assert app.time.status in {"COMPLETED", "FAILED"}
    assert app.time.now <= START + timedelta(seconds=seconds)
    delivered: list[Any] = [given["post"]["body"] for _, _, given in app.time.children]
    assert len([record for record in log.records if '"event": "end"' in record.getMessage()]) == 1
    assert delivered == [app.time.output or app.problem], "the callback gets what the caller gets"
