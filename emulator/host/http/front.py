"""The HTTP server in front of everything, as strict as Kestrel is; a fault of the protocol is answered without a body.

Limits: learn.microsoft.com/dotnet/api/microsoft.aspnetcore.server.kestrel.core.kestrelserverlimits. Statuses were
measured on the Functions host 4.1037.
"""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from aiohttp import HttpVersion11, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpRequestParserPy
from aiohttp.web_protocol import RequestHandler

from emulator.host.http.paths import decode_path, segments

REQUEST_LINE_BYTES, HEADER_BYTES, HEADERS = 8192, 32_768, 100
# aiohttp's own limits stand above Kestrel's, for it answers 400 where Kestrel says which limit it was.
_PARSER_LIMITS: dict[str, Any] = {"max_line_size": 1 << 20, "max_field_size": 1 << 20, "max_headers": 1000}
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(:[0-9]+)?", re.ASCII | re.IGNORECASE)


class Request(web.BaseRequest):
    """A request with its path decoded. The caller of `read` need not know of `Expect: 100-continue`."""

    def __init__(self, *message: Any, **options: Any) -> None:
        super().__init__(*message, **options)
        self.decoded_path = ""

    @property
    def segments(self) -> list[str]:
        return segments(self.decoded_path)

    @property
    def origin(self) -> str:
        """Scheme and authority as the caller wrote them."""
        return f"{self.scheme}://{self.headers['Host']}"

    async def read(self) -> bytes:
        """Read the body, and ask the caller for it first when it waits to be asked."""
        if self._read_bytes is None and self.headers.get("Expect", "").lower() == "100-continue":
            await self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.writer.output_size = 0
        return await super().read()


class Front(web.Server):
    """Serves `handler`; a body above `body_limit` cannot be read."""

    def __init__(self, handler: Callable[[Request], Awaitable[web.StreamResponse]], body_limit: int) -> None:
        async def check_and_handle(request: Any) -> web.StreamResponse:
            fault = _find_fault(request)
            if fault:
                response = web.Response(status=fault)
                response.force_close()
                return response
            try:
                return await handler(request)
            except web.HTTPRequestEntityTooLarge:
                return web.Response(status=500)

        # Kestrel passes bodies on unchanged, compressed ones too.
        super().__init__(check_and_handle, access_log=None, auto_decompress=False, **_PARSER_LIMITS)
        self.request_factory = partial(Request, loop=self._loop, client_max_size=body_limit)

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(RequestHandler):
    def __init__(self, manager: Front, **options: Any) -> None:
        super().__init__(manager, **options)
        # The parser in C knows a list of methods and refuses every other; Kestrel passes all on.
        self._parser = HttpRequestParserPy(
            self,
            self._loop,
            self._read_bufsize,
            payload_exception=web.RequestPayloadError,
            auto_decompress=False,
            max_msg_queue_size=self._max_msg_queue_size,
            **_PARSER_LIMITS,
        )

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Leave the words of an error out. What a caller wrote is no error of ours, and not logged as one."""
        if not isinstance(exc, HttpProcessingError):
            super().handle_error(request, status, exc, message)
        response = web.Response(status=status)
        response.force_close()
        return response


def _find_fault(request: Request) -> int:
    """Return the status of a fault of the protocol, or 0."""
    if len(f"{request.method} {request.raw_path} HTTP/1.1\r\n".encode(errors="surrogateescape")) > REQUEST_LINE_BYTES:
        return 414
    lines = request.raw_headers
    if len(lines) > HEADERS or sum(len(name) + len(value) + 4 for name, value in lines) > HEADER_BYTES:
        return 431
    try:
        for _, value in lines:
            value.decode()
        # Not measured. Source: aspnetcore Kestrel/Core/src/Internal/Http/Http1Connection.cs.
        request.raw_path.encode("ascii")
        request.decoded_path = decode_path(request.raw_path)
    except ValueError:
        return 400
    host = request.headers.get("Host")
    if not host:
        return 400 if host is None and request.version >= HttpVersion11 else 500
    return 0 if _HOST.fullmatch(host) else 400
