"""Request paths as Kestrel passes them on: decoded, but an encoded slash and what is no UTF-8 stay as they were sent.

Source: aspnetcore Kestrel/Core/src/Internal/Http/PathNormalizer.cs and UrlDecoder.cs.
"""

import re
from urllib.parse import quote, unquote_to_bytes

_AUTHORITY = re.compile(r"[a-z][a-z0-9+.-]*://[^/?]*", re.IGNORECASE)
_ENCODED = re.compile(r"(?:%(?!2f)[0-9a-f]{2})+", re.IGNORECASE)
_LONE_PERCENT = re.compile(r"%(?![0-9a-f]{2})", re.IGNORECASE)


def decode_path(target: str) -> str:
    """Return the path of a raw request target, without `.` and `..`; raises ValueError when there is a NUL in it."""
    path = _ENCODED.sub(_decode, _AUTHORITY.sub("", target, count=1).partition("?")[0])
    if "\0" in path:
        raise ValueError("NUL in a path")
    kept: list[str] = []
    parts = path.removeprefix("/").split("/")
    for part in parts:
        if part == "..":
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    if parts[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def segments(path: str) -> list[str]:
    """Return the segments of a decoded path. One slash at its end makes no segment; two in a row make an empty one."""
    parts = path.removeprefix("/").split("/")
    return parts if parts[-1] else parts[:-1]


def encode_path(path: str) -> str:
    """Return a decoded path as it stands in a URL. Source: aspnetcore PathString.cs, ToUriComponent."""
    return quote(_LONE_PERCENT.sub("%25", path), safe="/!$&'()*+,;=:@~%")


def _decode(run: re.Match[str]) -> str:
    """Decode a row of encoded octets; those that are no UTF-8 stay as they are."""
    encoded, text = run[0], ""
    while encoded:
        octets = unquote_to_bytes(encoded)
        try:
            return text + octets.decode()
        except UnicodeDecodeError as error:
            text += octets[: error.start].decode() + encoded[3 * error.start : 3 * error.end]
            encoded = encoded[3 * error.end :]
    return text
