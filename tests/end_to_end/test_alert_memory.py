"""The memory of an alert in the hosted app, as an operator with the system key reads and mends it."""

from typing import Any

import pytest
from domain.alert_changes import scanned_alert
from domain.alert_memory import entity_key

from tests.end_to_end.conftest import FUNCTION_KEY, SYSTEM_KEY, App
from tests.support.graph_samples import ALERT

ENTITIES = "/runtime/webhooks/durabletask/entities/alert_memory"
SECRET = "sv-1-secret-signature"
NOW = "2026-01-31T12:00:00.000Z"
REPORT = {"runId": "a", "operationId": "refresh:alert", "requestedAt": NOW, "now": NOW}


class Memory:
    """The entity of one alert, through the management API."""

    def __init__(self, app: App, alert_id: str) -> None:
        self.app = app
        self.path = f"{ENTITIES}/{entity_key(alert_id)}"

    async def signal(self, operation: str, given: Any) -> None:
        reply = await self.app.call("POST", self.path, params={"op": operation}, json=given, key=SYSTEM_KEY)
        assert reply.status == 202

    async def state(self) -> Any:
        reply = await self.app.call("GET", self.path, key=SYSTEM_KEY)
        return reply.body if reply.status == 200 else None

    async def until(self, **expected: Any) -> dict[str, Any]:
        """Wait until these members of the state are as expected, and return the state."""
        while True:
            state = await self.state()
            if state and {name: state[name] for name in expected} == expected:
                return dict(state)


@pytest.fixture
def memory(app: App, request: pytest.FixtureRequest) -> Memory:
    return Memory(app, f"{request.node.name}/of:an@alert#?")


async def test_it_is_empty_until_something_happens_and_after_it_was_deleted(memory: Memory) -> None:
    assert await memory.state() is None
    await memory.signal("claim", {"runId": "a", "now": NOW})
    await memory.until(claim={"runId": "a", "at": NOW}, refresh=None, known=None, before=None)
    assert (await memory.app.call("DELETE", memory.path, key=SYSTEM_KEY)).status == 202
    while await memory.state() is not None:
        pass


async def test_it_survives_many_operations(memory: Memory) -> None:
    await memory.signal("refreshed", REPORT)
    for number in range(100):
        scanned = f"2026-01-31T12:{number // 60:02}:{number % 60:02}Z"
        await memory.signal("compare", scanned_alert({**ALERT, "lastScannedDateTime": scanned}, [f"i-{number}"]))
        await memory.signal("claim", {"runId": f"r-{number}", "now": f"2026-01-31T13:{number % 60:02}:00Z"})
        await memory.signal("gave_up", {"runId": f"r-{number}"})
    last = scanned_alert({**ALERT, "lastScannedDateTime": "2026-01-31T12:01:39Z"}, ["i-99"])
    state = await memory.until(known=last, claim=None)
    assert state["before"]["incidentIds"] == ["i-98"]
    assert state["refresh"] == {
        "operationId": "refresh:alert",
        "requestedAt": NOW,
        "askedAt": NOW,
        "over": False,
    }


async def test_what_is_refused_changes_nothing_and_the_rest_of_its_batch_counts(memory: Memory) -> None:
    await memory.signal("refreshed", REPORT)
    await memory.signal("no-such-operation", REPORT)
    await memory.signal("claim", {"runId": "a", "now": "noon"})
    await memory.signal("gave_up", {"now": NOW})
    await memory.signal("over", {"operationId": "refresh:alert", "requestedAt": NOW})
    state = await memory.until(
        refresh={"operationId": "refresh:alert", "requestedAt": NOW, "askedAt": NOW, "over": True}
    )
    assert state["claim"] is None
    entity_id = f"@alert_memory@{memory.path.rpartition('/')[2]}"
    for reason in (
        "no-such-operation failed: builtins.ValueError: The operation must be one of claim, refreshed, ",
        "claim failed: builtins.ValueError: `now` must be an ISO 8601 time with an offset",
        "gave_up failed: builtins.KeyError: 'runId'",
    ):
        while f"{entity_id}: {reason}" not in memory.app.host.log:
            await memory.state()


async def test_it_keeps_and_tells_no_secret(memory: Memory) -> None:
    stowaway = {"callbackUrl": f"https://x.logic.azure.com/?sig={SECRET}", "token": SECRET}
    await memory.signal("claim", {"runId": "a", "now": NOW, **stowaway})
    await memory.signal("claim", {"runId": "a", "now": SECRET, **stowaway})
    await memory.signal("no-such-operation", stowaway)
    await memory.signal("compare", scanned_alert({**ALERT, **stowaway}, ["i"]))
    await memory.signal("refreshed", {**REPORT, **stowaway})
    await memory.until(claim=None)
    listed = await memory.app.call("GET", ENTITIES, params={"fetchState": "true"}, key=SYSTEM_KEY)
    assert memory.path.rpartition("/")[2] in [entity["entityId"]["key"] for entity in listed.body]
    assert SECRET not in str(listed.body)
    assert SECRET not in memory.app.host.log


async def test_callers_of_the_app_do_not_reach_it(memory: Memory) -> None:
    await memory.signal("claim", {"runId": "a", "now": NOW})
    await memory.until(refresh=None)
    assert (await memory.app.call("GET", memory.path, key=FUNCTION_KEY)).status in {401, 403}
    assert (await memory.app.call("GET", memory.path, key=None)).status == 401
