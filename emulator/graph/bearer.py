"""Who may call: a bearer token for this Graph with one of the roles that the method needs."""

from aiohttp import web

from emulator.graph.errors import GraphError, wrapped_message
from emulator.tokens import READ, READ_WRITE, RejectedTokenError, verify

# 00000003-… is the application id of Microsoft Graph in every tenant.
CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    'client_id="00000003-0000-0000-c000-000000000000"'
)


def authorize(request: web.Request, audience: str) -> None:
    """Raise `GraphError` 401 without a valid token, 403 without a role (ReadWrite for everything but GET)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthenticated("Access token is empty.")
    try:
        claims = verify(token.strip(), audience=audience)
    except RejectedTokenError as error:
        raise _unauthenticated(str(error)) from error
    sufficient = [READ, READ_WRITE] if request.method == "GET" else [READ_WRITE]
    if not set(sufficient) & set(claims.get("roles", [])):
        message = f"Authorization failed due to missing permission scope {','.join(sufficient)}."
        raise GraphError(403, "UnknownError", wrapped_message("PermissionScopeNotGranted", message))


def _unauthenticated(message: str) -> GraphError:
    return GraphError(401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": CHALLENGE})
