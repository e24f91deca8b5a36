"""The looks of a run, out of the durable history of its instance."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df
import grpc
from durabletask import history

from domain.look_history import LookHistory, look_history
from domain.observation import Observation
from domain.refresh_sharing import shared
from triggers.run_of import plain_json


async def read_looks(client: df.DurableFunctionsClient, run_id: str) -> LookHistory | None:
    """Return the looks of the run, or None when the task hub does not tell: a run is shown without them, too."""
    try:
        events = await client.get_orchestration_history(run_id)
        return _looks(events)
    except (grpc.RpcError, ValueError, KeyError, TypeError):
        # The extension streams no history, the SDK does not know an event, or another version of the app made the run.
        return None


def _looks(events: list[history.HistoryEvent]) -> LookHistory | None:
    started = next((event for event in events if isinstance(event, history.ExecutionStartedEvent)), None)
    return look_history(plain_json(started.input), _seen(events)) if started else None


def _seen(events: Iterable[history.HistoryEvent]) -> Iterator[tuple[datetime, Observation]]:
    """Yield what each look saw, with the time that the orchestrator had then: that at which it was woken."""
    now, claims = datetime.min.replace(tzinfo=UTC), set[str]()
    for event in events:
        if isinstance(event, history.OrchestratorStartedEvent):
            now = event.timestamp
        elif isinstance(event, history.EntityOperationCalledEvent) and event.operation == "claim":
            claims.add(event.request_id)
        # All activities of a run are looks.
        elif isinstance(event, history.TaskCompletedEvent):
            yield now, plain_json(event.result)
        elif isinstance(event, history.EntityOperationCompletedEvent) and event.request_id in claims:
            turn: Any = plain_json(event.output)
            if turn["kind"] != "refresh":
                yield now, shared(turn)
