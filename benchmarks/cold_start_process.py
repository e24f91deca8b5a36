"""`python -m benchmarks.cold_start_process app|packages|packages-without-identity`: one cold start, and what it costs.

`app` lets the worker library import and index the app; the others import the packages that it is made with. The worker
itself is in memory before: Azure keeps such processes waiting for an app, and an app cannot make them cheaper.
"""

import json
import sys
from importlib import import_module
from time import perf_counter, process_time
from types import SimpleNamespace
from typing import Any, TypedDict

from azure_functions_runtime import handle_event as _handle_event
from azure_functions_runtime.bindings.meta import load_binding_registry

# The library carries no types.
handle_event: Any = _handle_event

WITHOUT_IDENTITY = ("aiohttp", "azure.durable_functions", "azure.functions")
PACKAGES = {
    "packages": (*WITHOUT_IDENTITY, "azure.identity.aio"),
    # The app imports azure-identity when it asks for its first token.
    "packages-without-identity": WITHOUT_IDENTITY,
}


class Start(TypedDict):
    """CPU in user and kernel mode, wall time, and the modules that were imported."""

    cpuSeconds: float
    wallSeconds: float
    modules: int


def main() -> None:
    handle_event.protos = SimpleNamespace(
        BindingInfo=BindingInfo, RpcFunctionMetadata=SimpleNamespace, RpcRetryOptions=SimpleNamespace
    )
    modules, wall, cpu = len(sys.modules), perf_counter(), process_time()
    load_binding_registry()
    if sys.argv[1] == "app":
        handle_event.load_function_metadata(".", "benchmarks")
        if not handle_event._metadata_result:  # noqa: SLF001 - the library has no other way to tell
            raise RuntimeError("The worker library found no function.")
    else:
        for package in PACKAGES[sys.argv[1]]:
            import_module(package)
    cpu, wall = process_time() - cpu, perf_counter() - wall
    start: Start = {"cpuSeconds": cpu, "wallSeconds": wall, "modules": len(sys.modules) - modules}
    print(json.dumps(start))  # noqa: T201 - to the process that started this one


class BindingInfo(SimpleNamespace):
    """As much of the worker's protobuf message as indexing touches."""

    inout, out = 2, 1

    class DataType:
        undefined, string, binary, stream = range(4)


if __name__ == "__main__":
    main()
