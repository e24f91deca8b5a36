"""Request paths as Kestrel passes them on: segments are decoded, but an encoded slash stays encoded."""

import re
from urllib.parse import unquote

_ENCODED_SLASH = re.compile("%2f", re.IGNORECASE)


def segments(raw_path: str) -> list[str]:
    """Return the decoded segments of a raw request target; empty ones are dropped."""
    path = raw_path.partition("?")[0]
    return [unquote(_ENCODED_SLASH.sub("%252F", segment)) for segment in path.split("/") if segment]
