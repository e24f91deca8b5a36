"""Where payloads go that are too large for the durable history: the storage account that the Functions host uses, too.

https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

CONNECTION = "AzureWebJobsStorage"
LARGE_PAYLOADS = "LARGE_PAYLOADS"

INLINE_BYTES = 48 * 2**10
"""What the history of any task hub takes well: more than 60 KiB goes to a blob of the hub's own on Azure Storage."""
LARGEST_IN_HISTORY = 2 * 2**20
"""A result is in the history twice, and gRPC takes 4 MiB at once."""
LARGEST_STORED = 8 * 2**20
"""Every turn of a run reads what it has stored."""


@dataclass(frozen=True, slots=True)
class PayloadStorage:
    """A connection string, or the URL of the blob service for the app's identity."""

    connection_string: str | None = field(default=None, repr=False)
    account_url: str | None = None
    client_id: str | None = None
    """Of a user-assigned identity; None means the system-assigned one, as for the host."""


def is_asked_for(environment: Mapping[str, str]) -> bool:
    """Tell whether large payloads shall be stored."""
    return environment.get(LARGE_PAYLOADS, "").strip().lower() in {"true", "1"}


def payload_storage(environment: Mapping[str, str]) -> PayloadStorage | None:
    """Return the storage for large payloads, or None when it is not asked for or not to be found."""
    if not is_asked_for(environment):
        return None
    text, account = environment.get(CONNECTION), environment.get(f"{CONNECTION}__accountName")
    url = environment.get(f"{CONNECTION}__blobServiceUri") or (account and f"https://{account}.blob.core.windows.net")
    if text:
        return PayloadStorage(connection_string=text)
    return PayloadStorage(account_url=url, client_id=environment.get(f"{CONNECTION}__clientId")) if url else None


def wrong_storage(environment: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the faults of what `environment` says of it, as `{field, detail}`."""
    if not is_asked_for(environment) or payload_storage(environment):
        return []
    detail = f"needs the host's storage: {CONNECTION}, {CONNECTION}__blobServiceUri or {CONNECTION}__accountName"
    return [{"field": LARGE_PAYLOADS, "detail": detail}]
