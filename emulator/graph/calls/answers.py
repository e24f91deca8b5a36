"""How Graph prints one entity, and a page of many."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web
from yarl import URL

from emulator.graph.errors import JsonObject, bad_request
from emulator.graph.odata.query import Query
from emulator.graph.tenant import Tenant

ROOT = "/beta/identityGovernance/roleManagementAlerts"
CONTENT_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


class Answers:
    """The answers of `tenant`, with URLs below `base_url`, which is known once the server is up."""

    def __init__(self, tenant: Tenant, base_url: Callable[[], str]) -> None:
        self.tenant = tenant
        self._base_url = base_url

    @property
    def root(self) -> str:
        """The absolute URL of roleManagementAlerts."""
        return f"{self._base_url()}{ROOT}"

    @property
    def metadata(self) -> str:
        """What every `@odata.context` begins with."""
        return f"{self._base_url()}/beta/$metadata#identityGovernance/roleManagementAlerts"

    def one(self, query: Query, path: str, entity: JsonObject, expanded: JsonObject | None = None) -> web.Response:
        context = {"@odata.context": f"{self.metadata}/{path}{query.context}/$entity"}
        return _json(context | query.project(entity) | (expanded or {}))

    def page(self, request: web.Request, query: Query, path: str, entities: Sequence[JsonObject]) -> web.Response:
        sizes = [size for size in (query.top, self.tenant.page_size) if size is not None]
        end = query.skip + min(sizes, default=len(entities))
        document: JsonObject = {"@odata.context": f"{self.metadata}/{path}{query.context}"}
        if query.skip < end < len(entities):
            here = URL(f"{self._base_url()}{request.raw_path}", encoded=True)
            document["@odata.nextLink"] = str(here.update_query({"$skiptoken": str(end)}))
        return _json(document | {"value": entities[query.skip : end]})


def _json(document: JsonObject) -> web.Response:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})


async def read_json(request: web.Request) -> Any:
    """Return the body. Raises `GraphError` 400 when it is not JSON."""
    try:
        return await request.json()
    except ValueError as error:
        raise bad_request("Unable to read JSON request payload.") from error
