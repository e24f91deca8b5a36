"""Runs page by page, over real gRPC from the emulator's task hub, whose worker these tests play."""

# ruff: noqa: SLF001 -- the query's one private access is what a new SDK would break

import json
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from domain.custom_status import custom_status
from domain.instance import State
from domain.problem import ProblemName, problem
from domain.run_filter import RunFilter
from triggers.task_hub import TaskHubUnavailable
from triggers.task_hub_page import hub_page
from triggers.task_hub_query import HUB_PAGES, query_runs

from emulator.host.hub import TaskHub, in_process
from tests.emulator.host.hub_worker import MESSAGE_LIMIT, complete
from tests.support.graph_samples import asked

CREATED = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
FAILED = pb.ORCHESTRATION_STATUS_FAILED
NO_FILTER = RunFilter()


class Hub:
    """A task hub with instances in whatever state a test wants."""

    def __init__(self, limit: int = MESSAGE_LIMIT) -> None:
        self.hub = TaskHub(limit)
        self.address = self.hub.start()
        self._items = self.hub.work_items()
        self._limit = limit

    def put(  # noqa: PLR0913 -- every one of them is a choice of the test
        self,
        number: int,
        status: Any = None,
        *,
        why: ProblemName | None = None,
        name: str = "await_alert",
        given: Any = None,
        output: str = "1",
    ) -> str:
        """Start the instance `number`, let it end with `status` (None: let it wait), and return its id."""
        instance_id = str(uuid.UUID(int=number))
        run = asked(CREATED) if given is None else given
        start = pb.CreateInstanceRequest(instanceId=instance_id, name=name)
        start.input.value = run if isinstance(run, str) else json.dumps(run)
        self.hub.StartInstance(start, in_process)
        item = next(self._items)
        response = pb.OrchestratorResponse(instanceId=instance_id, completionToken=item.completionToken)
        shown = {**custom_status(asked(CREATED)), "problem": problem(why, "So it is.") if why else None}
        response.customStatus.value = json.dumps(shown)
        if status is not None:
            response.actions.append(complete(status, output))
        self.hub.CompleteOrchestratorTask(response, in_process)
        return instance_id

    @asynccontextmanager
    async def client(self, address: str = "") -> AsyncIterator[df.DurableFunctionsClient]:
        """Open the durable client as the host's binding describes it."""
        binding = {"rpcBaseUrl": f"http://{address or self.address}", "maxGrpcMessageSizeInBytes": self._limit}
        client = df.DurableFunctionsClient(json.dumps(binding))
        try:
            yield client
        finally:
            await client.close()

    async def pages(self, chosen: RunFilter, size: int) -> list[list[str]]:
        """Return the ids of every page, until there is no next one."""
        pages, token = [], None
        async with self.client() as client:
            while True:
                runs, token = await query_runs(client, chosen, size, token)
                pages.append([run.id for run in runs])
                if token is None:
                    return pages


@pytest.fixture
def hub() -> Iterator[Hub]:
    started = Hub()
    yield started
    started.hub.stop()


async def test_the_sdk_still_has_what_the_query_reaches_for(hub: Hub) -> None:
    needed = {"runtimeStatus", "createdTimeFrom", "maxInstanceCount", "continuationToken", "fetchInputsAndOutputs"}
    missing = needed.difference(pb.InstanceQuery.DESCRIPTOR.fields_by_name)
    async with hub.client() as client:
        get_stub = getattr(client, "_get_stub", None)
        found = get_stub and hasattr(get_stub(), "QueryInstances")

    assert found, "this SDK keeps its gRPC stub elsewhere: mend _query in triggers/task_hub_page.py"
    assert not missing, "this SDK's InstanceQuery has changed: mend triggers/task_hub_query.py"


@pytest.mark.parametrize("size", [1, 3, 7, 8, 100])
async def test_pages_are_full_and_neither_lose_nor_repeat_a_run(hub: Hub, size: int) -> None:
    ids = [hub.put(number) for number in range(8)]
    pages = await hub.pages(NO_FILTER, size)

    assert [each for page in pages for each in page] == ids
    assert [len(page) for page in pages] == [len(ids[at : at + size]) for at in range(0, len(ids), size)]


async def test_a_page_goes_on_over_what_is_no_run_until_it_is_full(hub: Hub) -> None:
    names = "rxxrrrrrrxxxrxxrrxr"
    ids = [hub.put(at, name="await_alert" if name == "r" else "deliver_callback") for at, name in enumerate(names)]
    runs = [ids[at] for at, name in enumerate(names) if name == "r"]
    pages = await hub.pages(NO_FILTER, 4)

    assert pages == [runs[0:4], runs[4:8], runs[8:12]]


async def test_the_hub_itself_passes_over_runs_in_other_states(hub: Hub) -> None:
    for number in range(HUB_PAGES + 2):
        hub.put(number, FAILED)
    waiting = hub.put(HUB_PAGES + 2)

    assert await hub.pages(RunFilter(frozenset({"waiting"})), 1) == [[waiting]]


async def test_one_request_reads_so_many_pages_of_the_hub_and_no_more(hub: Hub) -> None:
    for number in range(HUB_PAGES + 2):
        hub.put(number, name="deliver_callback")
    last = hub.put(HUB_PAGES + 2)

    assert await hub.pages(NO_FILTER, 1) == [[], [last]]


async def test_runs_that_change_between_two_pages_do_not_move_the_others(hub: Hub) -> None:
    ids = [hub.put(0, pb.ORCHESTRATION_STATUS_COMPLETED), *(hub.put(number) for number in range(1, 6))]
    async with hub.client() as client:
        first, token = await query_runs(client, NO_FILTER, 3, None)
        hub.hub.PurgeInstances(pb.PurgeInstancesRequest(instanceId=ids[0]), in_process)
        hub.hub.TerminateInstance(pb.TerminateRequest(instanceId=ids[1]), in_process)
        second, end = await query_runs(client, NO_FILTER, 3, token)

    assert [run.id for run in first + second] == ids
    assert end is None


async def test_each_filter_finds_its_own(hub: Hub) -> None:
    ids: dict[State, list[str]] = {
        "succeeded": [hub.put(1, pb.ORCHESTRATION_STATUS_COMPLETED), hub.put(2, pb.ORCHESTRATION_STATUS_COMPLETED)],
        "failed": [hub.put(3, FAILED, why="operation-failed"), hub.put(4, FAILED)],
        "timedOut": [hub.put(5, FAILED, why="timed-out")],
        "cancelled": [hub.put(6, pb.ORCHESTRATION_STATUS_TERMINATED)],
        "waiting": [hub.put(7), hub.put(8)],
        "fetching": [],
    }

    for state, expected in ids.items():
        assert await hub.pages(RunFilter(frozenset({state})), 100) == [expected], state
    both = await hub.pages(RunFilter(frozenset({"timedOut", "waiting"})), 1)
    assert [each for page in both for each in page] == [*ids["timedOut"], *ids["waiting"]]


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        (RunFilter(created_from=CREATED), [0, 1, 2]),
        (RunFilter(created_from=CREATED + timedelta(hours=1)), [1, 2]),
        (RunFilter(created_before=CREATED + timedelta(hours=1)), [0]),
        (RunFilter(created_from=CREATED + timedelta(hours=1), created_before=CREATED + timedelta(hours=2)), [1]),
        (RunFilter(created_from=datetime(1, 1, 1, tzinfo=UTC)), [0, 1, 2]),
        (RunFilter(created_before=datetime(1, 1, 1, tzinfo=UTC)), []),
        (RunFilter(created_from=datetime(9999, 12, 31, tzinfo=UTC)), []),
        (RunFilter(created_before=datetime(9999, 12, 31, tzinfo=UTC)), [0, 1, 2]),
    ],
)
async def test_a_run_is_found_by_the_time_it_shows_and_not_by_the_hubs(
    hub: Hub, chosen: RunFilter, numbers: list[int]
) -> None:
    # The hub dates all of them now: as it does with a run of long ago that has just continued as new.
    ids = [hub.put(number, given=asked(CREATED + timedelta(hours=number))) for number in range(3)]

    assert await hub.pages(chosen, 100) == [[ids[number] for number in numbers]]


async def test_the_hub_is_told_of_the_earliest_time_with_room_for_its_own_clock(hub: Hub) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    inside = hub.put(1, given=asked(now + timedelta(minutes=4)))
    # A clock that far ahead is no clock, and shows that the hub has filtered.
    hub.put(2, given=asked(now + timedelta(minutes=20)))

    assert await hub.pages(RunFilter(created_from=now + timedelta(minutes=4)), 100) == [[inside, str(uuid.UUID(int=2))]]
    assert await hub.pages(RunFilter(created_from=now + timedelta(minutes=10)), 100) == [[]]


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in asked(CREATED).items() if name != field}


FOREIGN: dict[str, Any] = {
    "not JSON": "{",
    "null": "null",
    "a string": '"x"',
    "a list": "[]",
    "an empty object": "{}",
    "deep": "[" * 100_000,
    "no target": without("target"),
    "no time": without("createdAt"),
    "no operation": without("operation"),
    "a target that is none": asked(CREATED, target="x"),
    "an id that is none": asked(CREATED, target={"operationId": 7}),
    "a time that is none": asked(CREATED, createdAt="yesterday"),
    "polls that are none": asked(CREATED, polls="many"),
    "a phase that is none": asked(CREATED, phase=["waiting"]),
}


@pytest.mark.parametrize("given", FOREIGN.values(), ids=FOREIGN)
async def test_what_an_operator_started_by_hand_neither_shows_nor_breaks_the_list(hub: Hub, given: Any) -> None:
    hub.put(1, given=given)
    run = hub.put(2)

    assert await hub.pages(NO_FILTER, 100) == [[run]]


@pytest.mark.parametrize("instance_id", ["my-run", uuid.UUID(int=1).hex, "@await_alert@1", "1", "\u2028"])
async def test_an_id_that_no_link_would_open_is_not_shown(hub: Hub, instance_id: str) -> None:
    start = pb.CreateInstanceRequest(instanceId=instance_id, name="await_alert")
    start.input.value = json.dumps(asked(CREATED))
    hub.hub.StartInstance(start, in_process)

    assert await hub.pages(NO_FILTER, 100) == [[]]


async def test_a_run_that_has_not_begun_is_shown(hub: Hub) -> None:
    start = pb.CreateInstanceRequest(instanceId=str(uuid.UUID(int=1)), name="await_alert")
    start.input.value = json.dumps(asked(CREATED))
    hub.hub.StartInstance(start, in_process)

    assert await hub.pages(RunFilter(frozenset({"queued"})), 100) == [[start.instanceId]]


async def test_a_status_that_the_sdk_does_not_know_hides_one_instance_and_no_other(hub: Hub) -> None:
    unknown, run = hub.put(1), hub.put(2)
    hub.hub._instances[unknown].status = pb.ORCHESTRATION_STATUS_CANCELED

    assert await hub.pages(NO_FILTER, 100) == [[run]]


async def test_alerts_that_do_not_fit_into_one_message_together_are_listed_all_the_same() -> None:
    limit = 100_000
    hub = Hub(limit)
    done = pb.ORCHESTRATION_STATUS_COMPLETED
    ids = [hub.put(number, done, output=json.dumps("x" * (limit // 4))) for number in range(9)]

    try:
        assert await hub.pages(NO_FILTER, 100) == [ids]
        first, *_, last = await hub.pages(NO_FILTER, 2)
        assert (first, last) == (ids[:2], ids[-1:])
    finally:
        hub.hub.stop()


async def test_a_hub_that_is_gone_is_told_so(hub: Hub) -> None:
    async with hub.client("127.0.0.1:9") as client:
        with pytest.raises(TaskHubUnavailable) as raised:
            await query_runs(client, NO_FILTER, 50, None)

    assert str(raised.value) == str(grpc.StatusCode.UNAVAILABLE)


@pytest.mark.parametrize("said", ["", "0", "asked"])
async def test_a_hub_that_ends_with_a_token_is_not_asked_for_ever(hub: Hub, said: str) -> None:
    class Stub:
        async def QueryInstances(self, request: pb.QueryInstancesRequest) -> pb.QueryInstancesResponse:  # noqa: N802
            assert request.query.continuationToken.value == "asked"
            answer = pb.QueryInstancesResponse()
            answer.continuationToken.value = said
            return answer

    condition = pb.InstanceQuery()
    condition.continuationToken.value = "asked"
    async with hub.client() as client:
        client._stub = Stub()  # type: ignore[assignment]
        assert (await hub_page(client, condition)).token is None
