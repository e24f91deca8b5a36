"""Which addresses a callback may connect to. The check is on the address that the socket is made for.

A check of the name, or of an earlier DNS answer, is not enough: an allowed name can have a private address, and DNS can
give another answer a moment later.
"""

import socket
from collections.abc import Mapping, Sequence
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import aiohttp

from alert_refresh.callback.urls import LOOPBACK_HOSTS

# The networks that IANA's registries call not globally reachable, and those with a purpose of their own. Python's
# `is_global` is not enough: it changes between patch releases, and accepts multicast, site-local, NAT64 and Azure's own
# address. The first network that holds the address counts.
# https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry
_NETWORKS: Mapping[str, Sequence[str]] = {
    "unspecified": ["0.0.0.0/8", "::/128"],
    "loopback": ["127.0.0.0/8", "::1/128"],
    "private": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
    "shared behind a carrier's NAT": ["100.64.0.0/10"],
    # 169.254.169.254, and on App Service another address of this network, give tokens of the app's own identity.
    "link-local": ["169.254.0.0/16", "fe80::/10"],
    "site-local": ["fec0::/10"],
    # https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
    "Azure's own (WireServer)": ["168.63.129.16/32"],
    "multicast": ["224.0.0.0/4", "ff00::/8"],
    "for documentation": ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"],
    "for benchmarks": ["198.18.0.0/15", "2001:2::/48"],
    # Mapped, compatible and translated ones, with any IPv4 address.
    "an IPv4 address within an IPv6 one": ["::ffff:0:0/96", "::/96", "::ffff:0:0:0/96"],
    "behind NAT64": ["64:ff9b::/96", "64:ff9b:1::/48"],
    # https://www.rfc-editor.org/rfc/rfc7534, https://www.rfc-editor.org/rfc/rfc7535
    "a DNS sink (AS112)": ["192.31.196.0/24", "192.175.48.0/24", "2620:4f:8000::/48"],
    # https://www.rfc-editor.org/rfc/rfc7450
    "a multicast relay (AMT)": ["192.52.193.0/24"],
    "behind 6to4": ["192.88.99.0/24", "2002::/16"],
    "behind Teredo": ["2001::/32"],
    # Of IPv6, only 2000::/3 is in use.
    "reserved": ["192.0.0.0/24", "240.0.0.0/4", "2001::/23", "::/3", "4000::/2", "8000::/1"],
}


def judge_address(address: str, host: str) -> str | None:
    """Return a few words on why a callback to `host` must not connect to `address`; None when it may.

    A loopback host may have loopback addresses only, and every other host public addresses only.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "no IP address"
    reason = next(
        (name for name, networks in _parse_networks().items() if any(parsed in network for network in networks)), None
    )
    if host in LOOPBACK_HOSTS:
        return None if reason == "loopback" else "not loopback"
    return reason


@cache
def _parse_networks() -> Mapping[str, Sequence[IPv4Network | IPv6Network]]:
    # Parsed for the first callback: not every start of the app needs them.
    return {reason: [ip_network(network) for network in networks] for reason, networks in _NETWORKS.items()}


class GuardedSockets:
    """Makes the sockets of one POST to `host`. aiohttp calls it for each address, just before it connects there.

    An address that is not allowed gets no socket. `refusal` says why when there was no other address.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._made = False
        self._reason: str | None = None

    def __call__(self, info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        reason = judge_address(address[0], self._host)
        if reason is not None:
            self._reason = reason
            # Only after an OSError does aiohttp try the next address.
            raise OSError(f"the address is {reason}")
        self._made = True
        return socket.socket(family, kind, protocol)

    @property
    def refusal(self) -> str | None:
        return None if self._made else self._reason
