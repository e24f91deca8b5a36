"""Access tokens as Entra ID issues them to a managed identity, signed with a key that everyone may know.

The identity endpoint issues and Graph verifies, also as separate processes: this module is all they share.
Lifetimes count on the wall clock, as the credential that caches the token does; no emulated clock moves them.

Claims: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

import time
from collections.abc import Iterable
from typing import Any

import jwt

SIGNING_KEY = "worthless on purpose: signs nothing outside 127.0.0.1"
TENANT_ID = "19356be4-7e93-4ed6-a7c6-0ae28454d125"
CLIENT_ID = "5b2d2c1e-6f0a-4c1b-9a57-3f8de5a1c0d4"
PRINCIPAL_ID = "c1a7e7c9-2f4d-4a63-8a4e-6d0f5b9e7a12"

READ = "RoleManagementAlert.Read.Directory"
READ_WRITE = "RoleManagementAlert.ReadWrite.Directory"


class RejectedTokenError(Exception):
    """The token is refused; the text says why, in Graph's words."""


def issue(resource: str, roles: Iterable[str], *, lifetime: int = 86_400) -> tuple[str, int]:
    """Return a token for `resource` and its end in epoch seconds; `lifetime` is in seconds and may be negative."""
    now = int(time.time())
    expires_on = now + lifetime
    claims = {
        "aud": resource,
        "iss": f"https://sts.windows.net/{TENANT_ID}/",
        "iat": now,
        "nbf": now,
        "exp": expires_on,
        "appid": CLIENT_ID,
        "idtyp": "app",
        "oid": PRINCIPAL_ID,
        "roles": list(roles),
        "sub": PRINCIPAL_ID,
        "tid": TENANT_ID,
        "ver": "1.0",
    }
    return jwt.encode(claims, SIGNING_KEY, algorithm="HS256"), expires_on


def verify(token: str, *, audience: str) -> dict[str, Any]:
    """Return the claims of a token meant for `audience`, with or without a trailing slash.

    Raises `RejectedTokenError` when the token is malformed, forged, expired or meant for someone else.
    """
    try:
        return jwt.decode(
            token,
            SIGNING_KEY,
            algorithms=["HS256"],
            audience=[audience, f"{audience}/"],
            options={"require": ["aud", "exp"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise RejectedTokenError("Lifetime validation failed, the token is expired.") from error
    except jwt.InvalidAudienceError as error:
        raise RejectedTokenError("Access token validation failure. Invalid audience.") from error
    except jwt.InvalidSignatureError as error:
        raise RejectedTokenError("Access token validation failure. Invalid signature.") from error
    except jwt.InvalidTokenError as error:
        raise RejectedTokenError("IDX14100: JWT is not well formed.") from error
