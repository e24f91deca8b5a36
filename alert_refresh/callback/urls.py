"""Which callback URLs are accepted: https, to a host that the app setting CALLBACK_ALLOWED_HOSTS names.

URL parsers disagree about unusual URLs, and request forgery uses that. So only URLs that all parsers read alike pass.
https://www.blackhat.com/docs/us-17/thursday/us-17-Tsai-A-New-Era-Of-SSRF-Exploiting-URL-Parser-In-Trending-Programming-Languages.pdf
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

LONGEST_URL = 2048
LONGEST_NAME = 253
LARGEST_PORT = 65_535
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Each needs an entry of its own in the setting. Only these may use http and other ports."""

# No label may be punycode (xn--), which some parsers show in Unicode. The last label must begin with a letter: a name
# that ends in a number, also 0x7f, is an IPv4 address to browsers and to getaddrinfo():
# https://url.spec.whatwg.org/#ends-in-a-number-checker
_REST = r"(?:[a-z0-9-]{0,61}[a-z0-9])?"
_DNS_NAME = rf"(?:(?!xn--)[a-z0-9]{_REST}\.)+(?!xn--)[a-z]{_REST}"
_ORIGIN = r"(https?)://(\[[^]/?]*\]|[^:/?]*)(?::([^/?]*))?(?=[/?]|\Z)"


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: str | None


def check_callback_url(value: Any, allowed_hosts: Sequence[str]) -> str:
    """Return `value` unchanged when the app may post to it. `allowed_hosts` is `Settings.callback_allowed_hosts`.

    Raises ValueError with a sentence. The sentence may name the host, when it is a plain DNS name, and nothing else of
    the URL: the rest may be the secret.
    """
    if not isinstance(value, str) or len(value) > LONGEST_URL:
        raise ValueError(f"must be a string of at most {LONGEST_URL} characters")
    if not re.fullmatch(r"[!-~]*", value) or set(value) & set("\\#"):
        raise ValueError("must be printable ASCII without blanks, backslashes and fragment (#); percent-encode these")
    origin = _parse_origin(value)
    if origin is None:
        raise ValueError("must begin with https:// and a host")
    if "@" in f"{origin.host}:{origin.port}":
        raise ValueError("must have no user info: an @ may stand in the path and the query only")
    if not _is_plain(origin.host):
        detail = "no IP address, no trailing dot, no percent-encoding, no punycode"
        raise ValueError(f"must have a DNS name as host, as prod-00.westeurope.logic.azure.com: {detail}")
    if not any(_matches(origin.host, entry) for entry in allowed_hosts):
        raise ValueError(f"must have a host of the app setting CALLBACK_ALLOWED_HOSTS; {origin.host} is none of them")
    loopback = origin.host in LOOPBACK_HOSTS
    if origin.scheme != "https" and not loopback:
        raise ValueError("must begin with https://")
    if origin.port is not None and not (_is_port(origin.port) if loopback else origin.port == "443"):
        raise ValueError(f"must have no port, or {f'one up to {LARGEST_PORT}' if loopback else '443'}")
    return value


def find_callback_host(url: str) -> str:
    """Return the host of `url` in lower case; "" when it has none, or none that may be shown."""
    origin = _parse_origin(url)
    return origin.host if origin and _is_plain(origin.host) else ""


def is_allowed_host(entry: str) -> bool:
    """Tell whether CALLBACK_ALLOWED_HOSTS may hold `entry` (lower case): a DNS name, `*.` and one, or loopback."""
    return entry in LOOPBACK_HOSTS or _is_dns_name(entry.removeprefix("*."))


def _parse_origin(url: str) -> _Origin | None:
    found = re.match(_ORIGIN, url, re.ASCII | re.IGNORECASE)
    return _Origin(found[1].lower(), found[2].lower(), found[3]) if found else None


def _matches(host: str, entry: str) -> bool:
    # The dot counts: *.logic.azure.com is neither logic.azure.com nor evil-logic.azure.com.
    below = entry.startswith("*.") and host.endswith(entry[1:]) and host not in LOOPBACK_HOSTS
    return host == entry or below


def _is_plain(host: str) -> bool:
    return host in LOOPBACK_HOSTS or _is_dns_name(host)


def _is_dns_name(host: str) -> bool:
    return len(host) <= LONGEST_NAME and re.fullmatch(_DNS_NAME, host, re.ASCII) is not None


def _is_port(text: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{0,4}", text, re.ASCII) is not None and int(text) <= LARGEST_PORT
