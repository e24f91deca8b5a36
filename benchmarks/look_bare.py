"""Looks with nothing but aiohttp and json: a look cannot cost less than this.

Headers and session settings are those that the app sends and has, a token of the usual length included.
"""

import asyncio
import json
from os import environ

import aiohttp
from yarl import URL

from benchmarks.look_process import look_when_told
from benchmarks.look_server import PATH

HEADERS = {
    "Accept": "application/json",
    "client-request-id": "b599a8c3-086b-5ccd-9c03-9809eebbd7d2",
    "Prefer": "include-unknown-enum-members",
}
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=30)


async def main() -> None:
    url = URL(environ["GRAPH_BASE_URL"] + PATH, encoded=True)
    headers = {**HEADERS, "Authorization": f"Bearer {environ['TOKEN']}"}
    async with aiohttp.ClientSession() as session:

        async def look() -> object:
            async with session.get(url, headers=headers, timeout=TIMEOUT, allow_redirects=False) as answer:
                return json.loads(await answer.read())["status"]

        await look_when_told(look)


if __name__ == "__main__":
    asyncio.run(main())
