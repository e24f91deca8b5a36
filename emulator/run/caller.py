"""A caller of the app: starts a run, watches its document, follows `Location` to the result."""

import asyncio
from http import HTTPStatus
from typing import Any

import aiohttp

from emulator.run.view import View

WATCH_SECONDS = 0.2
OVER = frozenset({"succeeded", "failed", "timedOut", "cancelled"})


async def await_result(base_url: str, key: str, request: dict[str, Any], view: View) -> dict[str, Any] | None:
    """Return the result, or None when the run ended without one; `view` shows everything on the way."""
    async with aiohttp.ClientSession(headers={"x-functions-key": key}) as session:
        async with session.post(f"{base_url}/api/runs", json=request) as answer:
            run = await answer.json(content_type=None)
            if answer.status != HTTPStatus.ACCEPTED:
                view.problem(run)
                return None
            location = answer.headers["Location"]
        view.accepted(run, location)
        await _watch(session, run, view)
        async with session.get(location) as answer:
            ending = await answer.json(content_type=None)
            if answer.status == HTTPStatus.OK:
                return dict(ending)
            view.problem(ending)
            return None


async def _watch(session: aiohttp.ClientSession, run: dict[str, Any], view: View) -> None:
    polls, planned = 0, None
    while run["state"] not in OVER:
        async with session.get(run["links"]["self"]) as answer:
            run = await answer.json()
        if run["polls"] > polls:
            view.poll(run)
        elif run["nextPollAt"] not in {None, planned}:
            view.wait(run)
        polls, planned = run["polls"], run["nextPollAt"]
        await asyncio.sleep(WATCH_SECONDS)
