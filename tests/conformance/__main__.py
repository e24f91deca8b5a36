"""`python -m tests.conformance HOST KEY SYSTEM_KEY`: hold a host of the sample app to the measured facts.

It starts and ends instances of a random prefix of its own, and changes nothing else, unless `--harm` is given. Exit 1
when a row differs, 2 when the app does not answer.
"""

import argparse
import asyncio
import sys
from collections import Counter

import aiohttp

from tests.conformance.row import Ask, Row
from tests.conformance.runner import Host, compare
from tests.conformance.table import ROWS


def main() -> int:
    parser = argparse.ArgumentParser(prog="make conformance", description=__doc__)
    parser.add_argument("host", help="http://… of the Functions host")
    parser.add_argument("key", help="a function key of the host")
    parser.add_argument("system_key", help="the system key of the Durable extension")
    parser.add_argument("--master-key", default="", help="for the rows of the admin API, which are left out without it")
    parser.add_argument("--harm", action="store_true", help="also rows that touch or slow other instances of the hub")
    parser.add_argument("--facts", default="", metavar="H1,V2", help="these facts only")
    chosen = parser.parse_args()
    keys = {"function": chosen.key, "system": chosen.system_key, "master": chosen.master_key}
    wanted = set(filter(None, chosen.facts.split(",")))
    rows = [row for row in ROWS if not wanted or row.fact in wanted]
    return asyncio.run(_hold(rows, Host(chosen.host.rstrip("/"), keys), harm=chosen.harm))


async def _hold(rows: list[Row], host: Host, *, harm: bool) -> int:
    counts: Counter[str] = Counter()
    async with aiohttp.ClientSession() as session:
        if not await _is_there(host, session):
            sys.stderr.write(f"The sample app does not answer at {host.url}. Check the address, the app and KEY.\n")
            return 2
        for row in rows:
            verdict, different = "left out", ""
            if (harm or not row.harm) and not any(_cannot_ask(ask, host) for ask in row.asks):
                try:
                    different = await compare(row, host, session)
                except (aiohttp.ClientError, OSError) as error:
                    different = f"{type(error).__name__}: {error}"
                verdict = "differs" if different else "held"
            counts[verdict] += 1
            print(f"{verdict:8} {row.title}{different and ': '}{different}", flush=True)  # noqa: T201 -- a command
    print(", ".join(f"{counts[verdict]} {verdict}" for verdict in ("held", "differs", "left out")))  # noqa: T201 -- a command
    return 1 if counts["differs"] else 0


async def _is_there(host: Host, session: aiohttp.ClientSession) -> bool:
    url, headers = f"{host.url}/api/client/GetInstance", {"x-functions-key": host.keys["function"]}
    try:
        async with session.post(url, json={"instanceId": "nobody"}, headers=headers) as response:
            return response.ok
    except (aiohttp.ClientError, OSError):
        return False


def _cannot_ask(ask: Ask, host: Host) -> bool:
    return (ask.key == "master" and not host.keys["master"]) or (bool(ask.raw) and host.url.startswith("https:"))


if __name__ == "__main__":
    sys.exit(main())
