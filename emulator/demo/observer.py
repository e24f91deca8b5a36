"""What the run of the demo shows to its caller, poll by poll; a run that goes another way is an error."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import aiohttp

from emulator.run.caller import OVER, WATCH_SECONDS
from emulator.run.view import TERMINAL

LIMIT_SECONDS = 60.0
"""Within this time a poll must come."""

AGAIN_SECONDS = 0.05
"""How soon a caller tries again where no host answers."""

EARLIER = "'succeeded' of an earlier scan"
THROTTLED = "'Microsoft Graph throttles the app'"
RUNNING = "'running'"
SUCCEEDED = "'succeeded'"


class OtherWayError(Exception):
    """The run did not go as the script says. The text is one sentence."""


class Observer:
    """A caller that has started the run `run`, its document, and reads it over and over."""

    def __init__(self, session: aiohttp.ClientSession, run: dict[str, Any]) -> None:
        self._session = session
        self.run = run
        self._polls = 0

    @property
    def url(self) -> str:
        """Of the run document, and of its page; with the function key."""
        return str(self.run["links"]["self"])

    async def read(self) -> dict[str, Any]:
        """Return the run document as soon as a host answers. Raises `OtherWayError` when none does."""
        try:
            async with asyncio.timeout(LIMIT_SECONDS / 2):
                while True:
                    if run := await self._try_to_read():
                        self.run = run
                        return run
                    await asyncio.sleep(AGAIN_SECONDS)
        except TimeoutError:
            raise OtherWayError(
                f"The demo expected an answer from the app, but none came for {LIMIT_SECONDS / 2:g} s."
            ) from None

    async def _try_to_read(self) -> dict[str, Any] | None:
        try:
            async with self._session.get(self.url) as answer:
                return dict(await answer.json()) if answer.status == HTTPStatus.OK else None
        except aiohttp.ClientError:
            return None

    async def await_plan(self) -> None:
        """Wait until the run has planned a poll. Raises `OtherWayError` when it ends instead."""
        await self._read_until(lambda run: run["nextPollAt"] is not None)

    async def await_poll(self, *expected: str) -> str:
        """Return what the next poll showed, one of `expected`. Raises `OtherWayError` for anything else."""
        # The new host may poll before the first read after a kill.
        run = await self._read_until(lambda run: run["polls"] > self._polls)
        self._polls, answer = run["polls"], name_answer(run)
        if answer not in expected:
            wanted = " or ".join(expected)
            raise OtherWayError(f"The demo expected poll {run['polls']} to show {wanted}, but it showed {answer}.")
        return answer

    async def _read_until(self, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                while not reached(run := await self.read()):
                    if run["state"] in OVER:
                        raise OtherWayError(f"The demo expected another poll, but the run is '{run['state']}'.")
                    await asyncio.sleep(WATCH_SECONDS)
                return run
        except TimeoutError:
            raise OtherWayError(f"The demo expected another poll, but none came for {LIMIT_SECONDS:g} s.") from None

    async def await_result(self) -> dict[str, Any]:
        """Return the result. Raises `OtherWayError` when the run ends without one."""
        async with self._session.get(self.run["links"]["result"], headers={"Prefer": "wait=60"}) as answer:
            ending = dict(await answer.json(content_type=None))
        if answer.status != HTTPStatus.OK:
            raise OtherWayError(f"The demo expected a result, but got {answer.status}: {ending.get('title')}.")
        return ending


def name_answer(run: dict[str, Any]) -> str:
    """Return what the last poll showed: the status of the operation, or the problem that the poll met."""
    if run["waitingFor"]:
        return f"'{run['waitingFor']['problem']['title']}'"
    status = (run["operation"] or {}).get("status")
    # The run has fetched the alert, or does so now, when it takes the end for its own.
    return f"'{status}' of an earlier scan" if status in TERMINAL and run["state"] == "polling" else f"'{status}'"


async def start_run(session: aiohttp.ClientSession, url: str, request: dict[str, Any]) -> Observer:
    """Start a run at `url`, which has the function key. Raises `OtherWayError` when the app refuses."""
    async with session.post(url, json=request) as answer:
        run = dict(await answer.json(content_type=None))
        if answer.status != HTTPStatus.ACCEPTED:
            raise OtherWayError(f"The demo expected 202, but got {answer.status}: {run.get('title')}.")
        return Observer(session, run)
