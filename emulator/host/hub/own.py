"""The hub of a host that has one to itself: its gRPC methods are called directly, without a wire."""

# ruff: noqa: N802 -- the method names are the gRPC service's
import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

import durabletask.internal.orchestrator_service_pb2 as pb

from emulator.host.hub.in_process import in_process
from emulator.host.hub.options import HubOptions
from emulator.host.hub.service import Hub, HubService
from emulator.host.hub.task_hub import TaskHub


class _Direct:
    """`HubService` on the hub itself. Its methods take a lock for a moment, and wait for nothing else."""

    def __init__(self, hub: TaskHub) -> None:
        self._hub = hub

    def __getattr__(self, method: str) -> Callable[[Any], Awaitable[Any]]:
        call = getattr(self._hub, method)

        async def unary(request: Any) -> Any:
            return call(request, in_process)

        return unary

    async def StreamInstanceHistory(self, request: pb.StreamInstanceHistoryRequest) -> AsyncIterator[pb.HistoryChunk]:
        for chunk in self._hub.StreamInstanceHistory(request, in_process):
            yield chunk


class OwnHub(Hub):
    """A hub that lives and dies with its host."""

    def __init__(self, grpc_message_limit: int, options: HubOptions) -> None:
        self._hub = TaskHub(grpc_message_limit, options)
        self._thread: threading.Thread | None = None
        self.service = cast("HubService", _Direct(self._hub))

    async def start(self) -> str:
        return self._hub.start()

    def fetch(self, accept: Callable[[pb.WorkItem], None]) -> None:
        """Wait for work on a thread of its own."""
        loop = asyncio.get_running_loop()

        def hand_over() -> None:
            for item in self._hub.work_items():
                with suppress(RuntimeError):  # the loop is gone: the host was torn down without a stop
                    loop.call_soon_threadsafe(accept, item)

        self._thread = threading.Thread(target=hand_over, name="durable-work", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        await asyncio.to_thread(self._hub.stop)
        if self._thread:
            await asyncio.to_thread(self._thread.join)
