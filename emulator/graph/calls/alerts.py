"""Reading alerts, definitions, configurations and incidents, and dismissing an alert."""

from collections.abc import Callable
from http import HTTPStatus

from aiohttp import web

from emulator.graph.calls.answers import Answers, read_json
from emulator.graph.errors import JsonObject, bad_request, not_found
from emulator.graph.odata.entity_types import ALERT, CONFIGURATION, DEFINITION, INCIDENT, EntityType
from emulator.graph.odata.query import Query
from emulator.graph.tenant import Alert

SETS: dict[str, tuple[EntityType, Callable[[Alert], JsonObject]]] = {
    "alerts": (ALERT, Alert.document),
    "alertDefinitions": (DEFINITION, lambda alert: alert.definition),
    "alertConfigurations": (CONFIGURATION, lambda alert: alert.configuration),
}


class AlertCalls:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._tenant = answers.tenant

    async def entities(self, request: web.Request) -> web.Response:
        name = request.match_info["set"]
        entity_type, entity_of = SETS[name]
        query = Query.read(request.query, entity_type)
        query.filter.require_scope()
        entities = [
            query.project(entity) | self._expand(alert, query)
            for alert in self._tenant.alerts_now().values()
            if query.filter.matches(entity := entity_of(alert))
        ]
        return self._answers.page(request, query, name, entities)

    async def entity(self, request: web.Request) -> web.Response:
        name = request.match_info["set"]
        entity_type, entity_of = SETS[name]
        query = Query.read(request.query, entity_type)
        alert = self._tenant.alert(request.match_info["id"])
        return self._answers.one(query, name, entity_of(alert), self._expand(alert, query))

    async def incidents(self, request: web.Request) -> web.Response:
        query = Query.read(request.query, INCIDENT)
        alert = self._tenant.alert(request.match_info["id"])
        incidents = [query.project(incident) for incident in alert.report.incidents if query.filter.matches(incident)]
        return self._answers.page(request, query, f"alerts('{alert.id}')/alertIncidents", incidents)

    async def incident(self, request: web.Request) -> web.Response:
        query = Query.read(request.query, INCIDENT)
        alert = self._tenant.alert(request.match_info["id"])
        for incident in alert.report.incidents:
            if incident["id"] == request.match_info["incident"]:
                return self._answers.one(query, f"alerts('{alert.id}')/alertIncidents", incident)
        raise not_found()

    async def dismiss(self, request: web.Request) -> web.Response:
        alert = self._tenant.alert(request.match_info["id"])
        if await read_json(request) != {"isActive": False}:
            raise bad_request("Only isActive can be updated, and only to false.")
        alert.dismiss()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    def _expand(self, alert: Alert, query: Query) -> JsonObject:
        """Return the keys that `$expand` adds."""
        added: JsonObject = {}
        for navigation in sorted(query.expand):
            if navigation == "alertIncidents":
                added |= self._expanded_incidents(alert)
            else:
                added[navigation] = alert.definition if navigation == "alertDefinition" else alert.configuration
        return added

    def _expanded_incidents(self, alert: Alert) -> JsonObject:
        added: JsonObject = {
            "alertIncidents@odata.context": f"{self._answers.metadata}/alerts('{alert.id}')/alertIncidents"
        }
        incidents, limit = alert.report.incidents, self._tenant.expand_limit
        if limit is not None and limit < len(incidents):
            rest = f"{self._answers.root}/alerts/{alert.id}/alertIncidents?$skiptoken={limit}"
            added["alertIncidents@odata.nextLink"] = rest
        return added | {"alertIncidents": incidents[:limit]}
