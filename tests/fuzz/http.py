"""What callers ask, made up by Schemathesis from the OpenAPI document."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.graph import Tenant
from emulator.identity import IdentityServer
from tests.support.host_process import SUSPICIOUS
from tests.support.schemathesis_run import REPORT, Effort, calls, fuzzed_host, known_operations, schemathesis

FUNCTION_KEY, SYSTEM_KEY = "function-key", "system-key"
REQUESTS_OF_AN_EXAMPLE = 7.0
"""Requests that one of `Effort.fuzzing` comes to: there are seven operations, and sequences of them."""
SECONDS_OF_A_REQUEST = 0.2
"""At most, on the average."""
LEFT_BEHIND = set(SUSPICIOUS) - {"Traceback"}
"""Schemathesis begins with a request that is no HTTP, which aiohttp logs with a traceback."""


@dataclass(frozen=True)
class Asked:
    exit_code: int
    requests: Mapping[tuple[str, int], int]
    """How often each operation answered each status; 0 is none at all."""
    left_behind: list[str]
    """Lines of the host's log that it should not have."""
    said: str


async def fuzz_http(requests: int, seed: int) -> Asked:
    """Make some `requests`, and hold every answer to the document."""
    examples = round(requests / REQUESTS_OF_AN_EXAMPLE)
    seconds = 120 + requests * SECONDS_OF_A_REQUEST
    effort = Effort(fuzzing=examples, starts=examples, stateful=examples // 5, seconds=seconds, seed=seed)
    tenant = Tenant(scan_seconds=0.2)
    with TemporaryDirectory() as folder:
        async with (
            IdentityServer() as identity,
            fuzzed_host(tenant, identity, function_key=FUNCTION_KEY, system_key=SYSTEM_KEY) as host,
        ):
            known = known_operations(tenant)
            code, said = await schemathesis(host.base_url, FUNCTION_KEY, Path(folder), known, effort)
        made = Counter(await asyncio.to_thread(lambda: list(calls(Path(folder) / REPORT))))
    left = [line for line in host.log.splitlines() if any(word in line for word in LEFT_BEHIND)]
    return Asked(code, made, left, said)
