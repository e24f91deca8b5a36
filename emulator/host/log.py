"""Logging as a terminal wants it: one line per record, with the function it came from."""

import logging
import sys
from datetime import UTC, datetime

from azure_functions_runtime import invocation_id_cv

from emulator.host.worker.library import running_invocations

LIBRARIES = ("azure.functions", "azure.durable_functions", "durabletask", "grpc", "asyncio")


class OneLine(logging.Formatter):
    """`2026-01-31T12:00:00.123Z INFO  start 1b2c3d4e  message`; a traceback that was logged on purpose follows it."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        message = " | ".join(record.getMessage().splitlines())
        line = f"{time} {record.levelname:<7} {self._source(record)}  {message}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    def _source(self, record: logging.LogRecord) -> str:
        invocation = invocation_id_cv.get()
        if invocation is not None and invocation in running_invocations:
            return f"{running_invocations[invocation]} {invocation[:8]}"
        return record.name


def configure_logging(level: str) -> None:
    """Send everything to stderr. The libraries below the app talk only at level debug."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    if level != "debug":
        handler.addFilter(lambda record: not record.name.startswith(LIBRARIES))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
