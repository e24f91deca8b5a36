"""Between aiohttp and the worker's Datums.

Source: azure-functions-host GrpcMessageConversionExtensions.cs (request), HttpBinding.cs (response).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aiohttp import web

from emulator.host.http.front import Request
from emulator.host.http.paths import encode_path
from emulator.host.worker import Datum, datum, text

_FRAMING = {"content-length", "transfer-encoding", "connection"}


async def request_datum(request: Request, route_values: dict[str, str]) -> Datum:
    """Only a body with a length is read: a chunked request reaches the function without one.

    https://github.com/Azure/azure-functions-host/issues/4926
    """
    body = await request.read() if request.content_length else b""
    _, mark, query = request.raw_path.partition("?")
    return datum(
        {
            "method": text(request.method),
            "url": text(f"{request.origin}{encode_path(request.decoded_path)}{mark}{query}"),
            "headers": {name: text(value) for name, value in _join_values(_lower_names(request.headers)).items()},
            "query": {name: text(value) for name, value in _join_values(request.query.items()).items() if value},
            "params": {name: text(value) for name, value in route_values.items()},
            "body": datum(body, "bytes"),
        },
        "http",
    )


def http_response(result: Datum | None) -> web.Response:
    """Return an HttpResponse as the worker sent it; a plain string by the host's rules for untyped results."""
    if result is None or result.value is None:
        return web.Response(status=200)
    if result.type == "http":
        return _make_typed_response(result.value)
    return _make_untyped_response(str(result.value))


def _make_typed_response(value: dict[str, Any]) -> web.Response:
    headers = {name: datum.value for name, datum in value["headers"].items() if name.lower() not in _FRAMING}
    response = web.Response(status=int(value["status_code"].value), headers=headers, body=value["body"].value)
    for cookie in value.get("cookies") or ():
        response.cookies.update(cookie)
    return response


def _make_untyped_response(result: str) -> web.Response:
    """Send a string that is JSON as JSON, and take an object with a `body` for a whole response."""
    try:
        content = json.loads(result)
    except ValueError:
        return _response(result, "text/plain")
    if not isinstance(content, dict):
        return _response(content, "text/plain") if isinstance(content, str) else _response(result, "application/json")
    members = {name.lower(): member for name, member in content.items()}
    if "body" not in members:
        return _response(result, "application/json")
    body, status = members["body"], int(members.get("status") or members.get("statuscode") or 200)
    headers = {str(name): str(value) for name, value in (members.get("headers") or {}).items()}
    if isinstance(body, str):
        return _response(body, "text/plain", status, headers)
    return _response(json.dumps(body), "application/json", status, headers)


def _response(content: str, media_type: str, status: int = 200, headers: Mapping[str, str] = {}) -> web.Response:
    named = {name.lower() for name in headers}
    default = {} if "content-type" in named else {"content-type": f"{media_type}; charset=utf-8"}
    return web.Response(status=status, body=content.encode(), headers=default | dict(headers))


def _lower_names(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((name.lower(), value) for name, value in headers.items())


def _join_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined
