"""`python -m benchmarks.runs.durabletask_app`: the app's orchestrator and activities without Azure Functions.

What one would run instead: durabletask's own worker, which takes its work from the task hub over gRPC. The hub is the
emulator's and is in this process, as it is in the emulator's. The form of the log and the limits are the emulator's,
too: 10 orchestrations and 10 activities for each core at once, as the Durable extension has them.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import Any

from azure.functions.decorators.function_app import FunctionBuilder
from durabletask import task
from durabletask.worker import ConcurrencyOptions, TaskHubGrpcWorker

from activities import fetch_alert, get_operation
from emulator.host.hub import TaskHub
from emulator.host.log import configure_logging
from emulator.host.settings import DEFAULT_GRPC_MESSAGE_LIMIT
from orchestrators.await_alert import await_alert

AT_ONCE = 10 * (os.cpu_count() or 1)


def main() -> None:
    """Serve until SIGTERM."""
    configure_logging("info")
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    hub = TaskHub(DEFAULT_GRPC_MESSAGE_LIMIT)
    address = hub.start()
    worker = TaskHubGrpcWorker(
        host_address=address,
        # Its activities are functions that hold a thread while Graph answers: as many as may do so at once.
        concurrency_options=ConcurrencyOptions(AT_ONCE, AT_ONCE, AT_ONCE, maximum_thread_pool_workers=AT_ONCE),
        emit_trace_spans=False,
        # One without a handler of its own, as the Functions SDK gives it.
        logger=logging.getLogger("durabletask.worker"),
    )
    worker.add_orchestrator(_unwrap(await_alert, "orchestrator_function"))
    for module in (get_operation, fetch_alert):
        worker.add_activity(_make_activity(module, loop))
    with worker:
        worker.start()  # type: ignore[no-untyped-call]
        print(f"Listening on {address}", flush=True)  # noqa: T201 - the bench reads it
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    hub.stop()


def _make_activity(module: ModuleType, loop: asyncio.AbstractEventLoop) -> Callable[[task.ActivityContext, Any], Any]:
    """Return the activity as durabletask calls it. Its session belongs to one event loop, and so it runs there."""
    name = module.__name__.rpartition(".")[2]
    function: Callable[[Any], Coroutine[Any, Any, Any]] = getattr(module, name)._function.get_user_function()  # noqa: SLF001

    def activity(_: task.ActivityContext, request: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(function(request), loop).result()

    activity.__name__ = name
    return activity


def _unwrap(builder: FunctionBuilder, name: str) -> Any:
    return vars(builder._function.get_user_function())[name]  # noqa: SLF001 - the SDK's own tests reach it so


if __name__ == "__main__":
    # Before the first thread: each inherits the mask, and sigwait gets the signal.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
