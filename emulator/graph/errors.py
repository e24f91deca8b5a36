"""Graph's error bodies: https://learn.microsoft.com/graph/errors."""

import json
from collections.abc import Mapping
from typing import Any, Literal

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


def wrapped_message(error_code: str, message: str) -> str:
    """Return the JSON document that PIM puts inside `error.message`, under the code `UnknownError`."""
    return json.dumps({"errorCode": error_code, "message": message}, separators=(",", ":"))


def wrapped_error(error_code: str, message: str) -> JsonObject:
    """Return an OData error whose true code stands in a JSON string, as PIM's back end sends it through Graph."""
    return odata_error("UnknownError", wrapped_message(error_code, message))


def pim_error(status: int, code: str, message: str, *, hidden: bool) -> GraphError:
    """Return a refusal by PIM's back end: its code hidden in the message, or plain, as other callers of PIM saw it."""
    return (
        GraphError(status, "UnknownError", wrapped_message(code, message))
        if hidden
        else GraphError(status, code, message)
    )


def bad_request(message: str) -> GraphError:
    return GraphError(400, "BadRequest", message)


def not_found() -> GraphError:
    return GraphError(404, "ResourceNotFound", "The resource is not found.")


def gone(status: Literal[404, 410]) -> GraphError:
    return not_found() if status == 404 else GraphError(410, "Gone", "The resource is no longer available.")  # noqa: PLR2004
