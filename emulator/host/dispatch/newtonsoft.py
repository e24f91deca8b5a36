"""JSON text on its way through the extension, which reads and writes it with Newtonsoft's library.

Source: https://www.newtonsoft.com/json/help/html/P_Newtonsoft_Json_JsonSerializerSettings_MetadataPropertyHandling.htm
for the members that it takes for itself, and what was measured on the extension 3.19.
"""

import json
import math
import re
from typing import Any

from emulator.host.utf16 import replace_lone_surrogates

MOST_LEVELS = 64
_EXPONENT = re.compile(r'"(?:[^"\\]|\\.)*"|(\d)e([+-]\d+)')


class TooDeepError(Exception):
    """The document nests arrays and objects deeper than the extension reads."""


def pass_input(document: str) -> str:
    """Return the text as an activity gets it: compact. Raises `TooDeepError`."""
    value = _parse(document)
    _limit_levels(value, 0)
    return _write(value)


def pass_result(document: str) -> str:
    """Return the text of a result as the hub gets it: compact, and without what a serializer keeps for itself.

    `$type` and `$id` are dropped, a `$ref` is followed to nowhere, `$values` stand for the whole object, NaN and the
    infinities are strings, half of a surrogate pair is U+FFFD. Raises `TooDeepError`.
    """
    value = _parse(document)
    _limit_levels(value, 0)
    return replace_lone_surrogates(_write(_strip(value)))


def _parse(document: str) -> Any:
    try:
        return json.loads(document)
    except ValueError:
        return document
    except RecursionError:
        raise TooDeepError from None


def _write(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return _EXPONENT.sub(lambda found: f"{found[1]}E{found[2]}" if found[1] else found[0], text)


def _limit_levels(value: Any, level: int) -> None:
    if isinstance(value, dict | list):
        if level == MOST_LEVELS:
            raise TooDeepError
        for part in value.values() if isinstance(value, dict) else value:
            _limit_levels(part, level + 1)


def _strip(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case list():
            return [_strip(part) for part in value]
        case {"$values": values}:
            return _strip(values)
        case {"$ref": _} if len(value) == 1:
            return None
        case dict():
            return {name: _strip(part) for name, part in value.items() if name not in {"$type", "$id", "$ref"}}
    return value
