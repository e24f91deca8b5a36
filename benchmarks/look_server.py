"""The Graph that every side looks at: one answer, as fast as this machine gives it, from a process of its own.

Its CPU is nobody's. It answers with what Microsoft's documentation shows of a running operation, and with the headers
that Graph sends; a request for anything else, or without the token, is a 404. `GET /connections` tells how many
connections were made so far: a side that did not keep its own alive would show.
"""

import asyncio
import json
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from time import time
from typing import cast, override

OPERATION_ID = "refresh:DirectoryRole_19356be4-7e93-4ed6-a7c6-0ae28454d125_StaleSignInAlert"
PATH = f"/beta/identityGovernance/roleManagementAlerts/operations/{OPERATION_ID}"
OPERATION = {
    "@odata.context": (
        "https://graph.microsoft.com/beta/$metadata#identityGovernance/roleManagementAlerts/operations/$entity"
    ),
    "id": OPERATION_ID,
    "createdDateTime": "2023-06-09T22:50:41.5414467Z",
    "lastActionDateTime": "2023-06-09T22:52:09.0296021Z",
    "resourceLocation": "",
    "status": "running",
    "statusDetail": "",
}
"""https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta, example 1"""


class _Connection(asyncio.Protocol):
    made = 0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._received = b""
        _Connection.made += 1

    @override
    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._transport.write(_answer(head))


def _answer(head: bytes) -> bytes:
    target, headers = head.split(b" ", 2)[1].decode(), head.lower()
    if target == "/connections":
        return _message("200 OK", str(_Connection.made).encode())
    # Some encode the colon of the id, some do not; to Graph it is the same.
    wanted = target.replace("%3A", ":") == PATH and b"\r\nauthorization: bearer " in headers
    return _running(int(time())) if wanted else _message("404 Not Found", b"{}")


@lru_cache(maxsize=1)
def _running(_second: int) -> bytes:
    return _message("200 OK", json.dumps(OPERATION).encode())


def _message(status: str, body: bytes) -> bytes:
    head = f"""HTTP/1.1 {status}
Date: {format_datetime(datetime.now(UTC), usegmt=True)}
Content-Type: application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8
Content-Length: {len(body)}
Cache-Control: no-cache
Strict-Transport-Security: max-age=31536000
request-id: 6f0a2c3e-6f0c-4a58-9a0b-0d8f3d4c1b5e
client-request-id: 0f1f2b0e-3c1b-4a54-8a55-2f1c8f0a6a11
x-ms-ags-diagnostic: {{"ServerInfo":{{"DataCenter":"West Europe","Slice":"E","Ring":"5","ScaleUnit":"003"}}}}
OData-Version: 4.0

"""
    return head.replace("\n", "\r\n").encode() + body


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - to the process that started this one
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
