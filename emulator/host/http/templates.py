"""ASP.NET route templates, as far as functions use them: `{id}`, `{id:int}`, `{id?}`, `{id=1}`, `{*rest}`, `{a}.{b}`.

Source: learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_PARAMETER = re.compile(r"\{(\*{0,2})(\w[\w-]*)((?::[^}?=]+)*)(?:=([^}]*))?(\?)?\}")
_GUID = re.compile(r"\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?", re.IGNORECASE)


def _whole_number(bits: int) -> Callable[[str], bool]:
    limit = 1 << (bits - 1)
    return lambda text: bool(re.fullmatch(r"[+-]?[0-9]+", text)) and -limit <= int(text) < limit


# A constraint that is not listed lets every value through.
CONSTRAINTS: dict[str, Callable[[str], bool]] = {
    "int": _whole_number(32),
    "long": _whole_number(64),
    "guid": lambda text: bool(_GUID.fullmatch(text)),
    "alpha": lambda text: text.isascii() and text.isalpha(),
    "bool": lambda text: text.lower() in {"true", "false"},
}


@dataclass(frozen=True)
class _Parameter:
    name: str
    constraints: tuple[str, ...]
    default: str | None
    optional: bool
    catch_all: bool

    def accepts(self, value: str) -> bool:
        return all(CONSTRAINTS[name](value) for name in self.constraints if name in CONSTRAINTS)


@dataclass(frozen=True)
class _Segment:
    pattern: re.Pattern[str]
    parameters: tuple[_Parameter, ...]

    @property
    def may_be_absent(self) -> bool:
        return bool(self.parameters) and all(
            p.optional or p.catch_all or p.default is not None for p in self.parameters
        )


class RouteTemplate:
    """Literals match without case; values keep theirs."""

    def __init__(self, template: str) -> None:
        self._segments = [_parse(text) for text in template.split("/") if text]

    def match(self, path: Sequence[str]) -> dict[str, str] | None:
        """Return the route values, or None when the decoded segments do not fit; one that is empty fits nowhere."""
        if "" in path:
            return None
        values: dict[str, str] = {}
        for position, segment in enumerate(self._segments):
            catch_all = next((p for p in segment.parameters if p.catch_all), None)
            if catch_all:
                return values | ({catch_all.name: "/".join(path[position:])} if path[position:] else {})
            if position < len(path):
                found = segment.pattern.fullmatch(path[position])
                if found is None:
                    return None
                for parameter, value in zip(segment.parameters, found.groups(), strict=True):
                    if not parameter.accepts(value):
                        return None
                    values[parameter.name] = value
            elif not segment.may_be_absent:
                return None
            else:
                values |= {p.name: p.default for p in segment.parameters if p.default is not None}
        return values if len(path) <= len(self._segments) else None


def _parse(text: str) -> _Segment:
    pattern, parameters, end = "", [], 0
    for found in _PARAMETER.finditer(text):
        stars, name, constraints, default, optional = found.groups()
        pattern += re.escape(text[end : found.start()]) + "(.+?)"
        names = tuple(part.partition("(")[0].lower() for part in constraints.split(":") if part)
        parameters.append(_Parameter(name, names, default, bool(optional), bool(stars)))
        end = found.end()
    pattern += re.escape(text[end:])
    return _Segment(re.compile(pattern, re.IGNORECASE | re.DOTALL), tuple(parameters))
