"""Managed identity as App Service gives it to an app, protocol version 2019-08-01.

https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
"""

import re
import secrets
import uuid
from collections.abc import Iterable

from aiohttp import web

from emulator import tokens
from emulator.faults import Fault, Traffic
from emulator.loopback import LoopbackServer

PATH = "/msi/token"
API_VERSION = "2019-08-01"
SCHEME = "Bearer"
# Loopback stands for the emulated Graph, the next are the four clouds: https://learn.microsoft.com/graph/deployments.
# The last is Application Insights: https://learn.microsoft.com/azure/azure-monitor/app/azure-ad-authentication.
RESOURCE = re.compile(
    r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/?"
    r"|https://(graph\.microsoft\.com|graph\.microsoft\.us|dod-graph\.microsoft\.us|microsoftgraph\.chinacloudapi\.cn)/?"
    r"|https://monitor\.azure\.com/?"
)


class IdentityServer(LoopbackServer):
    """`async with IdentityServer() as identity` gives an app with `identity.environment` an identity of its own.

    roles: the application permissions granted on every resource.
    token_lifetime: seconds.
    secret: what X-IDENTITY-HEADER must say; made up by default.
    """

    def __init__(
        self,
        *,
        roles: Iterable[str] = (tokens.READ, tokens.READ_WRITE),
        token_lifetime: int = 86_400,
        secret: str | None = None,
        faults: Iterable[Fault] = (),
        port: int = 0,
    ) -> None:
        super().__init__(Traffic(faults=list(faults)), port)
        self.roles = list(roles)
        self.token_lifetime = token_lifetime
        self.secret = secret or secrets.token_urlsafe(24)

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which azure-identity finds this endpoint."""
        return {"IDENTITY_ENDPOINT": f"{self.base_url}{PATH}", "IDENTITY_HEADER": self.secret}

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get(PATH, self._token, allow_head=False)
        return application

    async def _token(self, request: web.Request) -> web.Response:
        header = request.headers.get("X-IDENTITY-HEADER")
        resource = request.query.get("resource", "")
        if header is None:
            return _refuse(400, "The X-IDENTITY-HEADER header is required.")
        if not secrets.compare_digest(header.encode(), self.secret.encode()):
            return _refuse(401, "The X-IDENTITY-HEADER header is not valid.")
        if request.query.get("api-version") != API_VERSION:
            return _refuse(400, f"The api-version must be {API_VERSION}.")
        if not RESOURCE.fullmatch(resource):
            return _refuse(400, f"The resource principal named '{resource}' was not found in the tenant.")
        if not _selects_this_identity(request):
            return _refuse(
                400,
                "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
            )
        token, expires_on = tokens.issue(resource, self.roles, lifetime=self.token_lifetime)
        return web.json_response(
            {
                "access_token": token,
                "client_id": tokens.CLIENT_ID,
                "expires_on": str(expires_on),
                "resource": resource,
                "token_type": SCHEME,
            }
        )


def _selects_this_identity(request: web.Request) -> bool:
    """Tell whether the selectors in the query, if any, mean the one identity there is; it has no resource id."""
    mine = {"client_id": tokens.CLIENT_ID, "object_id": tokens.PRINCIPAL_ID, "principal_id": tokens.PRINCIPAL_ID}
    return all(request.query[name] == mine.get(name) for name in (*mine, "mi_res_id") if name in request.query)


def _refuse(status: int, message: str) -> web.Response:
    body = {"statusCode": status, "message": message, "correlationId": str(uuid.uuid4())}
    return web.json_response(body, status=status)
