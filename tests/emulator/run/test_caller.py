"""A run as a person sees it happen: one line for each thing that is new, in order."""

import io
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from rich.console import Console

from emulator.run import caller
from emulator.run.caller import await_result
from emulator.run.view import View
from tests.emulator.run.documents import LATER, NOW, ONE, RUN_ID, STALE, THROTTLED, run

AT, THEN = (f"{datetime.fromisoformat(time).astimezone():%H:%M:%S}" for time in (NOW, LATER))
PROBLEM = {"title": "The alert is disabled in PIM", "detail": "Enable it [in PIM].", "status": 424}


class Canned:
    """Answers a start with 202, then each of `documents` for the run, then its `result`."""

    def __init__(self, documents: list[dict[str, Any]], *, status: int, result: dict[str, Any]) -> None:
        self.asked: list[Any] = []
        self._documents: Iterator[dict[str, Any]] = iter(documents)
        self._status, self._result = status, result

    async def start(self, request: web.Request) -> web.Response:
        self.asked.append((await request.json(), request.headers["x-functions-key"]))
        if self._status == 403:
            return web.json_response(self._result, status=403)
        location = f"http://{request.host}/api/runs/{RUN_ID}/result"
        document = {**run("queued"), "links": {"self": location.removesuffix("/result")}}
        return web.json_response(document, status=202, headers={"Location": location})

    async def run(self, request: web.Request) -> web.Response:
        return web.json_response({**next(self._documents), "links": {"self": str(request.url)}})

    async def result(self, _: web.Request) -> web.Response:
        return web.json_response(self._result, status=self._status)


@asynccontextmanager
async def served(canned: Canned) -> AsyncGenerator[str]:
    app = web.Application()
    app.router.add_post("/api/runs", canned.start)
    app.router.add_get(f"/api/runs/{RUN_ID}", canned.run)
    app.router.add_get(f"/api/runs/{RUN_ID}/result", canned.result)
    async with TestServer(app) as server:
        yield str(server.make_url("/")).rstrip("/")


async def watched(canned: Canned) -> tuple[dict[str, Any] | None, list[str]]:
    """Return the result, and what was shown: without the time of each line, and with single blanks."""
    output = io.StringIO()
    async with served(canned) as base_url:
        result = await await_result(base_url, "key", {"alertId": STALE}, View(Console(file=output)))
    lines = output.getvalue().splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in lines)
    return result, [" ".join(line.split()[1:]) for line in lines]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "WATCH_SECONDS", 0)


async def test_a_refresh_is_shown_and_the_wait_for_its_own_scan() -> None:
    documents = [
        run("refreshing"),
        run("refreshing", again=NOW, tries=1),
        run("refreshing", again=NOW, tries=1),
        run("polling"),
        run("polling", again=LATER),
        run("polling", polls=1, status="succeeded", again=NOW),
        run("polling", polls=1, status="succeeded", again=NOW),
        run("polling", polls=2, status="running", again=LATER),
        run("polling", polls=3, status="running", again=NOW, tries=2),
        run("fetching", polls=4, status="succeeded"),
        run("fetching", polls=4, status="succeeded", again=LATER),
        run("succeeded", polls=4, status="succeeded"),
    ]
    canned = Canned(documents, status=200, result=ONE)

    result, lines = await watched(canned)

    assert result == ONE
    assert canned.asked == [({"alertId": STALE}, "key")]
    assert lines[0] == f"accepted run {RUN_ID}"
    assert lines[1].endswith(f"/api/runs/{RUN_ID}/result")
    assert lines[2:] == [
        f"refreshing {STALE}; dismissed alerts become active again",
        f"refreshing {THROTTLED}, try 1; again at {AT}",
        f"polling accepted by Microsoft Graph; first poll at {THEN}",
        f"poll 1 succeeded of an earlier scan; next poll at {AT}",
        f"poll 2 running next poll at {THEN}",
        f"poll 3 {THROTTLED}, try 2; next poll at {AT}",
        "poll 4 succeeded",
        f"fetching still shows the earlier scan; again at {THEN}",
    ]


async def test_the_poll_that_ends_the_run_is_shown() -> None:
    documents = [run("polling", polls=1, again=NOW), run("succeeded", polls=2, status="succeeded")]
    _, lines = await watched(Canned(documents, status=200, result=ONE))
    assert lines[3:] == [f"poll 1 no answer next poll at {AT}", "poll 2 succeeded"]


async def test_a_run_that_fails_is_shown_with_its_problem() -> None:
    result, lines = await watched(Canned([run("refreshing"), run("failed")], status=424, result=PROBLEM))
    assert result is None
    assert lines[3:] == [f"failed {PROBLEM['title']}", "Enable it [in PIM]."]
