"""Where things are in Graph, and the check that a URL from outside is one of those places before a token goes there.

PIM's alerts exist in beta only: https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalert?view=graph-rest-beta
"""

from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, quote, unquote, urlsplit

from graph.errors import UntrustedUrl

OPERATIONS = "/beta/identityGovernance/roleManagementAlerts/operations/"
ALERTS = "/beta/identityGovernance/roleManagementAlerts/alerts/"
SCOPE: Mapping[str, str] = {"scopeId": "/", "scopeType": "DirectoryRole"}
"""The only scope that alerts have. Graph wants to be told: without it a list, or a refresh of all, is a 400."""


def operation_url(base_url: str, operation_id: str) -> str:
    """Return the URL of an operation. The id is opaque; its `:` stays bare, as Graph prints it."""
    return base_url + OPERATIONS + quote(operation_id, safe=":")


def alert_url(base_url: str, location: str, select: Sequence[str], expand: Sequence[str]) -> str:
    """Return `location` with the wanted `$select` and `$expand`. Raises `UntrustedUrl` when it is no alert."""
    # Made anew from its parts, so that what was checked is what is asked, to the letter.
    return alert_by_id_url(base_url, segment_under(base_url, ALERTS, location), select, expand)


def alert_by_id_url(base_url: str, alert_id: str, select: Sequence[str], expand: Sequence[str]) -> str:
    """Return the URL of an alert with the wanted `$select` and `$expand`."""
    # Whatever is selected, the time of the scan comes along: by it the result says how fresh the alert is.
    return _with_query(_alert(base_url, alert_id), "", [*select, "lastScannedDateTime"] if select else [], expand)


def alerts_url(base_url: str, select: Sequence[str], expand: Sequence[str]) -> str:
    """Return the URL of the first page of all alerts with the wanted `$select` and `$expand`."""
    scope = " and ".join(f"{name} eq '{value}'" for name, value in SCOPE.items())
    # In a list the id, too: by it the result says which alert was not scanned.
    wanted = [*select, "id", "lastScannedDateTime"] if select else []
    return _with_query(base_url + ALERTS.rstrip("/"), quote(scope, safe="/'"), wanted, expand)


def incidents_url(base_url: str, alert_id: str) -> str:
    """Return the URL of the first page of an alert's incidents."""
    return f"{_alert(base_url, alert_id)}/alertIncidents"


def refresh_url(base_url: str, alert_id: str) -> str:
    """Return the URL of the action that scans one alert."""
    return f"{_alert(base_url, alert_id)}/refresh"


def refresh_all_url(base_url: str) -> str:
    """Return the URL of the action that scans every alert; it wants `SCOPE` as its body."""
    return f"{base_url}{ALERTS}refresh"


def _alert(base_url: str, alert_id: str) -> str:
    return base_url + ALERTS + quote(alert_id, safe=":")


def _with_query(url: str, scope: str, select: Sequence[str], expand: Sequence[str]) -> str:
    wanted = {"$filter": [scope] if scope else [], "$select": select, "$expand": expand}
    query = "&".join(f"{name}={','.join(dict.fromkeys(terms))}" for name, terms in wanted.items() if terms)
    return f"{url}?{query}" if query else url


def is_segment(text: str) -> bool:
    """Tell whether `text`, quoted, stays one segment of a path on every way to Graph."""
    return text not in {"", ".", ".."} and not set(text) & set("/\\?#") and text.isprintable()


def segment_under(base_url: str, prefix: str, url: str) -> str:
    """Return the one path segment, unquoted, that `url` has below `base_url` + `prefix`.

    Raises `UntrustedUrl` for another scheme, host, port or path, for user info, a query or a fragment, for a segment
    that would lead elsewhere, and for what is no URL at all.
    """
    parts = split_under(base_url, url)
    try:
        segment = unquote(parts.path.removeprefix(prefix), errors="strict")
    except UnicodeDecodeError as error:
        raise UntrustedUrl("its path is not UTF-8") from error
    if not parts.path.startswith(prefix) or not is_segment(segment) or set(url) & set("?#\\"):
        raise UntrustedUrl(f"its path is not {prefix}<id>")
    return segment


def split_under(base_url: str, url: str) -> SplitResult:
    """Return the parts of `url`, whose path may be any.

    Raises `UntrustedUrl` for another scheme, host or port than those of `base_url`, for user info, and for what is no
    URL at all.
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
    return parts
