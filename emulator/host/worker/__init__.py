"""The Python worker: the real `azure-functions-runtime` library, called in this process instead of over gRPC."""

from emulator.host.worker.datum import Datum, datum, text
from emulator.host.worker.failure import FunctionFailedError
from emulator.host.worker.functions import Function, Kind
from emulator.host.worker.library import AppError, FunctionsWorker

__all__ = ["AppError", "Datum", "Function", "FunctionFailedError", "FunctionsWorker", "Kind", "datum", "text"]
