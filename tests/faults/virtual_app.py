"""A run of the app in virtual time with its own activities, against a scripted Graph and the emulated identity.

All that stands between a durable timer and a socket is the app's own code; and an hour of waiting takes milliseconds.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from os import environ
from types import ModuleType
from typing import Any

import pytest

from activities import fetch_alert, get_operation, refresh_alert
from alert_refresh.problems import Problem
from alert_refresh.run.documents import Instance, State, find_problem, find_state
from alert_refresh.run.state import Run, dump_run
from alert_refresh.settings import settings
from emulator.faults import Fault
from emulator.identity import IdentityServer
from orchestrators.await_alert import await_alert
from tests.faults.row import World
from tests.faults.scripted_graph import ScriptedGraph
from tests.orchestrators.hub import subscribers
from tests.support.graph_samples import GRAPH, RUN_ID
from tests.support.virtual_time import Activity, VirtualTime

ELSEWHERE = "https://elsewhere.example"
"""The origin, in scripts and results, of a server that is not Graph's."""
ACTIVITIES = (fetch_alert, get_operation, refresh_alert)


def deploy(new: Mapping[str, str]) -> None:
    """Give the app `new` settings, as a deployment does."""
    environ.update(new)
    settings.cache_clear()


@dataclass
class VirtualApp:
    """One run, and the servers that it may talk to: they stand for `GRAPH` and `ELSEWHERE`."""

    graph: ScriptedGraph
    identity: IdentityServer
    world: World = field(default_factory=World)
    elsewhere: ScriptedGraph = field(default_factory=ScriptedGraph)
    time: VirtualTime = field(init=False)
    _runner: asyncio.Runner = field(default_factory=lambda: asyncio.Runner(loop_factory=asyncio.new_event_loop))
    _run: Any = None

    def __post_init__(self) -> None:
        activities = dict(map(self._activity, ACTIVITIES))
        self.time = VirtualTime(await_alert, activities, entities=subscribers())
        self.time.meanwhile = list(self._list_events())
        self.graph.clock = self.elsewhere.clock = lambda: self.time.now

    @property
    def state(self) -> State:
        return find_state(self._instance, self.time.now)

    @property
    def problem(self) -> Problem | None:
        return find_problem(self._instance, self.time.now)

    @property
    def result(self) -> Any:
        """The result as if Graph were where the samples have it; None when the run ended without one."""
        return json.loads(json.dumps(self.time.output).replace(self.graph.base_url, GRAPH))

    def run(self, run: Run) -> None:
        """Run it to its end."""
        self._run = run
        if self.world.refuses_for is not None:
            self._await(self.graph.hang_up())
        self.time.run(dump_run(run), RUN_ID)

    async def sleep(self, seconds: float) -> None:
        """Wait between two pages, in virtual time."""
        self.time.now += timedelta(seconds=seconds)

    @contextmanager
    def serve(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Serve, with the app's settings leading here."""
        servers = AsyncExitStack()
        with self._runner:
            self._await(servers.enter_async_context(self.identity))
            for server in (self.elsewhere, self.graph):
                self._await(server.listen())
                servers.push_async_callback(server.hang_up)
            elsewhere = self.elsewhere.base_url
            hosts = {ELSEWHERE.partition("//")[2]: elsewhere.partition("//")[2]}
            self.graph.names |= {GRAPH: self.graph.base_url, ELSEWHERE: elsewhere, **hosts}
            environment = {
                "GRAPH_BASE_URL": self.graph.base_url,
                "REFRESH_ENABLED": "true",
                # The emulated identity knows no https on loopback.
                **({"GRAPH_SCOPE": f"{GRAPH}/.default"} if self.graph.tls else {}),
                # Without it azure-identity asks the command lines of developers, too.
                "AZURE_TOKEN_CREDENTIALS": "prod",
                **self.identity.environment,
            }
            for name, value in {**environment, "POLL_MAX_SECONDS": ""}.items():
                monkeypatch.setenv(name, value)
            settings.cache_clear()
            try:
                yield
            finally:
                settings.cache_clear()
                self._await(servers.aclose())

    def _list_events(self) -> Iterator[tuple[timedelta, Callable[[], None]]]:
        """Yield what happens besides Graph's answers, and when."""
        if self.world.refuses_for is not None:
            yield self.world.refuses_for, lambda: self._await(self.graph.listen())
        if self.world.without_tokens is not None:
            begin, end = self.world.without_tokens
            yield begin, lambda: self.identity.faults.append(Fault(status=500, times=None))
            yield end, self.identity.faults.clear
        for after, new in self.world.settings.items():
            yield after, partial(deploy, new)

    def _await[T](self, happening: Coroutine[Any, Any, T]) -> T:
        """Return what `happening` does. The servers live in these moments alone."""
        return self._runner.run(happening)

    @property
    def _instance(self) -> Instance:
        time = self.time
        return Instance(RUN_ID, time.status, self._run, time.custom_statuses[-1], time.output, time.now)

    def _activity(self, module: ModuleType) -> tuple[str, Activity]:
        name = module.__name__.rpartition(".")[2]
        function = vars(getattr(module, name))["_function"].get_user_function()
        return name, lambda given: self._await(function(given))
