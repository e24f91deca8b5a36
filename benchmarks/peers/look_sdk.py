"""Looks with Microsoft's SDK for Graph beta, as its README shows, over one client that is used again."""

import asyncio
from os import environ
from time import time
from typing import Any, Self

from azure.core.credentials import AccessToken
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph_beta import GraphRequestAdapter, GraphServiceClient

from benchmarks.look_process import look_when_told
from benchmarks.look_server import OPERATION_ID


class FixedToken:
    """A credential that costs nothing; the app's own looks pay for a real one."""

    async def get_token(self, *_: str, **__: Any) -> AccessToken:
        return AccessToken(environ["TOKEN"], int(time()) + 3600)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


async def main() -> None:
    provider = AzureIdentityAuthenticationProvider(
        FixedToken(), scopes=["https://graph.microsoft.com/.default"], allowed_hosts=["127.0.0.1"]
    )
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = environ["GRAPH_BASE_URL"] + "/beta"
    alerts = GraphServiceClient(request_adapter=adapter).identity_governance.role_management_alerts

    async def look() -> object:
        operation = await alerts.operations.by_long_running_operation_id(OPERATION_ID).get()
        return operation and operation.status and operation.status.value

    await look_when_told(look)


if __name__ == "__main__":
    asyncio.run(main())
