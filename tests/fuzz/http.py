"""What callers ask, made up by Schemathesis from the OpenAPI document."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.graph import Tenant
from emulator.identity import IdentityServer
from tests.support.host_process import SUSPICIOUS, HostProcess
from tests.support.schemathesis_run import REPORT, Effort, calls, fuzzed_host, known_operations, schemathesis

FUNCTION_KEY, SYSTEM_KEY = "function-key", "system-key"
ROUND = Effort(fuzzing=400, starts=320, stateful=80, seconds=900)
"""Some 2,000 requests. Larger rounds take longer for each request, since Hypothesis minds what it has made up."""
LEFT_BEHIND = set(SUSPICIOUS) - {"Traceback"}
"""Schemathesis begins with a request that is no HTTP, which aiohttp logs with a traceback."""


@dataclass
class Asked:
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How often each operation answered each status; 0 is none at all."""
    left_behind: list[str] = field(default_factory=list)
    """Lines of the host's log that it should not have."""
    exit_code: int = 0
    said: str = ""
    """By Schemathesis, in the last round."""


async def fuzz_http(requests: int, seed: int, told: Callable[[int], None]) -> Asked:
    """Make at least so many `requests`, round by round, until an answer is not as the document says.

    `told` gets their number after each round.
    """
    asked = Asked()
    while asked.requests.total() < requests and not asked.exit_code and not asked.left_behind:
        tenant = Tenant(scan_seconds=0.2)
        async with (
            IdentityServer() as identity,
            fuzzed_host(tenant, identity, function_key=FUNCTION_KEY, system_key=SYSTEM_KEY) as host,
        ):
            await _round(asked, host, known_operations(tenant), replace(ROUND, seed=seed))
        asked.left_behind += [line for line in host.log.splitlines() if any(word in line for word in LEFT_BEHIND)]
        told(asked.requests.total())
        seed += 1
    return asked


async def _round(asked: Asked, host: HostProcess, known: tuple[list[str], str], effort: Effort) -> None:
    with TemporaryDirectory() as folder:
        asked.exit_code, asked.said = await schemathesis(host.base_url, FUNCTION_KEY, Path(folder), known, effort)
        asked.requests.update(calls(Path(folder) / REPORT))
