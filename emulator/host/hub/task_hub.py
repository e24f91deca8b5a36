"""The finished hub: how instances are waited for, and the two doors to it."""

# ruff: noqa: N802 -- the method names are the gRPC service's
import errno
import os
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import durabletask.internal.orchestrator_service_pb2_grpc as stubs
import grpc
from durabletask.testing.in_memory_backend import OrchestrationInstance

from emulator.host.hub.in_process import in_process
from emulator.host.hub.leases import Leases
from emulator.host.hub.options import HubOptions

# Each client that waits for an instance holds one thread until the instance ends; threads are made on demand.
GRPC_THREADS = 256
# How soon a waiting thread notices that its caller hung up or that the hub stops.
_LOOK_UP_SECONDS = 0.2


class TaskHub(Leases):
    """`address` is the gRPC endpoint for durable clients and hosts; a host in this process uses `in_process`."""

    def __init__(self, grpc_message_limit: int, options: HubOptions | None = None) -> None:
        self.options = options or self.options
        super().__init__()
        self._message_limit = grpc_message_limit
        self._pool = ThreadPoolExecutor(GRPC_THREADS, thread_name_prefix="durable-grpc")
        self.address = ""

    def start(self, port: int = 0) -> str:
        """Serve on loopback and return the address; 0 takes a free port. Raises OSError when the port is taken."""
        options = [
            ("grpc.max_receive_message_length", self._message_limit),
            ("grpc.max_send_message_length", self._message_limit),
            ("grpc.so_reuseport", 0),
        ]
        self._server = grpc.server(self._pool, options=options)
        add_servicer: Any = stubs.add_TaskHubSidecarServiceServicer_to_server
        add_servicer(self, self._server)
        try:
            self.address = f"127.0.0.1:{self._server.add_insecure_port(f'127.0.0.1:{port}')}"
        except RuntimeError:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE)) from None
        self._server.start()
        self._timers.start()
        return self.address

    def stop(self, grace: float | None = None) -> None:
        self._timers.stop()
        self._shutdown_event.set()
        super().stop(grace)
        self._pool.shutdown(wait=True)

    def work_items(self) -> Generator[pb.WorkItem]:
        """Block for the next work item; ends when the hub stops. Closing it is what a host does that dies."""
        return self.GetWorkItems(pb.GetWorkItemsRequest(), in_process)

    def WaitForInstanceStart(
        self, request: pb.GetInstanceRequest, context: grpc.ServicerContext
    ) -> pb.GetInstanceResponse:
        return self._wait(request, context, lambda instance: instance.status != pb.ORCHESTRATION_STATUS_PENDING)

    def WaitForInstanceCompletion(
        self, request: pb.GetInstanceRequest, context: grpc.ServicerContext
    ) -> pb.GetInstanceResponse:
        return self._wait(request, context, self._is_terminal_status_check)

    def _wait(
        self,
        request: pb.GetInstanceRequest,
        context: grpc.ServicerContext,
        reached: Callable[[OrchestrationInstance], bool],
    ) -> pb.GetInstanceResponse:
        """Wait as long as the caller does; the base class gives up after 30 seconds when no deadline was set."""
        while context.is_active() and not self._shutdown_event.is_set():
            if instance := self._wait_for_state(request.instanceId, reached, timeout=_LOOK_UP_SECONDS):
                return self._build_instance_response(instance, request.getInputsAndOutputs)
        if self._shutdown_event.is_set():
            context.abort(grpc.StatusCode.UNAVAILABLE, "The task hub is stopping.")
        return pb.GetInstanceResponse(exists=False)
