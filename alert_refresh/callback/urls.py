"""Which callback URLs are accepted: https, to a host that the app setting CALLBACK_ALLOWED_HOSTS names.

URL parsers disagree about unusual URLs, and request forgery uses that. So only URLs that all parsers read alike pass.
https://www.blackhat.com/docs/us-17/thursday/us-17-Tsai-A-New-Era-Of-SSRF-Exploiting-URL-Parser-In-Trending-Programming-Languages.pdf
"""

import re
import socket
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Any

import aiohttp

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


def check_callback_url(value: Any, allowed_hosts: Sequence[str]) -> str:
    """Return `value` unchanged when the app may post to it. `allowed_hosts` is `Settings.callback_allowed_hosts`.

    Raises ValueError with a sentence. The sentence may name the host, when it is a plain DNS name, and nothing else of
    the URL: the rest may be the secret.
    """
    if not isinstance(value, str) or len(value) > LONGEST_URL:
        raise ValueError(f"must be a string of at most {LONGEST_URL} characters")
    if not re.fullmatch(r"[!-~]*", value) or set(value) & set("\\#"):
        raise ValueError("must be printable ASCII without blanks, backslashes and fragment (#); percent-encode these")
    origin = re.match(_ORIGIN, value, re.ASCII | re.IGNORECASE)
    if origin is None:
        raise ValueError("must begin with https:// and a host")
    scheme, host, port = origin[1].lower(), origin[2].lower(), origin[3]
    if "@" in origin[0]:
        raise ValueError("must have no user info: an @ may stand in the path and the query only")
    if not _is_plain(host):
        detail = "no IP address, no trailing dot, no percent-encoding, no punycode"
        raise ValueError(f"must have a DNS name as host, as prod-00.westeurope.logic.azure.com: {detail}")
    loopback = host in LOOPBACK_HOSTS
    # The dot counts: *.logic.azure.com is neither logic.azure.com nor evil-logic.azure.com.
    domains = tuple(entry[1:] for entry in allowed_hosts if entry.startswith("*."))
    if host not in allowed_hosts and (loopback or not host.endswith(domains)):
        raise ValueError(f"must have a host of the app setting CALLBACK_ALLOWED_HOSTS; {host} is none of them")
    if scheme != "https" and not loopback:
        raise ValueError("must begin with https://")
    if not loopback and port not in {None, "443"}:
        raise ValueError("must have no port, or 443")
    if port is not None and (not re.fullmatch(r"[1-9][0-9]{0,4}", port, re.ASCII) or int(port) > LARGEST_PORT):
        raise ValueError(f"must have no port, or one up to {LARGEST_PORT}")
    return value


def find_callback_host(url: str) -> str:
    """Return the host of `url` in lower case; "" when it has none, or none that may be shown."""
    origin = re.match(_ORIGIN, url, re.ASCII | re.IGNORECASE)
    return host if origin and _is_plain(host := origin[2].lower()) else ""


def is_allowed_host(entry: str) -> bool:
    """Tell whether CALLBACK_ALLOWED_HOSTS may hold `entry` (lower case): a DNS name, `*.` and one, or loopback."""
    return entry in LOOPBACK_HOSTS or _is_dns_name(entry.removeprefix("*."))


def _is_plain(host: str) -> bool:
    return host in LOOPBACK_HOSTS or _is_dns_name(host)


def _is_dns_name(host: str) -> bool:
    return len(host) <= LONGEST_NAME and re.fullmatch(_DNS_NAME, host, re.ASCII) is not None


# The networks that IANA's registries call not globally reachable, and those with a purpose of their own. Python's
# `is_global` is not enough: it changes between patch releases, and accepts multicast, site-local, NAT64 and Azure's own
# address. The first network that holds the address counts.
# https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry
_NETWORKS = {
    "unspecified": ["0.0.0.0/8", "::/128"],
    "loopback": ["127.0.0.0/8", "::1/128"],
    "private": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
    "shared behind a carrier's NAT": ["100.64.0.0/10"],
    # 169.254.169.254, and on App Service another address of this network, give tokens of the app's own identity.
    "link-local": ["169.254.0.0/16", "fe80::/10"],
    # https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
    "Azure's own (WireServer)": ["168.63.129.16/32"],
    # Mapped, compatible, translated, NAT64, 6to4 and Teredo, with any IPv4 address.
    "an IPv4 address within an IPv6 one": [
        *("::ffff:0:0/96", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"),
    ],
    "reserved": [
        # Multicast, site-local, benchmarks, documentation.
        *("224.0.0.0/4", "ff00::/8", "fec0::/10", "198.18.0.0/15", "2001:2::/48"),
        *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
        # DNS sinks and relays: https://www.rfc-editor.org/rfc/rfc7534, rfc7535, rfc7450 and rfc7526
        *("192.31.196.0/24", "192.175.48.0/24", "2620:4f:8000::/48", "192.52.193.0/24", "192.88.99.0/24"),
        # Of IPv6, only 2000::/3 is in use.
        *("192.0.0.0/24", "240.0.0.0/4", "2001::/23", "::/3", "4000::/2", "8000::/1"),
    ],
}
_PARSED = {reason: [ip_network(network) for network in networks] for reason, networks in _NETWORKS.items()}


def judge_address(address: str, host: str) -> str | None:
    """Return a few words on why a callback to `host` must not connect to `address`; None when it may.

    A loopback host may have loopback addresses only, and every other host public addresses only.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "no IP address"
    reason = next((name for name, every in _PARSED.items() if any(parsed in network for network in every)), None)
    if host in LOOPBACK_HOSTS:
        return None if reason == "loopback" else "not loopback"
    return reason


class GuardedSockets:
    """Makes the sockets of one POST to `host`. aiohttp calls it for each address, just before it connects there.

    An address that is not allowed gets no socket. `refusal` says why when there was no other address.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._reasons: list[str | None] = []

    def __call__(self, info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        reason = judge_address(address[0], self._host)
        self._reasons.append(reason)
        if reason is not None:
            # Only after an OSError does aiohttp try the next address.
            raise OSError(f"the address is {reason}")
        return socket.socket(family, kind, protocol)

    @property
    def refusal(self) -> str | None:
        return self._reasons[-1] if self._reasons and None not in self._reasons else None
