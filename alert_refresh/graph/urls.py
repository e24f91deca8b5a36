"""The URLs in Graph, and the check of every URL from outside before a token goes there.

PIM's alerts exist in beta only: https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalert?view=graph-rest-beta
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import SplitResult, quote, unquote, urlsplit

from alert_refresh.graph.errors import UntrustedUrl

ROOT = "/beta/identityGovernance/roleManagementAlerts/"
OPERATIONS, ALERTS = f"{ROOT}operations/", f"{ROOT}alerts/"
SCOPE: Mapping[str, str] = {"scopeId": "/", "scopeType": "DirectoryRole"}
"""The only scope that alerts have. Without it Graph answers 400 to a list and to a refresh of all."""

SELECTED = ("id", "incidentCount", "lastScannedDateTime")
"""Always selected: which alert it is, how many incidents it has, and when it was scanned."""

# https://learn.microsoft.com/graph/api/resources/privilegedidentitymanagementv3-overview?view=graph-rest-beta
ALERT_NAMES = (
    "InvalidLicenseAlert",
    "NoMfaOnRoleActivationAlert",
    "RedundantAssignmentAlert",
    "RolesAssignedOutsidePimAlert",
    "SequentialActivationRenewalsAlert",
    "StaleSignInAlert",
    "TooManyGlobalAdminsAssignedToTenantAlert",
)
"""Short names of the alerts. In every tenant the id of an alert ends with its name."""

# https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_KeyasSegmentConvention
_KEY = r"\((?:'|%27)([^'/]+?)(?:'|%27)\)"


def make_operation_url(base_url: str, operation_id: str) -> str:
    """Return the URL of an operation. The id may be any text; its `:` is not quoted, as in Graph's own URLs."""
    return base_url + OPERATIONS + quote(operation_id, safe=":")


def make_alert_url(base_url: str, alert_id: str, select: Sequence[str] = (), expand: Sequence[str] = ()) -> str:
    return base_url + ALERTS + quote(alert_id, safe=":") + _make_query(select, expand)


def make_alerts_url(base_url: str, select: Sequence[str], expand: Sequence[str]) -> str:
    """Return the URL of the first page of all alerts with `$select` and `$expand`."""
    scope = " and ".join(f"{name} eq '{value}'" for name, value in SCOPE.items())
    return base_url + ALERTS.rstrip("/") + _make_query(select, expand, quote(scope, safe="/'"))


def make_incidents_url(base_url: str, alert_id: str) -> str:
    """Return the URL of the first page of an alert's incidents."""
    return f"{make_alert_url(base_url, alert_id)}/alertIncidents"


def make_refresh_url(base_url: str, alert_id: str | None) -> str:
    """Return the URL of the action that scans one alert, or, for None, all: then the body must be `SCOPE`."""
    return f"{base_url}{ALERTS}refresh" if alert_id is None else f"{make_alert_url(base_url, alert_id)}/refresh"


def find_alert_name(text: str) -> str | None:
    """Return the short name that `text` is, in any letter case; None when it is none, and so the id of an alert."""
    return next((name for name in ALERT_NAMES if name.lower() == text.lower()), None)


def is_segment(text: str) -> bool:
    """Tell whether `text`, when quoted, is one segment of a path to every proxy and server on the way to Graph."""
    return text not in {"", ".", ".."} and not set(text) & set("/\\?#") and text.isprintable()


def parse_operation_url(base_url: str, url: str) -> str:
    """Return the id of the operation at `url`, from a caller or from Graph. Raises `UntrustedUrl`."""
    operation_id = _parse_url(base_url, url, "operations")
    if operation_id is None:
        raise UntrustedUrl("it names no operation")
    return operation_id


def parse_alert_url(base_url: str, url: str) -> str | None:
    """Return the id of the alert at `url`, an operation's `resourceLocation`. Raises `UntrustedUrl`.

    None when it is the collection of all alerts: a refresh of all may name it.
    """
    # For the collection, nothing of the URL is used, so its query does no harm.
    collection = url.partition("?")[0].rstrip("/").lower().endswith(ALERTS.rstrip("/").lower())
    return _parse_url(base_url, url.partition("?")[0] if collection else url, "alerts")


def _parse_url(base_url: str, url: str, collection: Literal["operations", "alerts"]) -> str | None:
    """Return the unquoted key of the item in `collection` at `url`; None for the collection itself.

    Microsoft documents whole URLs whose last segment is the key. Other parts of Graph send a path without the version,
    or a key in brackets: https://github.com/microsoftgraph/microsoft-graph-docs/pull/14995. Raises `UntrustedUrl` for
    every other form.
    """
    if relative := re.match(r"/?(?:beta/)?(?=identityGovernance/)", url, re.IGNORECASE):
        url = f"{base_url}/beta/{url[relative.end() :]}"
    path = _split_under(base_url, url).path
    if set(url) & set("?#\\"):
        raise UntrustedUrl("it has a query or a fragment")
    try:
        found = re.fullmatch(rf"(?i:{ROOT}{collection})(?:{_KEY}|/([^/]+))?/?", path)
        key = unquote(found[1] or found[2] or "", errors="strict") if found else ""
    except UnicodeDecodeError as error:
        raise UntrustedUrl("its path is not UTF-8") from error
    if found is None or (key and not is_segment(key)):
        raise UntrustedUrl(f"its path is not {ROOT}{collection}/<id>")
    return key or None


def check_next_link(collection_url: str, link: str) -> str:
    """Return the URL of the page at `link`, an `@odata.nextLink` of the collection at `collection_url`.

    Only the query of `link` is used, and it may be any. Raises `UntrustedUrl` when `link` is not in that collection.
    """
    collection = collection_url.partition("?")[0]
    parts = _split_under(collection, link)
    path = re.sub(_KEY, r"/\1", unquote(parts.path))
    if path.lower() != unquote(urlsplit(collection).path).lower():
        raise UntrustedUrl(f"it is not a page of {collection}")
    if not parts.query or "#" in link:
        raise UntrustedUrl("it names no page")
    # Only characters that no URL may hold are quoted: Graph must get its own query back.
    return f"{collection}?{quote(parts.query, safe="%/?:@!$&'()*+,;=~")}"


def _split_under(base_url: str, url: str) -> SplitResult:
    """Return the parts of `url`; its path may be any.

    Raises `UntrustedUrl` when its scheme, host or port is not that of `base_url`, when it has user info, and when it is
    no URL.
    """
    # urlsplit() removes line breaks and leading blanks without an error.
    if not url.isprintable() or " " in url:
        raise UntrustedUrl("it is not a URL (it holds a blank or a control character)")
    try:
        parts, base = urlsplit(url), urlsplit(base_url)
        origin, expected = (parts.scheme, parts.hostname, parts.port), (base.scheme, base.hostname, base.port)
    except ValueError as error:
        raise UntrustedUrl("it is not a URL") from error
    default_port = {"https": 443, "http": 80}.get(base.scheme)
    same_origin = origin[:2] == expected[:2] and (origin[2] or default_port) == (expected[2] or default_port)
    if not same_origin or "@" in parts.netloc:
        raise UntrustedUrl(f"it is not under {base_url}")
    return parts


def _make_query(select: Sequence[str], expand: Sequence[str], scope: str = "") -> str:
    select = [*select, *SELECTED] if select else []
    options = {"$filter": [scope] if scope else [], "$select": select, "$expand": expand}
    query = "&".join(f"{name}={','.join(dict.fromkeys(terms))}" for name, terms in options.items() if terms)
    return f"?{query}" if query else ""
