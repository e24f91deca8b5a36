"""The calls below /beta/identityGovernance/roleManagementAlerts."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web
from yarl import URL

from emulator.graph.alert import Alert
from emulator.graph.entity_types import ALERT, CONFIGURATION, DEFINITION, INCIDENT, OPERATION, EntityType
from emulator.graph.errors import JsonObject, bad_request, not_found
from emulator.graph.operation import TERMINAL, Operation
from emulator.graph.query import Query
from emulator.graph.tenant import Tenant

ROOT = "/beta/identityGovernance/roleManagementAlerts"
CONTENT_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
SETS: dict[str, tuple[EntityType, Callable[[Alert], JsonObject]]] = {
    "alerts": (ALERT, Alert.document),
    "alertDefinitions": (DEFINITION, lambda alert: alert.definition),
    "alertConfigurations": (CONFIGURATION, lambda alert: alert.configuration),
}


class RoleManagementAlerts:
    """The handlers; `base_url` tells where Graph is reached, once it is."""

    def __init__(self, tenant: Tenant, base_url: Callable[[], str]) -> None:
        self._tenant = tenant
        self._base_url = base_url

    @property
    def routes(self) -> list[web.RouteDef]:
        entity_set = f"{ROOT}/{{set:{'|'.join(SETS)}}}"
        incidents = f"{ROOT}/alerts/{{id}}/alertIncidents"
        return [
            web.get(f"{ROOT}/operations/{{id}}", self.operation, allow_head=False),
            web.get(entity_set, self.entities, allow_head=False),
            web.get(f"{entity_set}/{{id}}", self.entity, allow_head=False),
            web.get(incidents, self.incidents, allow_head=False),
            web.get(f"{incidents}/{{incident}}", self.incident, allow_head=False),
            web.patch(f"{ROOT}/alerts/{{id}}", self.dismiss),
            web.post(f"{ROOT}/alerts/refresh", self.refresh_all),
            web.post(f"{ROOT}/alerts/{{id}}/refresh", self.refresh),
        ]

    async def operation(self, request: web.Request) -> web.Response:
        query = Query.read(request.query, OPERATION)
        try:
            operation = self._tenant.operation(request.match_info["id"], f"{self._base_url()}{ROOT}")
        except KeyError as error:
            raise not_found() from error
        response = self._one(query, "operations", operation)
        if self._tenant.retry_after is not None and str(operation.get("status")).lower() not in TERMINAL:
            response.headers["Retry-After"] = self._tenant.retry_after
        return response

    async def entities(self, request: web.Request) -> web.Response:
        name = request.match_info["set"]
        entity_type, entity_of = SETS[name]
        query = Query.read(request.query, entity_type)
        query.require_scope()
        entities = [
            query.project(entity) | alert.expanded(query.expand, self._metadata)
            for alert in self._tenant.alerts_now().values()
            if query.matches(entity := entity_of(alert))
        ]
        return self._page(request, query, name, entities)

    async def entity(self, request: web.Request) -> web.Response:
        name = request.match_info["set"]
        entity_type, entity_of = SETS[name]
        query = Query.read(request.query, entity_type)
        alert = self._alert(request)
        return self._one(query, name, entity_of(alert), alert.expanded(query.expand, self._metadata))

    async def incidents(self, request: web.Request) -> web.Response:
        query = Query.read(request.query, INCIDENT)
        alert = self._alert(request)
        incidents = [query.project(incident) for incident in alert.incidents if query.matches(incident)]
        return self._page(request, query, f"alerts('{alert.id}')/alertIncidents", incidents)

    async def incident(self, request: web.Request) -> web.Response:
        query = Query.read(request.query, INCIDENT)
        alert = self._alert(request)
        for incident in alert.incidents:
            if incident["id"] == request.match_info["incident"]:
                return self._one(query, f"alerts('{alert.id}')/alertIncidents", incident)
        raise not_found()

    async def dismiss(self, request: web.Request) -> web.Response:
        alert = self._alert(request)
        if await _read_json(request) != {"isActive": False}:
            raise bad_request("Only isActive can be updated, and only to false.")
        alert.is_active = False
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def refresh(self, request: web.Request) -> web.Response:
        return self._accepted(self._tenant.start_operation(self._alert(request).id))

    async def refresh_all(self, request: web.Request) -> web.Response:
        if await _read_json(request) != {"scopeId": "/", "scopeType": "DirectoryRole"}:
            raise bad_request("The only scope is scopeId '/' with scopeType 'DirectoryRole'.")
        return self._accepted(self._tenant.start_all())

    @property
    def _metadata(self) -> str:
        return f"{self._base_url()}/beta/$metadata#identityGovernance/roleManagementAlerts"

    def _alert(self, request: web.Request) -> Alert:
        try:
            return self._tenant.alerts_now()[request.match_info["id"]]
        except KeyError as error:
            raise not_found() from error

    def _accepted(self, operation: Operation) -> web.Response:
        location = f"{self._base_url()}{ROOT}/operations/{operation.id}"
        return web.Response(status=HTTPStatus.ACCEPTED, headers={"Location": location})

    def _one(self, query: Query, path: str, entity: JsonObject, expanded: JsonObject | None = None) -> web.Response:
        context = {"@odata.context": f"{self._metadata}/{path}{query.context}/$entity"}
        return _json(context | query.project(entity) | (expanded or {}))

    def _page(self, request: web.Request, query: Query, path: str, entities: list[JsonObject]) -> web.Response:
        sizes = [size for size in (query.top, self._tenant.page_size) if size is not None]
        end = query.skip + min(sizes, default=len(entities))
        document: JsonObject = {"@odata.context": f"{self._metadata}/{path}{query.context}"}
        if query.skip < end < len(entities):
            here = URL(f"{self._base_url()}{request.raw_path}", encoded=True)
            document["@odata.nextLink"] = str(here.update_query({"$skiptoken": str(end)}))
        return _json(document | {"value": entities[query.skip : end]})


def _json(document: JsonObject) -> web.Response:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})


async def _read_json(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError as error:
        raise bad_request("Unable to read JSON request payload.") from error
