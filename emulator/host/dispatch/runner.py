"""Invoking a durable function: its trigger value, its durable clients, and a log line about how it ended."""

import asyncio
import logging
import time
import uuid
from datetime import timedelta

from emulator.host.tracing import UNTOLD, NewSpan, Spans, TraceContext
from emulator.host.utf16 import has_lone_surrogate
from emulator.host.worker import Datum, Function, FunctionFailedError, FunctionsWorker, text

logger = logging.getLogger("host.function")

TIMEOUT_TYPE = "Microsoft.Azure.WebJobs.Host.FunctionTimeoutException"


class Runner:
    """Every invocation of the host, whatever its trigger, goes through `run`."""

    def __init__(self, worker: FunctionsWorker, spans: Spans, timeout: timedelta | None = None) -> None:
        self._worker = worker
        self._timeout = timeout
        self._spans = spans
        self._client = text("")

    def bind_clients(self, configuration: str) -> None:
        """Set the value of every durable client binding; it holds addresses that are known only when they are open."""
        self._client = text(configuration)

    async def run(
        self, function: Function, trigger: Datum | None, *, level: int = logging.DEBUG, span: NewSpan = UNTOLD
    ) -> Datum | None:
        """Return what the function returned; raises FunctionFailedError, logged. `level` is for successes.

        It never returns when the exception's text or trace has a lone surrogate: a worker cannot send that, and then
        sends nothing. The function keeps its place among those that run.
        """
        inputs = [(function.parameter, trigger), *((name, self._client) for name in function.client_parameters)]
        invocation_id, began = str(uuid.uuid4()), time.perf_counter()
        label = f"{function.name} {invocation_id[:8]}"
        try:
            with self._spans.within(span) as trace:
                result = await self._invoke(invocation_id, function, inputs, trace)
        except FunctionFailedError as failure:
            where = f" (at {failure.origin})" if failure.origin else ""
            logger.error("%s failed: %s%s", label, failure, where)  # noqa: TRY400 -- one line; the trace is below
            logger.debug("%s", failure.stack_trace)
            if has_lone_surrogate(f"{failure}{failure.stack_trace}"):
                logger.error("%s: the exception has a lone surrogate, so its invocation never ends.", label)  # noqa: TRY400
                await asyncio.Event().wait()
            raise
        logger.log(level, "%s succeeded in %.0f ms", label, 1000 * (time.perf_counter() - began))
        return result

    async def _invoke(
        self, invocation_id: str, function: Function, inputs: list[tuple[str, Datum | None]], trace: TraceContext
    ) -> Datum | None:
        """Invoke for at most `functionTimeout`. Azure restarts the worker then, and with it all that runs there."""
        limit = asyncio.timeout(self._timeout.total_seconds() if self._timeout else None)
        try:
            async with limit:
                return await self._worker.invoke(invocation_id, function, inputs, trace)
        except TimeoutError:
            if not limit.expired():
                raise
            text = f"Timeout value of {_clock(self._timeout)} was exceeded by function: Functions.{function.name}"
            raise FunctionFailedError(TIMEOUT_TYPE, text) from None


def _clock(time: timedelta | None) -> str:
    """Return the time as .NET writes a TimeSpan."""
    days, seconds = (time.days, time.seconds) if time else (0, 0)
    return f"{f'{days}.' if days else ''}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
