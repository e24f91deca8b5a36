"""Plays a row: one run in virtual time; what holds in every run is checked at its end."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from azure.core.pipeline.transport import AioHttpTransport

from emulator.identity import IdentityServer
from tests.callback.certificates import contexts
from tests.faults.promises import CALLBACK, assert_kept
from tests.faults.row import Row
from tests.faults.scripted_graph import ScriptedGraph
from tests.faults.virtual_app import VirtualApp
from tests.support.graph_samples import make_sample_run
from tests.support.virtual_time import START

type Play = Callable[[Row], VirtualApp]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Play]:
    caplog.set_level(logging.WARNING, "azure.durable_functions")
    # Last, as the level of whatever was set last is that of all that is kept.
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(AioHttpTransport, "sleep", lambda *_: asyncio.sleep(0))
    with ExitStack() as opened:

        def play(row: Row) -> VirtualApp:
            world = row.world
            caplog.clear()
            monkeypatch.setattr("alert_refresh.graph.client.TIMEOUT", aiohttp.ClientTimeout(total=world.patience))
            monkeypatch.setattr("alert_refresh.graph.tokens.TOKEN_SECONDS", world.token_patience)
            graph = ScriptedGraph(row.script, skew=world.skew)
            if world.tls_name is not None:
                graph.tls, trusting = contexts(world.tls_name, tmp_path)
                monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
            # A fault counts down: each run gets its own.
            identity = IdentityServer(token_lifetime=world.token_lifetime, faults=map(replace, world.identity))
            app = VirtualApp(graph, identity, world)
            monkeypatch.setattr("alert_refresh.graph.fetch.sleep", app.sleep)
            opened.enter_context(app.serve(monkeypatch))
            app.run(make_sample_run(START, seconds=row.seconds, callback_url=CALLBACK, **row.asked))
            assert_kept(app, caplog, row.seconds)
            return app

        yield play
