"""Tokens for Graph from azure-identity. It is imported for the first token: the import would slow each cold start."""

import asyncio
import base64
import json
import logging
import math
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from os import environ
from time import monotonic, time
from typing import TYPE_CHECKING, Any

from alert_refresh.graph.errors import IdentityError

if TYPE_CHECKING:
    from azure.identity.aio import DefaultAzureCredential

AUTHORITIES: Mapping[str, str] = {
    "https://graph.microsoft.com": "https://login.microsoftonline.com",
    "https://graph.microsoft.us": "https://login.microsoftonline.us",
    "https://dod-graph.microsoft.us": "https://login.microsoftonline.us",
    "https://microsoftgraph.chinacloudapi.cn": "https://login.chinacloudapi.cn",
}
"""Root of Graph → Entra authority: global and GCC, US Government L4 (GCC High) and L5 (DoD), China (21Vianet).

A token of one cloud is not valid in another. https://learn.microsoft.com/graph/deployments
"""

KEPT_SECONDS = 60
"""How long a token serves without a call of azure-identity, which costs more CPU than the rest of a poll."""
LAST_SECONDS = 300
"""The end of a token's life, in which azure-identity renews it: then azure-identity is called each time."""
TOKEN_SECONDS = 30
"""Longest wait for a token. azure-identity retries within it. For a longer wait there are durable timers."""


class Tokens:
    """The tokens of one Graph. azure-identity keeps the token and renews it before it expires."""

    def __init__(self, base_url: str, scope: str) -> None:
        self._authority = AUTHORITIES.get(base_url)
        self._scope = scope
        self._credential: DefaultAzureCredential | None = None
        self._current = ""
        self._kept_until = -math.inf
        # Without it a thousand runs that start together send a thousand requests to the identity endpoint.
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        """Return a token. Raises `IdentityError`."""
        if monotonic() < self._kept_until:
            return self._current
        async with self._take_turn():
            return await self._request()

    async def find_tenant(self) -> str:
        """Return the id of the tenant that the token is for, its claim `tid`. Raises `IdentityError`.

        https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
        """
        tenant = (await self.read_claims()).get("tid")
        if not isinstance(tenant, str) or not re.fullmatch(r"[0-9a-fA-F-]{36}", tenant):
            raise IdentityError("the token names no tenant, so the app needs the whole id of the alert")
        return tenant

    async def read_claims(self) -> Mapping[str, Any]:
        """Return the claims of the token; none when the token is not readable. Raises `IdentityError`."""
        claims = _decode("".join((await self.get()).split(".")[1:2]))
        return json.loads(claims) if claims else {}

    async def renew(self, refused: str, claims: str | None) -> str:
        """Return a token for one more try, after Graph refused the token `refused`. Raises `IdentityError`.

        claims: what Graph demands of the new token, from `parse_claims`
        """
        async with self._take_turn():
            # Only a new credential forgets the token it keeps. Of all runs that met the refusal, one makes it.
            if claims is None and refused == self._current:
                await self.close()
            return await self._request(claims)

    async def close(self) -> None:
        """Close the credential; the next `get` opens a new one."""
        credential, self._credential = self._credential, None
        self._kept_until = -math.inf
        if credential is not None:
            await credential.close()

    @asynccontextmanager
    async def _take_turn(self) -> AsyncGenerator[None]:
        try:
            # The wait for the lock counts: the last in the queue waits no longer than the first.
            async with asyncio.timeout(TOKEN_SECONDS), self._lock:
                yield
        except TimeoutError as error:
            raise IdentityError(f"the identity endpoint gave no token within {TOKEN_SECONDS} s") from error
        # azure-identity raises azure-core's errors, ValueError for its environment variables, and more.
        except Exception as error:
            raise IdentityError(_explain(str(error)) or type(error).__name__) from error

    async def _request(self, claims: str | None = None) -> str:
        challenge = {"claims": claims} if claims else {}
        # Always with enable_cae: azure-identity keeps tokens with and without it apart, and could give the refused one.
        answer = await self._open().get_token(self._scope, enable_cae=True, **challenge)
        self._current = answer.token
        self._kept_until = monotonic() + min(KEPT_SECONDS, answer.expires_on - time() - LAST_SECONDS)
        return self._current

    def _open(self) -> "DefaultAzureCredential":
        if self._credential is None:
            from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - see the module's docstring

            for logger in map(logging.getLogger, ("azure.identity", "azure.core")):
                if logger.level == logging.NOTSET:
                    # By default they log three lines for every poll.
                    logger.setLevel(logging.WARNING)
            # The environment variable wins, as everywhere in azure-identity.
            known = {"authority": self._authority} if self._authority and "AZURE_AUTHORITY_HOST" not in environ else {}
            self._credential = DefaultAzureCredential(retry_total=2, **known)
        return self._credential


def _explain(text: str) -> str:
    """Return why there is no token: the first line of `text`, and the line about the managed identity, if any."""
    first, *others = (line.strip() for line in text.strip().splitlines() or [""])
    managed = next((line for line in others if line.startswith("ManagedIdentityCredential: ")), "")
    return f"{first} {managed}".strip()[:500]


def parse_claims(www_authenticate: str | None) -> str | None:
    """Return the claims that a `WWW-Authenticate` header demands, a JSON object as text; None when it demands none.

    This is the claims challenge of continuous access evaluation:
    https://learn.microsoft.com/entra/identity-platform/claims-challenge
    """
    found = re.search(r'\bclaims="([A-Za-z0-9+/_=-]+)"', www_authenticate or "")
    return _decode(found[1]) if found else None


def _decode(encoded: str) -> str | None:
    """Return the JSON object in `encoded`, base64 of either alphabet, as text; None when there is none."""
    encoded = encoded.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        text = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode()
        return text if isinstance(json.loads(text), dict) else None
    except (ValueError, RecursionError):
        return None
