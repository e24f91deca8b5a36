"""Who may call: a bearer token for this Graph, with one of the roles that the method needs, in a licensed tenant."""

from aiohttp import web

from emulator.graph.errors import GraphError, pim_error
from emulator.graph.tenant.switches import Switches
from emulator.tokens import READ, READ_WRITE, RejectedTokenError, verify

# 00000003-… is the application id of Microsoft Graph in every tenant.
CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    'client_id="00000003-0000-0000-c000-000000000000"'
)
UNLICENSED = "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."


def authorize(request: web.Request, audience: str, switches: Switches) -> None:
    """Raise `GraphError` 401 without a valid token, 403 without a role (ReadWrite for everything but GET).

    In a tenant without a license it is 400 or 403, as `switches` say.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _make_unauthenticated("Access token is empty.")
    try:
        claims = verify(token.strip(), audience=audience)
    except RejectedTokenError as error:
        raise _make_unauthenticated(str(error)) from error
    sufficient = {READ, READ_WRITE} if request.method == "GET" else {READ_WRITE}
    held = [claims.get("roles", []), sufficient if switches.granted is None else switches.granted]
    if not all(sufficient.intersection(roles) for roles in held):
        message = f"Authorization failed due to missing permission scope {','.join(sorted(sufficient))}."
        raise pim_error(403, "PermissionScopeNotGranted", message)
    if switches.unlicensed is not None:
        raise pim_error(switches.unlicensed, "AadPremiumLicenseRequired", UNLICENSED)


def _make_unauthenticated(message: str) -> GraphError:
    return GraphError(401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": CHALLENGE})
