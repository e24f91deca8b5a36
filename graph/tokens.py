"""Tokens for Graph from azure-identity, which is imported on the first token to keep it out of the cold start."""

import asyncio
import logging
import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from os import environ
from time import monotonic, time
from typing import TYPE_CHECKING

from graph.clouds import AUTHORITIES
from graph.errors import IdentityError

if TYPE_CHECKING:
    from azure.identity.aio import DefaultAzureCredential

KEPT_SECONDS = 60
"""How long a token is given again without asking azure-identity: it would say the same, at a fifth of a look's CPU."""
LAST_SECONDS = 300
"""Of a token's life: in them azure-identity looks for the next one, and is asked each time."""
TOKEN_SECONDS = 30
"""Longest wait for a token. azure-identity retries on its own within it; more patience belongs to a durable timer."""


class Tokens:
    """One credential for one Graph. azure-identity keeps the token and renews it before it expires."""

    def __init__(self, base_url: str, scope: str) -> None:
        self._authority = AUTHORITIES.get(base_url)
        self._scope = scope
        self._credential: DefaultAzureCredential | None = None
        self._given = ""
        self._kept_until = -math.inf
        # Without it a thousand runs that start together ask the identity endpoint a thousand times.
        self._one_at_a_time = asyncio.Lock()

    async def get(self) -> str:
        """Return a token. Raises `IdentityError`."""
        if monotonic() < self._kept_until:
            return self._given
        async with self._turn():
            return await self._ask()

    async def renew(self, refused: str, claims: str | None) -> str:
        """Return a token to try once more with, after Graph refused the token `refused`. Raises `IdentityError`."""
        async with self._turn():
            # Only a new credential forgets the token it keeps; of all runs that met the refusal, one makes it.
            if claims is None and refused == self._given:
                await self.close()
            return await self._ask(claims)

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        try:
            # The time in the queue counts: nobody waits longer than one who is first.
            async with asyncio.timeout(TOKEN_SECONDS), self._one_at_a_time:
                yield
        except TimeoutError as error:
            raise IdentityError(f"the identity endpoint gave no token within {TOKEN_SECONDS} s") from error
        # azure-identity raises azure-core's errors, ValueError for its environment variables, and more: whatever it is,
        # it must not cross this line as itself.
        except Exception as error:
            raise IdentityError(_reason(str(error)) or type(error).__name__) from error

    async def _ask(self, claims: str | None = None) -> str:
        challenge = {"claims": claims} if claims else {}
        # Always: azure-identity keeps tokens with and without it apart, and would give the refused one again.
        answer = await self._opened().get_token(self._scope, enable_cae=True, **challenge)
        self._given = answer.token
        self._kept_until = monotonic() + min(KEPT_SECONDS, answer.expires_on - time() - LAST_SECONDS)
        return self._given

    async def close(self) -> None:
        """Close the credential; the next `get` opens a new one."""
        credential, self._credential = self._credential, None
        self._kept_until = -math.inf
        if credential is not None:
            await credential.close()

    def _opened(self) -> "DefaultAzureCredential":
        if self._credential is None:
            from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - see the module's docstring

            for chatter in map(logging.getLogger, ("azure.identity", "azure.core")):
                if chatter.level == logging.NOTSET:
                    # Otherwise they write three lines for every look, to say that there still is a token.
                    chatter.setLevel(logging.WARNING)
            # The variable wins, as everywhere in azure-identity.
            known = {"authority": self._authority} if self._authority and "AZURE_AUTHORITY_HOST" not in environ else {}
            self._credential = DefaultAzureCredential(retry_total=2, **known)
        return self._credential


def _reason(text: str) -> str:
    """Return why there is no token: the first line, and what the managed identity said when it was one of several."""
    first, *others = (line.strip() for line in text.strip().splitlines() or [""])
    managed = next((line for line in others if line.startswith("ManagedIdentityCredential: ")), "")
    return f"{first} {managed}".strip()[:500]
