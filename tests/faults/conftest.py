"""Plays a scenario: one run in virtual time; what holds in every run is checked at its end."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from azure.core.pipeline.transport import AioHttpTransport

from alert_refresh.settings import settings
from emulator.faults import Fault
from emulator.identity import IdentityServer
from tests.callback.certificates import contexts
from tests.faults.promises import CALLBACK, assert_kept
from tests.faults.scenario import Scenario, World
from tests.support.graph_samples import make_sample_run
from tests.support.scripted_graph import ScriptedGraph
from tests.support.virtual_app import VirtualApp
from tests.support.virtual_time import START

type Play = Callable[[Scenario], VirtualApp]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Play]:
    caplog.set_level(logging.WARNING, "azure.durable_functions")
    # Last, as the level of whatever was set last is that of all that is kept.
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(AioHttpTransport, "sleep", lambda *_: asyncio.sleep(0))
    with ExitStack() as opened:

        def play(scenario: Scenario) -> VirtualApp:
            world = scenario.world
            monkeypatch.setattr("alert_refresh.graph.client.TIMEOUT", aiohttp.ClientTimeout(total=world.patience))
            monkeypatch.setattr("alert_refresh.graph.tokens.TOKEN_SECONDS", world.token_patience)
            app = _app(scenario, tmp_path, monkeypatch)
            opened.enter_context(app.opened(monkeypatch))
            if world.refuses_for is not None:
                app.wait_for(app.graph.hang_up())
            app.run(make_sample_run(START, seconds=scenario.seconds, **{"callback_url": CALLBACK, **scenario.asked}))
            assert_kept(app, caplog, scenario.seconds)
            return app

        yield play


def _app(scenario: Scenario, folder: Path, monkeypatch: pytest.MonkeyPatch) -> VirtualApp:
    world = scenario.world
    graph = ScriptedGraph(scenario.script, skew=world.skew)
    if world.tls_name is not None:
        graph.tls, trusting = contexts(world.tls_name, folder)
        monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    identity = IdentityServer(token_lifetime=world.token_lifetime, faults=map(replace, world.identity))
    return VirtualApp(graph, identity, meanwhile=list(_list_acts(world, monkeypatch)))


def _list_acts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[timedelta, Callable[[VirtualApp], Any]]]:
    """Yield what happens besides Graph's answers, and when."""
    if world.refuses_for is not None:
        yield world.refuses_for, lambda app: app.wait_for(app.graph.listen())
    if world.without_tokens is not None:
        begin, end = world.without_tokens
        yield begin, lambda app: app.identity.faults.append(Fault(status=500, times=None))
        yield end, lambda app: app.identity.faults.clear()
    for after, settings_ in world.settings:
        yield after, partial(_deploy, settings_, monkeypatch)


def _deploy(new: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, _: VirtualApp) -> None:
    for name, value in new.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
