"""A blob service on loopback, as much of it as a store of payloads needs: containers, blobs put whole and read whole.

https://learn.microsoft.com/rest/api/storageservices/put-blob
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

# Of the documented development account, which every Azure tool knows.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
CHANGED = {"ETag": '"1"', "Last-Modified": "Fri, 09 Jun 2023 22:56:09 GMT", "x-ms-version": "2023-11-03"}


@dataclass
class BlobService:
    """`blobs` by container and name, as they came in."""

    connection_string: str = ""
    blobs: dict[str, bytes] = field(default_factory=dict)
    _containers: set[str] = field(default_factory=set)

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if request.query.get("restype") == "container":
            known = name in self._containers
            self._containers.add(name)
            return web.Response(status=409 if known else 201, headers=CHANGED)
        if request.method == "PUT":
            self.blobs[name] = await request.read()
            return web.Response(status=201, headers=CHANGED)
        if name not in self.blobs:
            return web.Response(status=404)
        # The SDK asks for the first 32 MiB of a blob; what it gets is the part from the start to the end.
        whole = self.blobs[name]
        part = {"Content-Range": f"bytes 0-{len(whole) - 1}/{len(whole)}", "x-ms-blob-type": "BlockBlob"}
        return web.Response(status=206, body=whole, headers={**CHANGED, **part})


@asynccontextmanager
async def blob_service() -> AsyncGenerator[BlobService]:
    """Serve blobs on a free port until the block ends."""
    service = BlobService()
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", f"/{ACCOUNT}/{{name:.+}}", service.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}/{ACCOUNT}"
        service.connection_string = (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};"
        )
        yield service
    finally:
        await runner.cleanup()
