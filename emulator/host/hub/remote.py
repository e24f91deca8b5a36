"""The hub of a host that shares one: a process of its own, which outlives its hosts."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

import durabletask.internal.orchestrator_service_pb2 as pb
import durabletask.internal.orchestrator_service_pb2_grpc as stubs
import grpc
from google.protobuf.empty_pb2 import Empty

from emulator.host.hub.service import Hub, HubRefusedError, HubService

logger = logging.getLogger("host.hub")

ANSWER_SECONDS = 5.0
AGAIN_SECONDS = 0.5
# A work item carries a whole history. What the app's clients may send and take is limited by their own binding.
UNLIMITED = -1
OPTIONS = [
    ("grpc.max_receive_message_length", UNLIMITED),
    ("grpc.max_send_message_length", UNLIMITED),
    ("grpc.max_reconnect_backoff_ms", 1000),
]


class HubAwayError(Exception):
    """No task hub answers at the address; the text is one sentence for the developer."""


class _OverGrpc:
    """`HubService` on the generated stub."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        make_stub: Any = stubs.TaskHubSidecarServiceStub
        self._stub = make_stub(channel)

    def __getattr__(self, method: str) -> Callable[[Any], Awaitable[Any]]:
        call = getattr(self._stub, method)

        async def unary(request: Any) -> Any:
            try:
                return await call(request, wait_for_ready=True)
            except grpc.aio.AioRpcError as error:
                raise HubRefusedError(error.code(), error.details() or "") from None

        return unary

    def StreamInstanceHistory(  # noqa: N802 -- the service's name
        self, request: pb.StreamInstanceHistoryRequest
    ) -> AsyncIterator[pb.HistoryChunk]:
        history: AsyncIterator[pb.HistoryChunk] = self._stub.StreamInstanceHistory(request)
        return history

    async def hello(self) -> None:
        await self._stub.Hello(Empty(), timeout=ANSWER_SECONDS, wait_for_ready=True)

    def work_items(self) -> AsyncIterator[pb.WorkItem]:
        items: AsyncIterator[pb.WorkItem] = self._stub.GetWorkItems(pb.GetWorkItemsRequest(), wait_for_ready=True)
        return items


class RemoteHub(Hub):
    """The hub of `python -m emulator taskhub`. Calls wait for one that is away for a while."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._fetching: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Raise `HubAwayError` when nothing answers within `ANSWER_SECONDS`."""
        self._channel = grpc.aio.insecure_channel(self._address, OPTIONS)
        self._wire = _OverGrpc(self._channel)
        self.service = cast("HubService", self._wire)
        try:
            await self._wire.hello()
        except grpc.aio.AioRpcError:
            await self.stop()
            command = f"python -m emulator taskhub --port {self._address.rpartition(':')[2]}"
            raise HubAwayError(f"No task hub answers at {self._address}. Start one: {command}") from None
        return self._address

    def fetch(self, accept: Callable[[pb.WorkItem], None]) -> None:
        self._fetching = asyncio.create_task(self._fetch(accept))

    async def _fetch(self, accept: Callable[[pb.WorkItem], None]) -> None:
        while True:
            try:
                async for item in self._wire.work_items():
                    accept(item)
            except grpc.aio.AioRpcError as error:
                logger.warning("The task hub at %s sends no work: %s.", self._address, error.code().name)
            await asyncio.sleep(AGAIN_SECONDS)

    async def stop(self) -> None:
        if self._fetching:
            self._fetching.cancel()
            with suppress(asyncio.CancelledError):
                await self._fetching
        await self._channel.close()
