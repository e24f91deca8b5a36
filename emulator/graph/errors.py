"""Graph's error bodies: https://learn.microsoft.com/graph/errors."""

import json
from collections.abc import Mapping
from typing import Any

type JsonObject = dict[str, Any]


class GraphError(Exception):
    """An answer other than success, to be sent as `status` with an OData error body."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def odata_error(code: str, message: str, **inner: str) -> JsonObject:
    """Return `{"error": {"code", "message", "innerError"?}}`."""
    error: JsonObject = {"code": code, "message": message}
    if inner:
        error["innerError"] = {key.replace("_", "-"): value for key, value in inner.items()}
    return {"error": error}


def pim_error(status: int, code: str, message: str) -> GraphError:
    """Return a refusal by PIM's back end: its code stands in a JSON string, under the code `UnknownError`."""
    hidden = json.dumps({"errorCode": code, "message": message}, separators=(",", ":"))
    return GraphError(status, "UnknownError", hidden)


def bad_request(message: str) -> GraphError:
    return GraphError(400, "BadRequest", message)


def not_found() -> GraphError:
    return GraphError(404, "ResourceNotFound", "The resource is not found.")
