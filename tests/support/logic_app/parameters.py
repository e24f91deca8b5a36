"""The parameters of a definition and the values that a deployment gives them."""

from collections.abc import Mapping
from typing import Any

TYPES: Mapping[str, type] = {
    "String": str,
    "SecureString": str,
    "Int": int,
    "Bool": bool,
    "Object": dict,
    "Array": list,
}


def values_of(definition: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every declared parameter's value. Raises `ValueError` as a deployment would refuse them."""
    declared: Mapping[str, Any] = definition.get("parameters", {})
    if unknown := given.keys() - declared.keys():
        raise ValueError(f"the definition declares no {sorted(unknown)}")
    values = {name: each["defaultValue"] for name, each in declared.items() if "defaultValue" in each} | dict(given)
    if missing := declared.keys() - values.keys():
        raise ValueError(f"the parameters {sorted(missing)} have no value")
    for name, value in values.items():
        if not isinstance(value, TYPES[declared[name]["type"]]):
            raise ValueError(f"the parameter {name} must be a {declared[name]['type']}")  # noqa: TRY004 - one kind of refusal
    return values
