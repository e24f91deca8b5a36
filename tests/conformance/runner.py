"""Asks a host what a row says, and compares."""

import asyncio
import functools
import io
import json
import operator
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from yarl import URL

from tests.conformance.row import ANY, Ask, Row, Seen, fill, hub
from tests.support.raw_http import send_bytes

PAUSE_SECONDS = 0.05
SOON_SECONDS = 3.0
"""Until the time `<soon>`: as long as a row may take to begin."""
SHOWN = 300
"""Characters of an answer that a difference shows."""


@dataclass(frozen=True)
class Host:
    """A host of the sample app. `keys` has the names of `Ask.key`."""

    url: str
    keys: Mapping[str, str]
    limit_seconds: float = 60.0


async def compare(row: Row, host: Host, session: aiohttp.ClientSession) -> str:
    """Ask what the row says; return the first difference, or nothing when all is as the row says."""
    soon = datetime.now(UTC) + timedelta(seconds=SOON_SECONDS)
    names = {"~": f"c{secrets.token_hex(4)}-", "<soon>": soon.isoformat()}
    try:
        for number, ask in enumerate(row.asks, 1):
            answers = await asyncio.gather(*(_compare(ask, names, host, session) for _ in range(ask.times)))
            if different := next(filter(None, answers), ""):
                return f"request {number}, {ask.method} {ask.path}: {different}"
        return ""
    finally:
        await _clean_up(names["~"], host, session)


async def _compare(ask: Ask, names: dict[str, str], host: Host, session: aiohttp.ClientSession) -> str:
    deadline = asyncio.get_running_loop().time() + host.limit_seconds
    while True:
        seen = await _send(ask, names, host, session)
        different = find_difference(ask.expected, names, seen)
        if ask.keep and not different:
            name, path = ask.keep
            names[f"<{name}>"] = str(functools.reduce(operator.getitem, path.split("."), seen.body))
        if not different or not ask.until or asyncio.get_running_loop().time() > deadline:
            return different
        await asyncio.sleep(PAUSE_SECONDS)


async def _send(ask: Ask, names: Mapping[str, str], host: Host, session: aiohttp.ClientSession) -> Seen:
    if ask.raw:
        return await _send_raw(ask, host)
    headers = {name: fill(value, names) for name, value in ask.headers.items()}
    if ask.key:
        headers.setdefault("x-functions-key", host.keys.get(ask.key, ""))
    body = ask.body
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(fill(body, names)).encode()
        headers.setdefault("Content-Type", "application/json")
    data = None if body is None else io.BytesIO(body)
    url = URL(host.url + fill(ask.path, names), encoded=True)
    async with session.request(ask.method, url, data=data, headers=headers, allow_redirects=False) as response:
        content = _read(await response.read())
        return Seen(response.status, content, {name.lower(): value for name, value in response.headers.items()})


async def _send_raw(ask: Ask, host: Host) -> Seen:
    key, authority = host.keys["function"], host.url.partition("://")[2]
    text = ask.raw.replace("{key}", key).replace("{KEY}", key.swapcase()).replace("{host}", authority)
    reply = await send_bytes(host.url, text.encode("latin-1"))
    return Seen(reply.status, _read(reply.content), reply.headers)


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode(errors="replace")


def find_difference(expected: Seen, names: Mapping[str, str], seen: Seen) -> str:
    """Return how `seen` differs from `expected`, or nothing."""
    if seen.status != expected.status:
        return f"status {seen.status}, not {expected.status}: {str(seen.body)[:SHOWN]}"
    headers = {name.lower(): value for name, value in fill(expected.headers, names).items()}
    return _differ(headers, seen.headers, "headers") or _differ(fill(expected.body, names), seen.body, "body")


def _differ(expected: Any, seen: Any, where: str) -> str:
    if expected is ANY or (isinstance(expected, type) and isinstance(seen, expected)):
        return ""
    if isinstance(expected, list) and isinstance(seen, list) and len(expected) == len(seen):
        expected, seen = dict(enumerate(expected)), dict(enumerate(seen))
    if isinstance(expected, re.Pattern):
        if isinstance(seen, str) and expected.search(seen):
            return ""
    elif isinstance(expected, Mapping) and isinstance(seen, Mapping):
        parts = (_differ(value, seen.get(name), f"{where}.{name}") for name, value in expected.items())
        return next(filter(None, parts), "")
    elif expected == seen and type(expected) is type(seen):
        return ""
    return f"{where} is {repr(seen)[:SHOWN]}, not {repr(expected)[:SHOWN]}"


async def _clean_up(prefix: str, host: Host, session: aiohttp.ClientSession) -> None:
    """End what the row left running: a host of others is not ours to fill."""
    query = hub("QueryInstances", query={"instanceIdPrefix": prefix, "maxInstanceCount": 20})
    seen = await _send(query, {}, host, session)
    for state in (seen.body.get("result") or {}).get("orchestrationState", []):
        if state["orchestrationStatus"].endswith(("_RUNNING", "_PENDING", "_SUSPENDED")):
            await _send(hub("TerminateInstance", instanceId=state["instanceId"]), {}, host, session)
