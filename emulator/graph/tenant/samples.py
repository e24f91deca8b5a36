"""The seven alerts in alerts.json, made out to one tenant."""

import json
from pathlib import Path
from typing import Any

from emulator.graph.errors import JsonObject
from emulator.graph.tenant.incidents import invented

SAMPLES: dict[str, Any] = json.loads(Path(__file__).with_name("alerts.json").read_text(encoding="utf-8"))
ALERT_NAMES = tuple(SAMPLES)
SCOPE = {"scopeType": "DirectoryRole", "scopeId": "/"}


def definition(name: str, alert_id: str) -> JsonObject:
    return {"id": alert_id, **SAMPLES[name]["definition"]}


def configuration(name: str, alert_id: str) -> JsonObject:
    sample = SAMPLES[name]["configuration"]
    return {"@odata.type": sample["@odata.type"], "id": alert_id, "alertDefinitionId": alert_id, **SCOPE, **sample}


def count(name: str) -> int:
    return len(SAMPLES[name]["incidents"])


def incident(name: str, number: int) -> JsonObject:
    """Return the incident `number` of the alert `name`: those in alerts.json come first, after them invented ones."""
    documented = SAMPLES[name]["incidents"]
    own = documented[number] if number < len(documented) else invented(name, number)
    return {"@odata.type": SAMPLES[name]["incidentType"], **own}
