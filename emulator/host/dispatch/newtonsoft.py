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
METADATA = frozenset({"$type", "$id", "$ref"})
_EXPONENT = re.compile(r'"(?:[^"\\]|\\.)*"|(\d)e([+-]\d+)')


class TooDeepError(Exception):
    """The document nests arrays and objects deeper than the extension reads."""


def pass_input(document: str) -> str:
    """Return the text as an activity gets it: compact. Raises `TooDeepError`."""
    value = _parse(document)
    return _write(value, has_exponent=_inspect(value))


def pass_result(document: str) -> str:
    """Return the text of a result as the hub gets it: compact, and without what a serializer keeps for itself.

    `$type` and `$id` are dropped, a `$ref` is followed to nowhere, `$values` stand for the whole object, NaN and the
    infinities are strings, half of a surrogate pair is U+FFFD. Raises `TooDeepError`.
    """
    value = _parse(document)
    has_exponent = _inspect(value)
    return replace_lone_surrogates(_write(_strip(value), has_exponent=has_exponent))


def _parse(document: str) -> Any:
    try:
        return json.loads(document)
    except ValueError:
        return document
    except RecursionError:
        raise TooDeepError from None


def _write(value: Any, *, has_exponent: bool) -> str:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if not has_exponent:
        return text
    return _EXPONENT.sub(lambda found: f"{found[1]}E{found[2]}" if found[1] else found[0], text)


def _inspect(value: Any, level: int = 0) -> bool:
    """Tell whether a number in it is written with an exponent. Raises `TooDeepError`."""
    if not isinstance(value, dict | list):
        return isinstance(value, float) and "e" in repr(value)
    if level == MOST_LEVELS:
        raise TooDeepError
    parts = value.values() if isinstance(value, dict) else value
    return any([_inspect(part, level + 1) for part in parts])  # noqa: C419 -- every part is looked at for its depth


def _strip(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value).replace("nan", "NaN").replace("inf", "Infinity")
    if isinstance(value, list):
        return [_strip(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "$values" in value:
        return _strip(value["$values"])
    if value.keys() == {"$ref"}:
        return None
    return {name: _strip(part) for name, part in value.items() if name not in METADATA}
