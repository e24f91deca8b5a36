"""OData query options as far as Graph supports them here: `$select`, `$expand`, `$filter`, `$top` and its `$skiptoken`.

https://learn.microsoft.com/graph/query-parameters
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from emulator.graph.errors import JsonObject, bad_request
from emulator.graph.odata.entity_types import EntityType
from emulator.graph.odata.filters import Filter

OPTIONS = {"select", "expand", "filter", "top", "skiptoken"}


@dataclass(frozen=True, slots=True)
class Query:
    """The options of one request, checked against the type they are about; raises `GraphError` 400 while being read."""

    type: EntityType
    select: tuple[str, ...]
    expand: tuple[str, ...]
    filter: Filter
    top: int | None
    skip: int

    @classmethod
    def read(cls, parameters: Mapping[str, str], entity_type: EntityType) -> Self:
        # Graph takes its own options without the dollar sign too.
        options = {name.removeprefix("$"): value for name, value in parameters.items()}
        for name in parameters:
            if name.startswith("$") and name.removeprefix("$") not in OPTIONS:
                raise bad_request(f"The query option '{name}' is not supported.")
        return cls(
            type=entity_type,
            select=_terms(
                options.get("select", ""), entity_type, entity_type.properties + entity_type.navigations, every=()
            ),
            expand=_terms(
                options.get("expand", ""), entity_type, entity_type.navigations, every=entity_type.navigations
            ),
            filter=Filter.read(options.get("filter", ""), entity_type),
            top=_count("$top", options["top"]) if "top" in options else None,
            skip=_count("$skiptoken", options.get("skiptoken", "0")),
        )

    @property
    def context(self) -> str:
        """The suffix of `@odata.context`, as `(id,isActive,alertDefinition())`."""
        parts = [*self.select, *(f"{name}()" for name in sorted(self.expand))]
        return f"({','.join(parts)})" if parts else ""

    def project(self, entity: JsonObject) -> JsonObject:
        """Return the selected properties of `entity` in its own order; all of them without `$select`."""
        if not self.select:
            return entity
        return {name: value for name, value in entity.items() if name in {"@odata.type", *self.select}}


def _terms(text: str, entity_type: EntityType, known: tuple[str, ...], *, every: tuple[str, ...]) -> tuple[str, ...]:
    terms = tuple(term.strip() for term in text.split(",")) if text.strip() else ()
    if "*" in terms:
        return every
    for term in terms:
        if not re.fullmatch(r"\w+", term):
            problem = f"Term '{term}' is not valid in a $select or $expand expression."
        elif term not in known:
            problem = entity_type.lacks(term)
        else:
            continue
        raise bad_request(f"Parsing OData Select and Expand failed: {problem}")
    return terms


def _count(option: str, text: str) -> int:
    if not text.isdecimal():
        expected = f"The {option} query option requires a non-negative integer value."
        raise bad_request(f"Invalid value '{text}' for {option} query option found. {expected}")
    return int(text)
