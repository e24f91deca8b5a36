"""Where a connection may go: what DNS says decides nothing, the address that is connected to does."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alert_refresh.callback.client import post
from alert_refresh.callback.urls import judge_address
from tests.callback.conftest import ALLOWED, HOST, LOOPBACK, TARGET, Internet, Receiver, call_back, make_post
from tests.callback.conftest import PUBLIC as PUBLIC_ADDRESS
from tests.support.generated import quick

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
    "a DNS sink (AS112)": ["192.31.196.0", "192.31.196.255", "192.175.48.1", "192.175.48.255", "2620:4f:8000::1"],
    "a multicast relay (AMT)": ["192.52.193.0", "192.52.193.255"],
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
    *(
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.31.195.255",
        "192.31.197.0",
        "192.88.98.255",
        "192.88.100.0",
    ),
    *("192.52.192.255", "192.52.194.0", "192.175.47.255", "192.175.49.0", "2620:4f:8001::1"),
    *("192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.114.0"),
    *("223.255.255.255", "2000::", "2001:200::", "2001:db7:ffff::1", "2001:db9::", "2001:4860:4860::8888", "2003::1"),
    *("2603:1030::1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a01:111:f100::1", "3ffe:ffff::", "3fff:1000::1"),
]


@pytest.mark.parametrize(
    ("address", "reason"), [(address, reason) for reason, every in REFUSED.items() for address in every]
)
def test_what_is_not_for_everybody_is_refused_and_says_why(reason: str, address: str) -> None:
    assert judge_address(address, HOST) == reason


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_for_everybody_may_be_called_back(address: str) -> None:
    assert judge_address(address, HOST) is None


@pytest.mark.parametrize("host", LOOPBACK)
def test_a_loopback_host_leads_to_loopback_and_nowhere_else(host: str) -> None:
    assert [judge_address(address, host) for address in REFUSED["loopback"]] == [None] * len(REFUSED["loopback"])
    others = [address for reason, every in REFUSED.items() if reason != "loopback" for address in every]
    for address in (*PUBLIC, *others):
        assert judge_address(address, host) in {"not loopback", "no IP address"}


@settings(quick, max_examples=1000)
@given(st.ip_addresses())
@example(IPv4Address("192.0.0.9"))
@example(IPv6Address("2001:4:112::1"))
def test_python_calls_everything_that_passes_global(address: IPv4Address | IPv6Address) -> None:
    if judge_address(str(address), HOST) is not None:
        return
    assert address.is_global
    kinds = ("private", "loopback", "link_local", "multicast", "reserved", "unspecified", "site_local")
    assert [kind for kind in kinds if getattr(address, f"is_{kind}", False)] == []
    if isinstance(address, IPv6Address):
        assert (address.ipv4_mapped, address.sixtofour, address.teredo) == (None, None, None)


INSIDE = {reason: addresses[-1] for reason, addresses in REFUSED.items()}


async def test_an_allowed_name_at_a_public_address_is_called_back(logic_app: Receiver, internet: Internet) -> None:
    attempt = await call_back()
    assert attempt["kind"] == "delivered"
    (request,) = logic_app.requests
    assert (request.headers["Host"], request.raw_path) == (HOST, TARGET)
    assert (internet.asked, internet.connected) == ([HOST], [PUBLIC_ADDRESS])


@pytest.mark.parametrize(("reason", "address"), INSIDE.items(), ids=INSIDE)
async def test_an_allowed_name_that_leads_inside_is_not_connected_to(
    logic_app: Receiver, internet: Internet, reason: str, address: str
) -> None:
    internet.names[HOST] = [address]
    attempt = await call_back()
    assert attempt == {
        "kind": "refused",
        "detail": f"Nothing was sent: the host of callbackUrl leads to an address that is {reason}.",
        "retryAfter": None,
    }
    assert internet.connected == []
    assert logic_app.requests == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00:ec2::254"])
@pytest.mark.parametrize("first", [True, False])
async def test_of_a_public_and_a_private_address_only_the_public_one_is_connected_to(
    logic_app: Receiver, internet: Internet, address: str, *, first: bool
) -> None:
    internet.names[HOST] = [address, PUBLIC_ADDRESS] if first else [PUBLIC_ADDRESS, address]
    assert (await call_back())["kind"] == "delivered"
    assert internet.connected == [PUBLIC_ADDRESS]
    assert len(logic_app.requests) == 1


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1"])
async def test_a_private_address_is_no_way_out_when_the_public_one_is_down(
    logic_app: Receiver, internet: Internet, address: str
) -> None:
    internet.names[HOST] = [PUBLIC_ADDRESS, address]
    del internet.routes[PUBLIC_ADDRESS]
    attempt = await call_back()
    assert attempt["kind"] == "tryAgain", "the public address may be back"
    assert set(internet.connected) == {PUBLIC_ADDRESS}
    assert logic_app.requests == []


async def test_the_address_that_was_looked_up_is_the_one_that_is_connected_to(
    logic_app: Receiver, internet: Internet
) -> None:
    """Whoever rebinds a name within one POST needs two lookups: one to be checked, another to be connected to."""
    internet.names[HOST], internet.rebound[HOST] = ["10.0.0.1"], [PUBLIC_ADDRESS]
    assert (await call_back())["kind"] == "refused"
    assert (internet.asked, internet.connected) == ([HOST], [])
    internet.names[HOST], internet.rebound[HOST] = [PUBLIC_ADDRESS], ["10.0.0.1"]
    assert (await call_back())["kind"] == "delivered"
    assert (internet.asked, internet.connected) == ([HOST, HOST], [PUBLIC_ADDRESS])
    assert len(logic_app.requests) == 1


async def test_a_name_without_an_address_may_get_one(internet: Internet) -> None:
    attempt = await call_back()
    assert attempt["kind"] == "tryAgain"
    assert "DNS has no address for its name" in attempt["detail"]
    internet.names[HOST] = []
    assert (await call_back())["kind"] == "tryAgain"
    assert (internet.asked, internet.connected) == ([HOST, HOST], [])


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::1", "127.0.0.1"], ["10.0.0.1", "127.0.0.1"]])
async def test_localhost_leads_to_loopback(receiver: Receiver, internet: Internet, addresses: list[str]) -> None:
    internet.names["localhost"] = addresses
    callback = make_post(f"http://localhost:{receiver.port}{TARGET}")
    assert (await post(callback, ["localhost"]))["kind"] == "delivered"
    assert set(internet.connected) <= {"127.0.0.1", "::1"}
    assert receiver.requests[0].headers["Host"] == f"localhost:{receiver.port}"


@pytest.mark.parametrize("address", [PUBLIC_ADDRESS, "10.0.0.1", "::ffff:127.0.0.1", "0.0.0.0"])  # noqa: S104 - nothing listens
async def test_localhost_leads_nowhere_else(receiver: Receiver, internet: Internet, address: str) -> None:
    """For it alone http is taken: to a public address the signature would travel in the open."""
    internet.names["localhost"], internet.routes[address] = [address], receiver.port
    attempt = await post(make_post(f"http://localhost:{receiver.port}{TARGET}"), ["localhost"])
    assert (attempt["kind"], internet.connected, receiver.requests) == ("refused", [], [])
    assert "not loopback" in attempt["detail"]


async def test_a_loopback_address_is_not_looked_up(receiver: Receiver, internet: Internet) -> None:
    assert (await post(make_post(receiver.base_url), ["127.0.0.1"]))["kind"] == "delivered"
    refused = await post(make_post("http://[::1]:9/"), ["[::1]"])
    assert (refused["kind"], internet.asked, internet.connected) == ("tryAgain", [], ["127.0.0.1", "::1"])


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
async def test_loopback_that_the_setting_does_not_name_is_never_reached(
    receiver: Receiver, internet: Internet, host: str
) -> None:
    internet.names["localhost"] = ["127.0.0.1"]
    others = [*ALLOWED, *(other for other in LOOPBACK if other != host)]
    attempt = await post(make_post(f"http://{host}:{receiver.port}{TARGET}"), others)
    assert (attempt["kind"], internet.asked, internet.connected) == ("refused", [], [])
    assert receiver.requests == []
