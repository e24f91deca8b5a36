"""What the portal and `GET /runs/{id}` show of a run while it goes on, and of its problem after."""

import json
from typing import Any

from domain.operation import PROPERTIES, Operation
from domain.problem import Problem
from domain.run_state import RunState

LIMIT = 4096
"""Characters of JSON, in ASCII. The Durable extension fails a run whose custom status has more than 8,192 characters of
UTF-16, which is never more than these."""

SHORT = 150
"""Characters of JSON that each text keeps when the whole does not fit. There are 18 texts in it at most."""


def custom_status(run: RunState, why: Problem | None = None) -> dict[str, Any]:
    """Return the custom status, at most `LIMIT` characters as JSON."""
    operation = run["operation"]
    status = {
        "phase": run["phase"],
        "operationStatus": Operation(operation).status if operation else None,
        "polls": run["polls"],
        "nextPollAt": run["nextPollAt"],
        "deadline": run["deadline"],
        "operation": operation,
        "problem": why,
    }
    if len(json.dumps(status)) <= LIMIT:
        return status
    known = {name: value for name, value in (operation or {}).items() if name in PROPERTIES and isinstance(value, str)}
    shortened: dict[str, Any] = _short({**status, "operation": known if operation else None})
    return shortened


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _short(member) for name, member in value.items()}
    if not isinstance(value, str) or len(json.dumps(value)) <= SHORT:
        return value
    # JSON writes one character as one to twelve: halving finds a fit without counting them.
    while len(json.dumps(value)) > SHORT:
        value = value[: len(value) // 2]
    return value + "…"
