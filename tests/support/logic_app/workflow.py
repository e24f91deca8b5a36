"""Runs a workflow definition as Logic Apps does, as far as its HTTP behaviour and its outcome go."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.support.logic_app.condition import holds
from tests.support.logic_app.definition import Action, Actions, branches_of, every_action
from tests.support.logic_app.duration import seconds
from tests.support.logic_app.expression import ExpressionError
from tests.support.logic_app.history import hidden
from tests.support.logic_app.http_action import send_and_follow
from tests.support.logic_app.parameters import values_of
from tests.support.logic_app.requests import Sender, Sleep
from tests.support.logic_app.results import ActionResult, Error, Status, WorkflowRun
from tests.support.logic_app.scope import Scope, resolve
from tests.support.logic_app.understood import refuse_the_unknown
from tests.support.logic_app.webhook_action import TIMED_OUT, subscribe_and_wait

UNLIMITED = "P90D"
BROKEN = {"code": "HttpRequestFailed", "message": "No answer came back, whatever was tried."}


@dataclass(frozen=True)
class LogicApp:
    """One workflow with its parameters. sleep, json_suffix: see `Sender`.

    Raises `NotUnderstood` for a definition that needs more than the executor knows, and `ValueError` for
    parameters that a deployment would refuse.
    """

    definition: Mapping[str, Any]
    parameters: Mapping[str, Any]
    sleep: Sleep = asyncio.sleep
    json_suffix: bool = False

    def __post_init__(self) -> None:
        refuse_the_unknown(self.definition)
        values_of(self.definition, self.parameters)

    async def run(self) -> WorkflowRun:
        """Run the workflow once and return how it ended. Cancelling the task cancels the run."""
        async with aiohttp.ClientSession() as session:
            run = _Run(self, session, f"0858{secrets.randbelow(10**28):028}CU00")
            return await run.to_its_end()


class _Terminated(Exception):
    def __init__(self, status: str, error: Error | None) -> None:
        super().__init__(status)
        self.status: Any = status
        self.error = error


@dataclass
class _Run:
    app: LogicApp
    session: aiohttp.ClientSession
    name: str
    results: dict[str, ActionResult] = field(default_factory=dict)

    async def to_its_end(self) -> WorkflowRun:
        status: Any
        error = None
        actions = self.app.definition["actions"]
        try:
            status = await self._all(actions)
        except _Terminated as ending:
            status, error = ending.status, ending.error
        for placed in every_action(actions):
            self.results.setdefault(placed.name, ActionResult(placed.name, "Skipped"))
        return WorkflowRun(self.name, status, error, self.results)

    async def _all(self, actions: Actions) -> Status:
        """Run actions, each after those it names, and return the status of the whole."""
        waiting = dict(actions)
        while waiting:
            name = next(name for name, each in waiting.items() if not each.get("runAfter", {}).keys() & waiting.keys())
            action = waiting.pop(name)
            awaited = action.get("runAfter", {}).items()
            if all(self.results[before].status in statuses for before, statuses in awaited):
                self.results[name] = hidden(await self._one(name, action), action, self.app.definition)
            else:
                self.results[name] = ActionResult(name, "Skipped")
            if action["type"] == "Terminate" and self.results[name].status == "Succeeded":
                ending = self.results[name].inputs
                raise _Terminated(ending["runStatus"], ending.get("runError"))
        return self._status_of_all(actions)

    async def _one(self, name: str, action: Action) -> ActionResult:
        try:
            match action["type"]:
                case "Http":
                    return await self._http(name, action)
                case "HttpWebhook":
                    return await subscribe_and_wait(self._sender(name), action["inputs"], self._scope(), _limit(action))
                case "If":
                    return await self._if(name, action)
                case _:
                    inputs = resolve(action["inputs"], self._scope())
                    return ActionResult(name, "Succeeded", inputs, inputs if action["type"] == "Compose" else None)
        except ExpressionError as error:
            return ActionResult(name, "Failed", error={"code": "InvalidTemplate", "message": str(error)})

    async def _http(self, name: str, action: Action) -> ActionResult:
        inputs = resolve(action["inputs"], self._scope())
        try:
            async with asyncio.timeout(_limit(action)):
                answer = await send_and_follow(self._sender(name), inputs)
        except TimeoutError:
            return ActionResult(name, "TimedOut", inputs, error=TIMED_OUT)
        status: Status = "Succeeded" if answer.succeeded else "Failed"
        return ActionResult(name, status, inputs, answer.outputs, BROKEN if answer.status is None else None)

    async def _if(self, name: str, action: Action) -> ActionResult:
        branches = dict(branches_of(action))
        branch = "/actions" if holds(action["expression"], self._scope()) else "/else/actions"
        # Only a Terminate within leaves it at that.
        self.results[name] = ActionResult(name, "Cancelled")
        return ActionResult(name, await self._all(branches.get(branch, {})))

    def _scope(self) -> Scope:
        ended = {name: result.as_seen_by_expressions() for name, result in self.results.items()}
        return Scope(values_of(self.app.definition, self.app.parameters), self.name, ended)

    def _sender(self, name: str) -> Sender:
        return Sender(self.session, self.name, name, self.app.sleep, self.app.json_suffix)

    def _status_of_all(self, actions: Actions) -> Status:
        """Return Failed when one branch failed. It ends as its last action, or as what a skipped one waited for.

        https://learn.microsoft.com/azure/logic-apps/error-exception-handling#manage-run-after-behavior
        """
        awaited = {before for action in actions.values() for before in action.get("runAfter", {})}
        leaves = [name for name in actions if name not in awaited]
        return "Failed" if any(self._failed(name, actions) for name in leaves) else "Succeeded"

    def _failed(self, name: str, actions: Actions) -> bool:
        status = self.results[name].status
        if status == "Skipped":
            return any(self._failed(before, actions) for before in actions[name].get("runAfter", {}))
        return status != "Succeeded"


def _limit(action: Action) -> float:
    return seconds(action.get("limit", {}).get("timeout", UNLIMITED))
