"""Where Graph's answers lead: to an operation, to the next page. What a server sends is checked before a token follows.

OData has two spellings of a key, `alerts/x` and `alerts('x')`, and servers may mix them:
https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_KeyasSegmentConvention
"""

import re
from urllib.parse import quote, unquote, urljoin

from graph.errors import UntrustedUrl
from graph.urls import ALERTS, OPERATIONS, segment_under, split_under

_KEY = r"\('([^'/]+)'\)"


def operation_id_in(base_url: str, request_url: str, location: str) -> str:
    """Return the id of the operation at `location`, the `Location` of the answer to `request_url`.

    Microsoft shows a whole URL; other parts of Graph send a path, and leave out the version:
    https://github.com/microsoftgraph/microsoft-graph-docs/pull/14995. Raises `UntrustedUrl`.
    """
    if not location:
        raise UntrustedUrl("the answer has no Location")
    if location.startswith("/identityGovernance/"):
        location = f"/beta{location}"
    try:
        # A bare id is no relative URL: in `refresh:x` the word before the colon is a scheme, and so it stays outside.
        url = urljoin(request_url, location) if location.isprintable() else location
    except ValueError as error:
        raise UntrustedUrl(f"it is not a URL ({error})") from error
    return segment_under(base_url, OPERATIONS, re.sub(_KEY, r"/\1", url))


def next_link(collection_url: str, link: str) -> str:
    """Return the URL of the page at `link`, an `@odata.nextLink` of the collection at `collection_url`.

    Only its query is taken over, which is opaque. Raises `UntrustedUrl` when it leads to anything but that collection.
    """
    collection = collection_url.partition("?")[0]
    parts = split_under(collection, link)
    if _key_by_slash(parts.path) != unquote(split_under(collection, collection).path):
        raise UntrustedUrl(f"it is not a page of {collection}")
    if not parts.query or "#" in link:
        raise UntrustedUrl("it names no page")
    # Quoted where no URL may go without, and otherwise as Graph sent it.
    return f"{collection}?{quote(parts.query, safe="%/?:@!$&'()*+,;=~")}"


def is_alerts_collection(base_url: str, location: str) -> bool:
    """Tell whether `location` is that of all alerts, where a refresh of all may lead: without a filter it is a 400."""
    try:
        path = split_under(base_url, location).path
    except UntrustedUrl:
        return False
    return path in {ALERTS, ALERTS.rstrip("/")}


def _key_by_slash(path: str) -> str:
    return re.sub(_KEY, r"/\1", unquote(path))
