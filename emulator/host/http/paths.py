"""Request paths as Kestrel passes them on: segments are decoded, but an encoded slash stays encoded."""

import re
from urllib.parse import unquote

_ENCODED_SLASH = re.compile("%2f", re.IGNORECASE)


def segments(raw_path: str) -> list[str]:
    """Return the decoded segments of a raw request target. One slash at its end counts for nothing."""
    path = raw_path.partition("?")[0].removeprefix("/").removesuffix("/")
    return [unquote(_ENCODED_SLASH.sub("%252F", segment)) for segment in path.split("/")] if path else []
