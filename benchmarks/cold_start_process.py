"""One cold start: the worker library imports and indexes the app in a folder, and this process says what that cost.

`python -m benchmarks.cold_start_process FOLDER`, in a fresh interpreter each time. The worker itself is in memory
before: Azure keeps such processes waiting for an app, and an app cannot make them cheaper.
"""

import json
import sys
from time import perf_counter, process_time
from types import SimpleNamespace
from typing import Any, TypedDict

from azure_functions_runtime import handle_event as _handle_event
from azure_functions_runtime.bindings.meta import load_binding_registry

# The library carries no types.
handle_event: Any = _handle_event


class Start(TypedDict):
    """User and system CPU, and wall time, from the folder to its functions; modules that it took."""

    cpuSeconds: float
    wallSeconds: float
    modules: int
    functions: list[str]


def main() -> None:
    folder = sys.argv[1]
    sys.path.insert(0, folder)
    handle_event.protos = SimpleNamespace(
        BindingInfo=BindingInfo, RpcFunctionMetadata=SimpleNamespace, RpcRetryOptions=SimpleNamespace
    )
    modules, wall, cpu = len(sys.modules), perf_counter(), process_time()
    load_binding_registry()
    handle_event.load_function_metadata(folder, "benchmarks")
    cpu, wall = process_time() - cpu, perf_counter() - wall
    functions = [function.name for function in handle_event._metadata_result]  # noqa: SLF001 - there is no other way
    start: Start = {
        "cpuSeconds": cpu,
        "wallSeconds": wall,
        "modules": len(sys.modules) - modules,
        "functions": functions,
    }
    print(json.dumps(start))  # noqa: T201 - to the process that started this one


class BindingInfo(SimpleNamespace):
    """As much of the worker's protobuf message as indexing touches."""

    inout, out = 2, 1

    class DataType:
        undefined, string, binary, stream = range(4)


if __name__ == "__main__":
    main()
