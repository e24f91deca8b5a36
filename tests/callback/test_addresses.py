"""Where a connection may go: every address that is not for everybody, and why."""

import socket
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callback.addresses import GuardedSockets, refusal
from tests.callback.conftest import HOST, LOOPBACK
from tests.domain.generated import quick

REFUSED: Mapping[str, Sequence[str]] = {
    "unspecified": ["0.0.0.0", "0.0.0.1", "0.255.255.255", "::"],  # noqa: S104 - nothing listens there
    "loopback": ["127.0.0.0", "127.0.0.1", "127.0.0.53", "127.255.255.255", "::1"],
    "private": [
        *("10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255"),
        *("fc00::", "fd00:ec2::254", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ],
    "shared behind a carrier's NAT": ["100.64.0.0", "100.100.100.200", "100.127.255.255"],
    "link-local": [
        *("169.254.0.0", "169.254.169.254", "169.254.129.4", "169.254.255.255"),
        *("fe80::", "fe80::1", "fe80::1%eth0", "fe80::a9fe:a9fe", "febf:ffff::"),
    ],
    "site-local": ["fec0::", "feff::1"],
    "Azure's own (WireServer)": ["168.63.129.16"],
    "multicast": ["224.0.0.0", "224.0.0.251", "239.255.255.255", "ff00::", "ff02::1", "ff0e::1"],
    "for documentation": [
        *("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "2001:db8:ffff::", "3fff::1", "3fff:fff::1")
    ],
    "for benchmarks": ["198.18.0.0", "198.19.255.255", "2001:2::1"],
    "an IPv4 address within an IPv6 one": [
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:168.63.129.16", "::ffff:8.8.8.8"),
        *("::127.0.0.1", "::7f00:1", "::a9fe:a9fe", "::8.8.8.8", "::2", "::ffff:0:127.0.0.1"),
    ],
    "behind NAT64": ["64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "64:ff9b:1:f::"],
    "behind 6to4": ["192.88.99.1", "2002::", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:808:808::1"],
    "behind Teredo": ["2001::", "2001:0:7f00:1::", "2001:0:5ef5:79fd:0:0:5601:5601"],
    "reserved": [
        *("192.0.0.0", "192.0.0.1", "192.0.0.170", "192.0.0.192", "240.0.0.0", "255.255.255.254", "255.255.255.255"),
        *("2001:1::1", "2001:10::1", "2001:20::1", "2001:1ff::1", "100::1", "100:0:0:1::", "200::1", "1fff::1"),
        *("4000::", "5f00::1", "8000::", "fbff::1", "fe00::1", "64:ff9a::1"),
    ],
    "no IP address": [
        "",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "1.2.3.4 ",
        "[::1]",
        "20.50.60",
    ],
}
PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "20.50.60.70", "100.63.255.255", "100.128.0.0"),
    *("126.255.255.255", "128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0"),
    *("172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0"),
    *("192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.114.0"),
    *("223.255.255.255", "2000::", "2001:200::", "2001:db7:ffff::1", "2001:db9::", "2001:4860:4860::8888", "2003::1"),
    *("2603:1030::1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a01:111:f100::1", "3ffe:ffff::", "3fff:1000::1"),
]


@pytest.mark.parametrize(
    ("address", "reason"), [(address, reason) for reason, every in REFUSED.items() for address in every]
)
def test_what_is_not_for_everybody_is_refused_and_says_why(reason: str, address: str) -> None:
    assert refusal(address, HOST) == reason


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_for_everybody_may_be_called_back(address: str) -> None:
    assert refusal(address, HOST) is None


@pytest.mark.parametrize("host", LOOPBACK)
def test_a_loopback_host_leads_to_loopback_and_nowhere_else(host: str) -> None:
    assert [refusal(address, host) for address in REFUSED["loopback"]] == [None] * len(REFUSED["loopback"])
    others = [address for reason, every in REFUSED.items() if reason != "loopback" for address in every]
    for address in (*PUBLIC, *others):
        assert refusal(address, host) in {"not loopback", "no IP address"}


@settings(quick, max_examples=1000)
@given(st.ip_addresses())
@example(IPv4Address("192.0.0.9"))
@example(IPv6Address("2001:4:112::1"))
def test_python_calls_everything_that_passes_global(address: IPv4Address | IPv6Address) -> None:
    if refusal(str(address), HOST) is not None:
        return
    assert address.is_global
    kinds = ("private", "loopback", "link_local", "multicast", "reserved", "unspecified", "site_local")
    assert [kind for kind in kinds if getattr(address, f"is_{kind}", False)] == []
    if isinstance(address, IPv6Address):
        assert (address.ipv4_mapped, address.sixtofour, address.teredo) == (None, None, None)


def info(address: str) -> tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int]]:
    family = socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 443)


@pytest.mark.parametrize(("address", "family"), [("1.1.1.1", socket.AF_INET), ("2003::1", socket.AF_INET6)])
def test_a_socket_is_made_for_a_good_address(address: str, family: socket.AddressFamily) -> None:
    sockets = GuardedSockets(HOST)
    with sockets(info(address)) as made:
        assert (made.family, made.type) == (family, socket.SOCK_STREAM)
    assert sockets.refused is None


def test_no_socket_is_made_for_a_bad_address_and_the_next_may_be_good() -> None:
    sockets = GuardedSockets(HOST)
    with pytest.raises(OSError, match="loopback"):
        sockets(info("127.0.0.1"))
    assert sockets.refused == "loopback"
    sockets(info("1.1.1.1")).close()
    assert sockets.refused is None
