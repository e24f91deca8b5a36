"""A failed invocation, as the Durable extension understands it."""

import traceback
from pathlib import Path

UNKNOWN_TYPE = "(unknown)"
SEPARATOR = ": "


class FunctionFailedError(Exception):
    """An invocation failed. `error_type` is a bare class name, `message` one line, `stack_trace` the worker's own."""

    def __init__(self, error_type: str, message: str, stack_trace: str = "", origin: str = "") -> None:
        super().__init__(f"{error_type}{SEPARATOR}{message}")
        self.error_type = error_type
        self.message = message
        self.stack_trace = stack_trace
        self.origin = origin

    @classmethod
    def of(cls, error: BaseException) -> "FunctionFailedError":
        """Return what reaches the task hub of `error`, through the worker's text and the extension's parser."""
        stack_trace = "".join(traceback.format_exception(error))
        return cls(*split_failure_text(worker_text(error)), stack_trace, _origin(error))

    @classmethod
    def from_text(cls, text: str) -> "FunctionFailedError":
        return cls(*split_failure_text(text))


def worker_text(error: BaseException) -> str:
    """Return the exception text that a Python worker sends. Source: azure_functions_runtime/utils/tracing.py."""
    try:
        return f"{type(error).__name__}{SEPARATOR}{error}"
    except Exception:  # noqa: BLE001 -- the app's own __str__ may raise anything
        return "Unhandled exception in function. Could not serialize original exception message."


def split_failure_text(text: str) -> tuple[str, str]:
    """Split into error type and message: cut at the first separator, and of the message only the first line survives.

    Source: azure-functions-durable-extension OutOfProcMiddleware.cs, TrySplitExceptionTypeFromMessage.
    """
    error_type, separator, message = text.partition(SEPARATOR)
    if not separator:
        return UNKNOWN_TYPE, text
    return error_type.rstrip(), message.partition("\n")[0].rstrip()


def _origin(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
