"""One request to the management API, with what its handlers need."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from aiohttp import web

from emulator.host.dispatch.catalog import Catalog
from emulator.host.http.front import Request
from emulator.host.hub import HubService
from emulator.host.management.bodies import STATUS_NAMES, error_response
from emulator.host.settings import HostSettings


class RefusedError(Exception):
    """Ends a request with `response`."""

    def __init__(self, response: web.Response) -> None:
        super().__init__(response.status)
        self.response = response


class Query:
    """Query parameters: names without case, a value that does not parse counts as absent."""

    def __init__(self, pairs: Mapping[str, str]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs.items():
            self._values.setdefault(name.lower(), []).append(value)

    def text(self, name: str) -> str | None:
        values = self._values.get(name.lower())
        return ",".join(values) if values else None

    def boolean(self, name: str, *, default: bool) -> bool:
        return {"true": True, "false": False}.get((self.text(name) or "").strip().lower(), default)

    def whole_number(self, name: str) -> int | None:
        try:
            number = int(self.text(name) or "")
        except ValueError:
            return None
        return number if -(2**31) <= number < 2**31 else None

    def seconds(self, name: str) -> float | None:
        try:
            return float(self.text(name) or "")
        except ValueError:
            return None

    def time(self, name: str) -> datetime | None:
        try:
            parsed = datetime.fromisoformat(self.text(name) or "")
            return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return None

    def statuses(self) -> Iterable[pb.OrchestrationStatus]:
        wanted = {part.strip() for part in (self.text("runtimeStatus") or "").split(",")}
        return [status for status, name in STATUS_NAMES.items() if name in wanted]


@dataclass(frozen=True)
class Call:
    """`origin` is scheme and authority as the caller wrote them."""

    request: Request
    query: Query
    hub: HubService
    catalog: Catalog
    settings: HostSettings
    system_key: str

    @property
    def origin(self) -> str:
        return self.request.origin

    async def state(self, instance_id: str) -> pb.OrchestrationState | None:
        """Return the instance with its input and output, or None when there is none."""
        request = pb.GetInstanceRequest(instanceId=instance_id, getInputsAndOutputs=True)
        found = await self.hub.GetInstance(request)
        return found.orchestrationState if found.exists else None

    async def body_text(self) -> str:
        return (await self.request.read()).decode("utf-8", errors="replace")

    async def json_text(self) -> str:
        """Return the body, compact; raises RefusedError with a 400 when it is not JSON."""
        try:
            value: Any = json.loads(await self.body_text())
        except ValueError as error:
            response = error_response(400, "Invalid JSON content", error, "Newtonsoft.Json.JsonReaderException")
            raise RefusedError(response) from error
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
