"""Drives `azure_functions_runtime` the way its Rust front end does: no protobuf, one call to index, one per invocation.

The library keeps its registry in module globals, so one process can serve one app.
"""

import asyncio
import importlib
import logging
import os
import sys
import threading
import traceback
from contextvars import ContextVar
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import azure_functions_runtime as runtime
from azure_functions_runtime import handle_event as _handle_event
from azure_functions_runtime.bindings.meta import load_binding_registry
from azure_functions_runtime.native_invocation import invocation_request_native as _invoke
from azure_functions_runtime.otel import otel_manager, update_opentelemetry_status
from azure_functions_runtime.utils.app_setting_manager import is_envvar_true

from emulator.host.tracing import TraceContext
from emulator.host.worker.datum import Datum
from emulator.host.worker.failure import FunctionFailedError
from emulator.host.worker.functions import Function

running_invocations: dict[str, str] = {}
"""Function names by invocation id, for the log."""

# Every DFApp brings these along, for `call_http`.
BUILT_IN = "BuiltIn__"

# The library carries no types.
handle_event: Any = _handle_event
invoke_natively: Any = _invoke

_raised: ContextVar[BaseException | None] = ContextVar("raised", default=None)


class AppError(Exception):
    """The app cannot be loaded. The text is for the developer and holds the app's own traceback when there is one."""


class _KeepRaised(logging.Filter):
    """Keeps the exception object of a failed invocation: the library returns only its `repr`, which loses the type."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None and record.getMessage() == "Native invocation failed":
            _raised.set(record.exc_info[1])
            return False
        return True


class FunctionsWorker:
    """An indexed app, ready to be invoked."""

    def __init__(self, functions: list[Function]) -> None:
        self.functions = functions

    @classmethod
    def load(cls, folder: Path) -> "FunctionsWorker":
        """Import and index the app in `folder`; raises AppError when it is missing, fails or has no function."""
        script = folder / os.environ.get("PYTHON_SCRIPT_FILE_NAME", "function_app.py")
        if not script.is_file():
            raise AppError(f"There is no {script.name} in {folder}; run the host in the folder of the app.")
        sys.path.insert(0, str(folder))
        importlib.invalidate_caches()
        handle_event.protos = _protos()
        load_binding_registry()
        _keep_raised()
        _attach_traces()
        try:
            handle_event.load_function_metadata(str(folder), "emulator")
            indexed = handle_event._metadata_result or []  # noqa: SLF001 -- the library offers no other way to its index
            functions = [Function.from_bindings(f.name, f.function_id, f.raw_bindings) for f in indexed]
        except (Exception, SystemExit) as error:
            raise AppError(f"{script.name} cannot be loaded.\n{_traceback_of_app(error)}") from error
        if all(function.name.startswith(BUILT_IN) for function in functions):
            raise AppError(f"{script.name} defines no function.")
        runtime.start_threadpool_executor()
        return cls(functions)

    @staticmethod
    async def invoke(
        invocation_id: str, function: Function, inputs: list[tuple[str, Datum | None]], trace: TraceContext
    ) -> Datum | None:
        """Run the function within `trace` and return its `$return`; raises FunctionFailedError."""
        running_invocations[invocation_id] = function.name
        _raised.set(None)
        try:
            succeeded, result, _outputs, text, _trace = await invoke_natively(
                invocation_id, function.function_id, inputs, {}, trace.parent, trace.state
            )
        finally:
            del running_invocations[invocation_id]
        if succeeded:
            return cast("Datum | None", result)
        raised = _raised.get()
        raise FunctionFailedError.of(raised) if raised else FunctionFailedError.from_text(str(text))

    @staticmethod
    async def close(grace: float) -> bool:
        """Stop the thread pool and return whether its functions ended within `grace` seconds."""
        closing = threading.Thread(target=runtime.stop_threadpool_executor, daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, grace)
        return not closing.is_alive()


def _keep_raised() -> None:
    library = logging.getLogger("azure.functions")
    library.addFilter(_KeepRaised())
    library.setLevel(min(library.getEffectiveLevel(), logging.ERROR))


def _attach_traces() -> None:
    """Let the library make the host's trace the current one, as the host does. Source: its worker_init_request."""
    if is_envvar_true("PYTHON_ENABLE_OPENTELEMETRY"):
        otel_manager.set_otel_libs_available(otel_libs_available=True)  # type: ignore[no-untyped-call]
        update_opentelemetry_status()  # type: ignore[no-untyped-call]


def _traceback_of_app(error: BaseException) -> str:
    """Return the traceback from the app's first line on, without the loader's own frames."""
    if isinstance(error, ImportError) and isinstance(error.__context__, ImportError):
        error = error.__context__  # the library wraps it to add advice
    frames = traceback.TracebackException.from_exception(error)
    loader = (str(Path(runtime.__file__).parent), str(Path(__file__).parent), "<frozen importlib")
    own = [i for i, frame in enumerate(frames.stack) if not frame.filename.startswith((*loader, importlib.__file__))]
    frames.stack = traceback.StackSummary.from_list(frames.stack[own[0] :] if own else [])
    return "".join(frames.format())


def _protos() -> SimpleNamespace:
    """Return the little of the worker's protobuf module that indexing touches."""

    class BindingInfo(SimpleNamespace):
        inout, out = 2, 1

        class DataType:
            undefined, string, binary, stream = range(4)

    def record(**fields: Any) -> SimpleNamespace:
        return SimpleNamespace(**fields)

    return SimpleNamespace(BindingInfo=BindingInfo, RpcFunctionMetadata=record, RpcRetryOptions=record)
