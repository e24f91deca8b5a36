"""Graph's front door: authentication, Graph's headers on every answer, Graph's body on every error."""

import json
import uuid
from email.utils import format_datetime

from aiohttp import web

from emulator.faults import Handler
from emulator.graph.bearer import authorize
from emulator.graph.calls.answers import ROOT, Answers
from emulator.graph.errors import GraphError, bad_request, odata_error
from emulator.graph.routes import routes
from emulator.graph.tenant import Tenant
from emulator.loopback import LoopbackServer

DIAGNOSTIC = {
    "ServerInfo": {"DataCenter": "Loopback", "Slice": "E", "Ring": "0", "ScaleUnit": "000", "RoleInstance": "EMULATOR"}
}


class GraphServer(LoopbackServer):
    """`async with GraphServer(tenant) as graph` serves `tenant` at `graph.base_url`, its tokens' audience too."""

    def __init__(self, tenant: Tenant, port: int = 0) -> None:
        super().__init__(tenant, port)
        self.tenant = tenant

    def operation_url(self, operation_id: str) -> str:
        return f"{self.base_url}{ROOT}/operations/{operation_id}"

    def alert_url(self, alert_id: str) -> str:
        return f"{self.base_url}{ROOT}/alerts/{alert_id}"

    def application(self) -> web.Application:
        application = web.Application(middlewares=[self._answer])
        application.add_routes(routes(Answers(self.tenant, lambda: self.base_url)))
        return application

    @web.middleware
    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id = str(uuid.uuid4())
        client_request_id = request.headers.get("client-request-id", request_id)
        now = self.tenant.clock()
        try:
            authorize(request, self.base_url, self.tenant)
            response = await _dispatch(request, handler)
        except GraphError as error:
            body = odata_error(
                error.code,
                error.message,
                date=f"{now:%Y-%m-%dT%H:%M:%S}",
                request_id=request_id,
                client_request_id=client_request_id,
            )
            response = web.json_response(body, status=error.status, headers=error.headers)
        response.headers.update(
            {
                "request-id": request_id,
                "client-request-id": client_request_id,
                "x-ms-ags-diagnostic": json.dumps(DIAGNOSTIC, separators=(",", ":")),
                "Date": format_datetime(now, usegmt=True),
            }
        )
        return response


async def _dispatch(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPNotFound as error:
        raise bad_request(f"Resource not found for the segment '{_unknown_segment(request.path)}'.") from error
    except web.HTTPMethodNotAllowed as error:
        message = f"The requested resource does not support http method '{request.method}'."
        headers = {"Allow": ",".join(sorted(error.allowed_methods))}
        raise GraphError(405, "UnknownError", json.dumps({"message": message}), headers) from error


def _unknown_segment(path: str) -> str:
    """Return the first segment that has no meaning; in v1.0 that is roleManagementAlerts, which only beta has."""
    version, *segments = path.strip("/").split("/")
    for segment, known in zip(segments, ROOT.split("/")[2:], strict=False):
        if segment != known or (version != "beta" and segment == "roleManagementAlerts"):
            return segment
    return path.rstrip("/").rpartition("/")[2]
