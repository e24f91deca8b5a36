"""Blobs for what is too large for the durable history: the SDK's own store, in the app's own storage account.

https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
"""

from collections.abc import Mapping

from durabletask.payload import PayloadStore

from domain.payload_storage import INLINE_BYTES, LARGEST_STORED, PayloadStorage, payload_storage

CONTAINER = "pim-alert-refresh-payloads"


def large_payloads(environment: Mapping[str, str]) -> PayloadStore | None:
    """Return the store that `environment` asks for, or None: without one, such alerts go without their incidents."""
    storage = payload_storage(environment)
    return None if storage is None else _store(storage)


def _store(storage: PayloadStorage) -> PayloadStore:
    # Half a second of imports, for those who asked for it.
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415
    from durabletask.extensions.azure_blob_payloads import BlobPayloadStore, BlobPayloadStoreOptions  # noqa: PLC0415

    identity = DefaultAzureCredential(managed_identity_client_id=storage.client_id) if storage.account_url else None
    return BlobPayloadStore(
        BlobPayloadStoreOptions(
            threshold_bytes=INLINE_BYTES,
            max_stored_payload_bytes=LARGEST_STORED,
            container_name=CONTAINER,
            connection_string=storage.connection_string,
            account_url=storage.account_url,
            credential=identity,
        )
    )
