"""Running a function by hand, whether or not it is disabled.

Sources: learn.microsoft.com/azure/azure-functions/disable-function; azure-functions-host FunctionsController.cs; what
each trigger makes of a string: TimerTriggerBinding.cs, ActivityTriggerAttributeBindingProvider.cs,
OrchestrationTriggerAttributeBindingProvider.cs, HttpTriggerAttributeBindingProvider.cs.
"""

import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from emulator.host.dispatch.background import Background
from emulator.host.dispatch.runner import Runner
from emulator.host.timers import TimerTriggers
from emulator.host.worker import Datum, Function, FunctionFailedError, Kind, text

logger = logging.getLogger("host.admin")


class ManualRuns:
    """What runs is in `invocations`."""

    def __init__(
        self, functions: Iterable[Function], timers: TimerTriggers, runner: Runner, invocations: Background
    ) -> None:
        self._functions = {function.name.lower(): function for function in functions}
        self._timers = timers
        self._runner = runner
        self._invocations = invocations

    def describe(self) -> list[dict[str, Any]]:
        """Return each function with its trigger; the host says more of it."""
        functions = self._functions.values()
        return [{"name": each.name, "language": "python", "config": {"bindings": [each.trigger]}} for each in functions]

    def start(self, name: str, run_input: str | None) -> bool:
        """Start a run of the function with this input, and return whether there is such a function."""
        function = self._functions.get(name.lower())
        if function:
            self._invocations.start(self._run(function, run_input))
        return function is not None

    async def _run(self, function: Function, run_input: str | None) -> None:
        """Nobody waits for the result: what goes wrong is in the log only."""
        try:
            trigger = self._trigger(function, run_input)
        except ValueError as reason:
            logger.error("The function %s was not run: %s.", function.name, reason)  # noqa: TRY400 -- one line
            return
        with suppress(FunctionFailedError):  # it is logged
            await self._runner.run(function, trigger, level=logging.INFO)

    def _trigger(self, function: Function, run_input: str | None) -> Datum:
        """Return what the trigger makes of the input; raises ValueError when it makes nothing of it."""
        match function.kind:
            case Kind.TIMER:
                return self._timers.unscheduled(function)
            case Kind.ACTIVITY:
                return _activity_input(run_input)
            case Kind.HTTP:
                raise ValueError("it needs an HTTP request; send it one")
            case Kind.ORCHESTRATION | Kind.ENTITY:
                raise ValueError("it is reached only by a durable client or the durable management API")
        raise ValueError(f"{function.trigger_type} is not emulated")


def _activity_input(run_input: str | None) -> Datum:
    try:
        value = json.loads(run_input or "")
    except ValueError:
        raise ValueError("an activity's 'input' is the text of a JSON value, and this is not") from None
    return text(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
