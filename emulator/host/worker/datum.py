"""Making the worker's values: a Datum is what a protobuf TypedData becomes in `azure_functions_runtime`."""

from azure_functions_runtime.bindings.datumdef import Datum

__all__ = ["Datum", "datum", "text"]


def datum(value: object, kind: str) -> Datum:
    """Make a Datum of `kind` `string`, `json`, `bytes` or `http`."""
    return Datum(value, kind)  # type: ignore[no-untyped-call]


def text(value: str) -> Datum:
    return datum(value, "string")
