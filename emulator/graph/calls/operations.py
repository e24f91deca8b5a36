"""Reading an operation, and the refreshes that make one."""

from http import HTTPStatus

from aiohttp import web

from emulator.graph.calls.answers import ROOT, Answers, read_json
from emulator.graph.errors import bad_request
from emulator.graph.odata.entity_types import OPERATION
from emulator.graph.odata.query import Query
from emulator.graph.tenant import Operation
from emulator.graph.tenant.operation import TERMINAL
from emulator.graph.tenant.refresh import refresh, refresh_all


class OperationCalls:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._tenant = answers.tenant

    async def operation(self, request: web.Request) -> web.Response:
        query = Query.read(request.query, OPERATION)
        operation = self._tenant.operation(request.match_info["id"], self._answers.root)
        response = self._answers.one(query, "operations", operation)
        if str(operation.get("status")).lower() not in TERMINAL:
            self._ask_to_wait(response)
        return response

    async def refresh(self, request: web.Request) -> web.Response:
        return self._accept(refresh(self._tenant, request.match_info["id"]))

    async def refresh_all(self, request: web.Request) -> web.Response:
        if await read_json(request) != {"scopeId": "/", "scopeType": "DirectoryRole"}:
            raise bad_request("The only scope is scopeId '/' with scopeType 'DirectoryRole'.")
        return self._accept(refresh_all(self._tenant))

    def _accept(self, operation: Operation) -> web.Response:
        response = web.Response(status=HTTPStatus.ACCEPTED)
        if self._tenant.location != "missing":
            root = ROOT if self._tenant.location == "relative" else self._answers.root
            response.headers["Location"] = f"{root}/operations/{operation.id}"
        self._ask_to_wait(response)
        return response

    def _ask_to_wait(self, response: web.Response) -> None:
        if self._tenant.retry_after is not None:
            response.headers["Retry-After"] = self._tenant.retry_after
