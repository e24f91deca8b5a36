"""Which call goes where."""

from aiohttp import web

from emulator.graph.calls.alerts import SETS, AlertCalls
from emulator.graph.calls.answers import ROOT, Answers
from emulator.graph.calls.operations import OperationCalls


def routes(answers: Answers) -> list[web.RouteDef]:
    alerts, operations = AlertCalls(answers), OperationCalls(answers)
    entity_set = f"{ROOT}/{{set:{'|'.join(SETS)}}}"
    incidents = f"{ROOT}/alerts/{{id}}/alertIncidents"
    return [
        web.get(f"{ROOT}/operations/{{id}}", operations.operation, allow_head=False),
        web.get(entity_set, alerts.entities, allow_head=False),
        web.get(f"{entity_set}/{{id}}", alerts.entity, allow_head=False),
        web.get(incidents, alerts.incidents, allow_head=False),
        web.get(f"{incidents}/{{incident}}", alerts.incident, allow_head=False),
        web.patch(f"{ROOT}/alerts/{{id}}", alerts.dismiss),
        web.post(f"{ROOT}/alerts/refresh", operations.refresh_all),
        web.post(f"{ROOT}/alerts/{{id}}/refresh", operations.refresh),
    ]
