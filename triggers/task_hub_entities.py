"""What the task hub's entities know of how long scans take."""

import asyncio
import logging
import math
from operator import itemgetter

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import msgspec
from durabletask.entities import EntityInstanceId

from domain.alert_memory import entity_key
from domain.durations import Durations
from domain.elapsed import LONGEST_SCAN
from domain.run_state import RunState
from domain.scan_durations import ScanDurations, scan_kind
from triggers.task_hub import TaskHubUnavailable, code_of

PATIENCE_SECONDS = 1.0
"""A start waits no longer for what would only make it cheaper. The SDK itself would wait for good."""

MOST_KINDS = 100
ENTITY = "scan_durations"
logger = logging.getLogger(__name__)


async def informed(client: df.DurableFunctionsClient, run: RunState) -> RunState:
    """Return `run`, which has not begun, with what is known of scans of its kind; as it is when that is not to be had.

    What a run goes by is read once, and no part of its id.
    """
    if not run["learning"]:
        return run
    entity_id = EntityInstanceId(ENTITY, entity_key(scan_kind(run["target"])))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            entity = await client.get_entity(entity_id)
        known = _read(entity.get_state(str) or "") if entity else None
    except (grpc.RpcError, TimeoutError, ValueError) as error:
        logger.warning("How long scans take is not known to this run: %s", type(error).__name__)
        return run
    return {**run, "durations": known["durations"]} if known else run


async def known_scans(client: df.DurableFunctionsClient) -> list[ScanDurations]:
    """Return what is known of each kind of scan, of up to `MOST_KINDS`. Raises `TaskHubUnavailable`."""
    query = pb.EntityQuery(includeState=True)
    query.instanceIdStartsWith.value = f"@{ENTITY}@"
    query.pageSize.value = MOST_KINDS
    try:
        # As in task_hub_page: the SDK's own query would read every page, and give up at an id that it cannot parse.
        page = await client._get_stub().QueryEntities(pb.QueryEntitiesRequest(query=query))  # noqa: SLF001
    except grpc.RpcError as error:
        raise TaskHubUnavailable(code_of(error)) from error
    found = []
    for entity in page.entities:
        try:
            found.append(_read(entity.serializedState.value))
        except ValueError:
            # A hand has been at it. One that cannot be read must not hide the others.
            continue
    return sorted(found, key=itemgetter("kind"))


def _read(text: str) -> ScanDurations:
    """Return the state that `text` is. Raises ValueError when no run could go by it."""
    state = msgspec.json.decode(text, type=ScanDurations)
    if not _is_plausible(state["durations"]):
        raise ValueError("these durations are none")
    return state


def _is_plausible(durations: Durations) -> bool:
    return durations["variance"] >= 0 and abs(durations["mean"]) <= math.log(LONGEST_SCAN.total_seconds())
