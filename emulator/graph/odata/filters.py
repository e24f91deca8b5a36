"""`$filter`: comparisons by `eq` and `ne`, joined by `and`; Graph documents no more than these for alerts.

https://learn.microsoft.com/graph/filter-query-parameter
"""

import re
from dataclasses import dataclass
from typing import Self

from emulator.graph.errors import JsonObject, bad_request
from emulator.graph.odata.entity_types import EDM, EntityType

# A property, a verb and a literal, wherein a quote is doubled.
COMPARISON = r"(\w+)\s+(eq|ne)\s+('(?:[^']|'')*'|true|false|null|-?\d+)"
KINDS = {"eq": "Equal", "ne": "NotEqual"}
SCOPE = {("scopeId", "eq", "'/'"), ("scopeType", "eq", "'DirectoryRole'")}

type Value = str | bool | int | None


@dataclass(frozen=True, slots=True)
class Filter:
    """What an entity must be like; `read` raises `GraphError` 400 for what is no filter on the type."""

    comparisons: tuple[tuple[str, str, str], ...]

    @classmethod
    def read(cls, text: str, entity_type: EntityType) -> Self:
        if text and not re.fullmatch(rf"\s*{COMPARISON}(\s+and\s+{COMPARISON})*\s*", text):
            raise bad_request("Invalid filter clause")
        comparisons = tuple(re.findall(COMPARISON, text))
        for name, verb, literal in comparisons:
            if name not in entity_type.properties:
                raise bad_request(f"Invalid filter clause: {entity_type.lacks(name)}")
            _require_same_type(name, verb, literal)
        return cls(comparisons)

    def require_scope(self) -> None:
        """Raise `GraphError` 400 unless the filter names the one scope that exists; Graph lists nothing without it."""
        if not set(self.comparisons) >= SCOPE:
            raise bad_request("The filter must hold scopeId eq '/' and scopeType eq 'DirectoryRole'.")

    def matches(self, entity: JsonObject) -> bool:
        return all((entity.get(name) == _value(text)) == (verb == "eq") for name, verb, text in self.comparisons)


def _require_same_type(name: str, verb: str, literal: str) -> None:
    value, wanted = _value(literal), EDM.get(name, "Edm.String")
    given = {str: "Edm.String", bool: "Edm.Boolean", int: "Edm.Int32"}.get(type(value), wanted)
    if given != wanted:
        raise bad_request(
            "Invalid filter clause: A binary operator with incompatible types was detected. "
            f"Found operand types '{wanted}' and '{given}' for operator kind '{KINDS[verb]}'."
        )


def _value(literal: str) -> Value:
    if literal.startswith("'"):
        return literal[1:-1].replace("''", "'")
    return {"true": True, "false": False, "null": None}[literal] if literal.isalpha() else int(literal)
