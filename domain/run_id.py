"""Run ids: made from what is asked, so that whoever asks again finds the run."""

import json
import uuid

from domain.run_state import RunState
from domain.timestamps import parse_timestamp

RUNS = uuid.UUID("6f6c8a0e-5b0f-5c4e-9d57-3f0a4f6b7a51")
"""Namespace of run ids."""


def run_id(run: RunState, idempotency_key: str | None) -> str:
    """Return the id of `run`: of the key alone when the caller gave one, of the question otherwise."""
    # A question is a JSON object and begins with a brace: no key can take its id.
    return question_id(run) if idempotency_key is None else str(uuid.uuid5(RUNS, f"Idempotency-Key: {idempotency_key}"))


def question_id(run: RunState) -> str:
    """Return the id of what `run` asks: the same for every run that asks the same, whenever it was asked."""
    created, deadline = parse_timestamp(run["createdAt"]), parse_timestamp(run["deadline"])
    question = {
        "target": run["target"],
        "select": run["select"],
        "expand": run["expand"],
        "notBefore": run["notBefore"],
        "onlyIfChanged": run["onlyIfChanged"],
        "notifyChangesOnly": run["notifyChangesOnly"],
        "callbackUrl": run["callbackUrl"],
        "timeoutSeconds": (deadline - created).total_seconds() if deadline and created else None,
    }
    return str(uuid.uuid5(RUNS, json.dumps(question, sort_keys=True)))
