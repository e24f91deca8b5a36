"""How a Logic App sends one request: its headers, its default retry policy, and what it makes of the answer.

https://learn.microsoft.com/azure/logic-apps/error-exception-handling#retry-policies
"""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Any

import aiohttp
from yarl import URL

RETRIES = 4
RETRY_SCALE_SECONDS = 7.5
RETRY_LEAST_SECONDS, RETRY_MOST_SECONDS = 5.0, 45.0
REQUEST_SECONDS = 120.0
"""https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#http-request-limits"""

type Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """The last answer to a request; `status` is None when every try broke before there was one."""

    status: int | None
    headers: Mapping[str, str]
    body: Any = None

    @property
    def succeeded(self) -> bool:
        """A redirect is a failure: https://github.com/MicrosoftDocs/architecture-center/issues/3396."""
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def outputs(self) -> dict[str, Any] | None:
        """The outputs of an action that ends with this answer."""
        if self.status is None:
            return None
        # An empty body is no body, not an empty string.
        body = {} if self.body is None else {"body": self.body}
        return {"statusCode": self.status, "headers": dict(self.headers), **body}


@dataclass(frozen=True)
class Sender:
    """Sends requests for the action `operation`.

    sleep: how it waits; a test may make the waiting short.
    json_suffix: whether a `+json` media type counts as JSON, of which the documentation says nothing.
    """

    session: aiohttp.ClientSession
    run_name: str
    operation: str
    sleep: Sleep = asyncio.sleep
    json_suffix: bool = False

    async def send(self, method: str, url: str, headers: Mapping[str, str] = {}, body: Any = None) -> Answer:
        """Return the answer to the first try that is not refused for the moment, or else to the last try."""
        answer = await self._try(method, url, headers, body)
        for retry in range(RETRIES):
            if not _may_pass(answer):
                break
            # The real waits are random; these are the upper ends of their ranges.
            scaled = RETRY_SCALE_SECONDS * 2**retry
            await self.sleep(min(max(scaled, RETRY_LEAST_SECONDS), RETRY_MOST_SECONDS))
            answer = await self._try(method, url, headers, body)
        return answer

    async def _try(self, method: str, url: str, headers: Mapping[str, str], body: Any) -> Answer:
        content = None if body is None else json.dumps(body).encode()
        options: dict[str, Any] = {"headers": {**self._own_headers(), **headers}, "data": content}
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        try:
            async with self.session.request(
                method, URL(url, encoded=True), allow_redirects=False, timeout=timeout, **options
            ) as response:
                received = self._content(response.headers.get("Content-Type", ""), await response.read())
                return Answer(response.status, response.headers, received)
        except (aiohttp.ClientError, TimeoutError):
            return Answer(None, {})

    def _own_headers(self) -> dict[str, str]:
        """As in a recorded run of Microsoft's: azure-sdk-for-net, WorkflowRunActionRepetitionsRequestHistories."""
        return {
            "User-Agent": "azure-logic-apps/1.0,(workflow 80244732be3648f59d2084fd979cdd56; version 0)",
            "Accept-Language": "en-US",
            "x-ms-workflow-run-id": self.run_name,
            "x-ms-client-tracking-id": self.run_name,
            "x-ms-workflow-operation-name": self.operation,
        }

    def _content(self, content_type: str, raw: bytes) -> Any:
        return read_content(content_type, raw, json_suffix=self.json_suffix)


def read_content(content_type: str, raw: bytes, *, json_suffix: bool) -> Any:
    """Return a body as expressions see it: JSON and text as such, nothing as None, all else as `$content`.

    https://learn.microsoft.com/azure/logic-apps/logic-apps-content-type
    """
    if not raw:
        return None
    header = Message()
    header["Content-Type"] = content_type
    kind = header.get_content_type()
    if kind == "application/json" or (json_suffix and kind.endswith("+json")):
        return json.loads(raw)
    if kind == "text/plain" and content_type:
        return raw.decode(header.get_content_charset("utf-8"))
    return {"$content-type": content_type, "$content": base64.b64encode(raw).decode()}


def _may_pass(answer: Answer) -> bool:
    """Tell whether the default policy tries again."""
    if answer.status is None:
        return True
    refused_for_now = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
    return answer.status in refused_for_now or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
