"""A run of the app in virtual time with its own activities, against a scripted Graph and the emulated identity.

All that stands between a durable timer and a socket is the app's own code; and an hour of waiting takes milliseconds.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from activities import fetch_alert, get_operation, refresh_alert
from alert_refresh.problems import Problem
from alert_refresh.run.documents import Instance, State, find_problem, find_state
from alert_refresh.run.state import Run, dump_run
from alert_refresh.settings import settings
from emulator.identity import IdentityServer
from orchestrators.await_alert import await_alert
from tests.orchestrators.hub import subscribers
from tests.support.graph_samples import GRAPH, RUN_ID
from tests.support.scripted_graph import Call, ScriptedGraph
from tests.support.virtual_time import Activity, VirtualTime

ELSEWHERE = "https://elsewhere.example"
"""The origin, in scripts and results, of a server that is not Graph's."""
ACTIVITIES = (fetch_alert, get_operation, refresh_alert)


@dataclass
class VirtualApp:
    """One run, and the servers that it may talk to: they stand for `GRAPH` and `ELSEWHERE`."""

    graph: ScriptedGraph
    identity: IdentityServer
    elsewhere: ScriptedGraph = field(default_factory=ScriptedGraph)
    meanwhile: Sequence[tuple[timedelta, Callable[["VirtualApp"], object]]] = ()
    """What others do: how long after the start, and what."""
    time: VirtualTime = field(init=False)
    _runner: asyncio.Runner = field(default_factory=lambda: asyncio.Runner(loop_factory=asyncio.new_event_loop))
    _run: Any = None

    def __post_init__(self) -> None:
        acts = [(after, lambda act=act: act(self)) for after, act in self.meanwhile]
        activities = dict(map(self._activity, ACTIVITIES))
        self.time = VirtualTime(await_alert, activities, entities=subscribers(), meanwhile=acts)
        self.graph.clock = self.elsewhere.clock = lambda: self.time.now

    @property
    def calls(self) -> list[Call]:
        return self.graph.calls

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
        self.time.run(dump_run(run), RUN_ID)

    def wait_for(self, happens: Any) -> Any:
        """Return what the coroutine `happens` does. The servers live in these moments alone."""
        return self._runner.run(happens)

    @property
    def _instance(self) -> Instance:
        time = self.time
        return Instance(RUN_ID, time.status, self._run, time.custom_statuses[-1], time.output, time.now)

    def _activity(self, module: ModuleType) -> tuple[str, Activity]:
        name = module.__name__.rpartition(".")[2]
        function = vars(getattr(module, name))["_function"].get_user_function()
        return name, lambda given: self.wait_for(function(given))

    async def _open(self, stack: AsyncExitStack) -> None:
        for server in (self.elsewhere, self.identity, self.graph):
            await stack.enter_async_context(server)
        elsewhere = self.elsewhere.base_url
        hosts = {ELSEWHERE.partition("//")[2]: elsewhere.partition("//")[2]}
        self.graph.names |= {GRAPH: self.graph.base_url, ELSEWHERE: elsewhere, **hosts}

    @contextmanager
    def opened(self, monkeypatch: pytest.MonkeyPatch) -> Iterator["VirtualApp"]:
        """Serve, with the app's settings leading here."""
        with self._runner:
            servers = AsyncExitStack()
            self.wait_for(self._open(servers))
            for name, value in self._environment().items():
                monkeypatch.setenv(name, value)
            settings.cache_clear()
            try:
                yield self
            finally:
                settings.cache_clear()
                self.wait_for(servers.aclose())

    def _environment(self) -> Mapping[str, str]:
        # The emulated identity knows no https on loopback.
        scope = {"GRAPH_SCOPE": f"{GRAPH}/.default"} if self.graph.tls else {}
        return {
            "GRAPH_BASE_URL": self.graph.base_url,
            "REFRESH_ENABLED": "true",
            **scope,
            # Without it azure-identity asks the command lines of developers, too.
            "AZURE_TOKEN_CREDENTIALS": "prod",
            **self.identity.environment,
        }
