"""Runs outlive their host: it is killed over and over, and each of them ends with its answer all the same."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import aiohttp
import pytest

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import ALLOWED, App, Reply, hosted, make_settings, scan
from tests.soak.questions import FAILING, WATCHED, Questions
from tests.support.host_process import free_port
from tests.support.receiver import Receiver
from tests.support.task_hub_process import task_hub_process

RUNS = 300
AT_A_TIME = 24
LIMIT_SECONDS = 100
KILLS = 5
LIVES = (0.7, 1.7)
"""How long a host lives, in times that it took to start, about a second: a machine that is busy gives it longer."""


class MortalApp(App):
    """The app in hosts that are killed over and over, at one address; whoever calls it does not give up."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session, self.kills = session, 0
        self._up = asyncio.Event()

    async def live(self, environment: Mapping[str, str], hub: str, over: asyncio.Event) -> None:
        """Start a host, kill it, and start the next at once, until `over`."""
        chance = random.Random(20230609)  # noqa: S311 -- no secret
        clock, port = asyncio.get_running_loop().time, free_port()
        while not over.is_set():
            began = clock()
            # Impatient: a run whose refresh joined a scan at its end refreshes again after the grace.
            module, arguments = "tests.support.impatient_emulator", ("--task-hub", hub)
            async with hosted(environment, arguments=arguments, module=module, port=port) as app:
                self.host = app.host
                self._up.set()
                try:
                    async with asyncio.timeout((clock() - began) * chance.uniform(*LIVES)):
                        await over.wait()
                except TimeoutError:
                    self._up.clear()
                    await app.host.kill()
                    self.kills += 1

    async def call(self, method: str, path: str, **options: Any) -> Reply:
        """Call until there is an answer, whoever gives it."""
        while True:
            await self._up.wait()
            try:
                return await super().call(method, path, **options)
            except aiohttp.ClientError:
                continue


async def each[A, T](action: Callable[[A], Awaitable[T]], items: Iterable[A]) -> list[T]:
    """Do it with all of them, `AT_A_TIME`."""
    limit = asyncio.Semaphore(AT_A_TIME)

    async def one(item: A) -> T:
        async with limit:
            return await action(item)

    return await asyncio.gather(*map(one, items))


@pytest.mark.timeout(LIMIT_SECONDS + 20)
async def test_every_run_ends_with_its_answer_whatever_is_killed(identity: IdentityServer) -> None:
    over = asyncio.Event()
    async with (
        asyncio.timeout(LIMIT_SECONDS),
        GraphServer(Tenant(scan_seconds=4)) as graph,
        Receiver().listen() as receiving,
        task_hub_process() as hub,
        aiohttp.ClientSession() as session,
        asyncio.TaskGroup() as lives,
    ):
        app = MortalApp(session)
        lives.create_task(app.live(make_settings(graph, identity, **ALLOWED), hub, over))
        scan(graph.tenant, WATCHED, seconds=12)
        scan(graph.tenant, FAILING, seconds=9, outcome="failed")
        questions = [question for question in Questions(graph.tenant).all if not question.cancels]
        called_back = {f"/{number}" for number in range(0, RUNS, 3)}

        def start(number: int) -> Awaitable[Reply]:
            callback = {} if number % 3 else {"callbackUrl": f"{receiving.base_url}/{number}?sig=secret"}
            request = {**questions[number % len(questions)].asked, **callback, "timeoutSeconds": 600}
            return app.start_once(f"caller-{number}", request)

        starts = await each(start, range(RUNS))
        results = await each(app.result, starts)
        await each(receiving.posts, called_back)
        over.set()

    ids = [started.body["id"] for started in starts]
    assert app.kills >= KILLS
    assert len(set(ids)) == RUNS
    for number, (run_id, result) in enumerate(zip(ids, results, strict=True)):
        assert questions[number % len(questions)].fault_of(result.status, result.body) == ""
        assert run_id in {result.body.get("runId"), result.body.get("instance", "").removeprefix("urn:uuid:")}
    outcomes = {f"/{number}": (run_id, results[number].body) for number, run_id in enumerate(ids)}
    assert {post.path for post in receiving.received} == called_back
    for post in receiving.received:
        assert (post.headers["Idempotency-Key"], json.loads(post.body)) == outcomes[post.path]
