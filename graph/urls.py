"""Where things are in Graph, and the check that a URL from outside is one of those places before a token goes there.

PIM's alerts exist in beta only: https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalert?view=graph-rest-beta
"""

from collections.abc import Sequence
from urllib.parse import quote, unquote, urlsplit

from graph.errors import UntrustedUrl

OPERATIONS = "/beta/identityGovernance/roleManagementAlerts/operations/"
ALERTS = "/beta/identityGovernance/roleManagementAlerts/alerts/"


def operation_url(base_url: str, operation_id: str) -> str:
    """Return the URL of an operation. The id is opaque; its `:` stays bare, as Graph prints it."""
    return base_url + OPERATIONS + quote(operation_id, safe=":")


def alert_url(base_url: str, location: str, select: Sequence[str], expand: Sequence[str]) -> str:
    """Return `location` with the wanted `$select` and `$expand`. Raises `UntrustedUrl` when it is no alert."""
    # Made anew from its parts, so that what was checked is what is asked, to the letter.
    url = base_url + ALERTS + quote(segment_under(base_url, ALERTS, location), safe=":")
    # Whatever is selected, the time of the scan comes along: by it the result says how fresh the alert is.
    wanted = {"$select": [*select, "lastScannedDateTime"] if select else [], "$expand": expand}
    query = "&".join(f"{name}={','.join(dict.fromkeys(names))}" for name, names in wanted.items() if names)
    return f"{url}?{query}" if query else url


def is_segment(text: str) -> bool:
    """Tell whether `text`, quoted, stays one segment of a path on every way to Graph."""
    return text not in {"", ".", ".."} and not set(text) & set("/\\?#") and text.isprintable()


def segment_under(base_url: str, prefix: str, url: str) -> str:
    """Return the one path segment, unquoted, that `url` has below `base_url` + `prefix`.

    Raises `UntrustedUrl` for another scheme, host, port or path, for user info, a query or a fragment, for a segment
    that would lead elsewhere, and for what is no URL at all.
    """
    # urlsplit() drops line breaks and leading blanks without a word.
    if not url.isprintable() or " " in url:
        raise UntrustedUrl("it is not a URL (it holds a blank or a control character)")
    try:
        parts, base = urlsplit(url), urlsplit(base_url)
        origin, expected = (parts.scheme, parts.hostname, parts.port), (base.scheme, base.hostname, base.port)
    except ValueError as error:
        raise UntrustedUrl(f"it is not a URL ({error})") from error
    default_port = {"https": 443, "http": 80}.get(base.scheme)
    same_origin = origin[:2] == expected[:2] and (origin[2] or default_port) == (expected[2] or default_port)
    if not same_origin or "@" in parts.netloc:
        raise UntrustedUrl(f"it is not under {base_url}")
    try:
        segment = unquote(parts.path.removeprefix(prefix), errors="strict")
    except UnicodeDecodeError as error:
        raise UntrustedUrl("its path is not UTF-8") from error
    if not parts.path.startswith(prefix) or not is_segment(segment) or set(url) & set("?#\\"):
        raise UntrustedUrl(f"its path is not {prefix}<id>")
    return segment
