"""Graph's answers, made up for minutes by coverage-guided fuzzing in processes of their own."""

import asyncio
import random
import re
import sys
from dataclasses import dataclass

from tests.fuzz.parsers import SEEDS
from tests.support.host_process import CHECKOUT

KEPT = CHECKOUT / ".fuzz"
"""Inputs that reached something new, for the next time, and what was found."""
MOST_BYTES = 4096
RANDOM_SEEDS = 64
"""For `answers`: from bytes a run and its answers are made up, and from few bytes a short run."""
OPTIONS = (f"-max_len={MOST_BYTES}", "-len_control=0", "-timeout=30", "-rss_limit_mb=0", "-print_final_stats=1")


@dataclass(frozen=True)
class Fuzzed:
    target: str
    exit_code: int
    inputs: int
    coverage: int
    """Edges of the app's code that were reached."""
    said: str


async def fuzz_graph(target: str, minutes: float, seed: int) -> Fuzzed:
    """Fuzz `target` of `tests.fuzz.guided` until the time is over or something is found, which stays in `KEPT`."""
    corpus = KEPT / target
    corpus.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)  # noqa: S311 -- no secret
    seeds = SEEDS if target == "parsers" else [chance.randbytes(MOST_BYTES) for _ in range(RANDOM_SEEDS)]
    for number, written in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(written)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fuzz.guided", target),
        *(*OPTIONS, f"-max_total_time={60 * minutes:.0f}", f"-seed={seed}", f"-artifact_prefix={KEPT}/{target}-"),
        str(corpus),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    said = output.decode(errors="replace")
    inputs, coverage = (
        max(map(int, re.findall(pattern, said, re.MULTILINE)), default=0) for pattern in (r"^#(\d+)\s", r" cov: (\d+) ")
    )
    return Fuzzed(target, int(process.returncode or 0), inputs, coverage, said)
