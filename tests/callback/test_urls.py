"""Which callback URLs and which addresses behind them are accepted, and that no refusal repeats the secret."""

import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from yarl import URL

from alert_refresh.callback.urls import (
    LOOPBACK_HOSTS,
    check_callback_url,
    find_callback_host,
    is_allowed_host,
    judge_address,
)
from tests.support.generated import quick

HOST = "prod-00.westeurope.logic.azure.com"
PATH = "/workflows/S3CRET-path/runs/08585/actions/Wait/run"
TAIL = f"{PATH}?api-version=2016-06-01&sp=%2Fruns%2F08585&sv=1.0&sig=S3CRET-sig"
REAL = f"https://{HOST}:443{TAIL}"
ALLOWED = ("*.logic.azure.com", "hooks.example.com")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

ACCEPTED = [
    *(REAL, f"https://{HOST}{TAIL}", f"https://a.logic.azure.com{TAIL}"),
    *(f"https://{'a' * 63}.logic.azure.com{TAIL}", f"https://abc.{'a.' * 117}logic.azure.com{TAIL}"),
    *(f"https://hooks.example.com{TAIL}", f"https://{HOST.upper()}{TAIL}", f"HTTPS://{HOST}{TAIL}"),
    *(f"https://{HOST}/", f"https://{HOST}?sig=a@evil.example"),
    f"https://{HOST}/?next=https://evil.example:8080/",
    *(f"https://{HOST}/!\"$%&'()*+,-./09:;<=>?@AZ[]^_`az{{|}}~", f"https://{HOST}/".ljust(2048, "x")),
]


@pytest.mark.parametrize("url", ACCEPTED)
def test_a_url_of_an_allowed_host_is_kept_to_the_letter(url: str) -> None:
    assert check_callback_url(url, ALLOWED) == url


NO_PLAIN_TEXT = [
    *(REAL.replace("/runs", "/ runs"), REAL.replace("prod", "pr\nod"), REAL.replace(".com", ".com\0")),
    *(REAL.replace(".azure", "\u3002azure"), f"https://{HOST}\uff20evil.example{TAIL}"),
    *(f"https://\uff11\uff12\uff17.0.0.1{TAIL}", f"https://hoo\u212as.example.com{TAIL}", f"{REAL}\ud800"),
    *(f"https://evil.example\\.logic.azure.com{TAIL}", f"https://evil.example\\@{HOST}{TAIL}", f"{REAL}#"),
    f"https://evil.example#.logic.azure.com{TAIL}",
]
NO_HTTPS = [
    *("", f"{HOST}{TAIL}", f"//{HOST}{TAIL}", REAL.replace("https", "http"), REAL.replace("https", "ftp")),
    *(f"javascript://{HOST}{TAIL}", f"https:/{HOST}{TAIL}", f"https:{HOST}{TAIL}"),
]
USER_INFO = [
    *(f"https://user@{HOST}{TAIL}", f"https://user:S3CRET@{HOST}{TAIL}", f"https://@{HOST}{TAIL}"),
    *(f"https://{HOST}@evil.example{TAIL}", f"https://{HOST}@evil.example@{HOST}{TAIL}"),
    f"https://[::1]@{HOST}{TAIL}",
]
NO_NAMES = [
    *("10.0.0.1", "169.254.169.254", "93.184.215.14", "2130706433", "0177.0.0.1", "0x7f.1", "127.0.0.1."),
    *("logic.azure.com.0x7f", "127.0.0.2", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::1%lo]"),
    *("[2606:2800:21f:cb07:6820:80da:af6b:8b2c]", f"[::1].{HOST}", "", f"{HOST}.", "a..logic.azure.com"),
    *("prod-00%2elogic.azure.com", "evil.example%2f.logic.azure.com", f"evil.example%40{HOST}"),
    *("xn--bcher-kva.logic.azure.com", "logic.xn--p1ai", "_dmarc.logic.azure.com", "-a.logic.azure.com"),
    *(f"{'a' * 64}.logic.azure.com", f"abcd.{'a.' * 117}logic.azure.com", "logic", "localhost."),
]
NOT_ALLOWED = [
    *("evil.example", "logic.azure.com", "evil-logic.azure.com", "logic.azure.com.evil.example"),
    *(f"{HOST}.evil.example", "a.hooks.example.com", "127.0.0.1.nip.io", "evil.localhost", "localhost"),
    *("127.0.0.1", "[::1]"),
]
OTHER_PORTS = ["80", "444", "8443", "4430", "0", "0443", "+443", "-443", "443:443", "4_4_3", "0x1bb", ""]


def refuse(url: object, allowed: Sequence[str]) -> str:
    with pytest.raises(ValueError, match=r"^must ") as raised:
        check_callback_url(url, allowed)
    return str(raised.value)


REFUSED: list[tuple[object, str]] = [
    *((value, "must be a string of at most 2048 characters") for value in (None, 7, REAL.ljust(2049, "x"))),
    *((url, "must be printable ASCII without blanks, backslashes") for url in NO_PLAIN_TEXT),
    *((url, "must begin with https://") for url in NO_HTTPS),
    *((url, "must have no user info") for url in USER_INFO),
    *((f"https://{host}{TAIL}", "must have a DNS name as host") for host in NO_NAMES),
    *((f"https://{host}{TAIL}", "must have a host of the app setting") for host in NOT_ALLOWED),
    *((f"https://{HOST}:{port}{TAIL}", "must have no port, or 443") for port in OTHER_PORTS),
]


@pytest.mark.parametrize(("url", "sentence"), REFUSED)
def test_every_other_url_is_refused_without_the_secret(url: object, sentence: str) -> None:
    """An entry of the setting does not help a host that is no plain DNS name."""
    refusal = refuse(url, [*ALLOWED, *NO_NAMES])
    assert refusal.startswith(sentence)
    assert not any(part in refusal for part in ("S3CRET", "sig=", "/workflows", "\n"))
    assert refusal.isascii()
    assert ("CALLBACK_ALLOWED_HOSTS" in refusal) == sentence.endswith("the app setting")


def test_nothing_is_allowed_by_an_empty_list_or_a_bare_star() -> None:
    for allowed in ([], ["*"], ["*."], [""], ["."], ["logic.azure.com"], ["*.com.evil"]):
        assert "CALLBACK_ALLOWED_HOSTS" in refuse(REAL, allowed)


@pytest.mark.parametrize("host", LOOPBACK)
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("port", ["", ":1", ":80", ":7071", ":65535"])
def test_loopback_is_taken_where_the_setting_names_that_very_host(host: str, scheme: str, port: str) -> None:
    url = f"{scheme}://{host}{port}{TAIL}"
    assert check_callback_url(url, [*ALLOWED, host]) == url
    assert check_callback_url(url.replace(host, host.upper()), [host])
    others = [other for other in LOOPBACK if other != host]
    assert "CALLBACK_ALLOWED_HOSTS" in refuse(url, [*ALLOWED, *others, "*.localhost", "*.0.0.1"])


@pytest.mark.parametrize("port", ["0", "00080", "65536", "100000", "-1", "+80", "8_0", "80:80", "x", ""])
def test_a_port_that_is_none_is_refused_for_loopback_too(port: str) -> None:
    assert refuse(f"http://localhost:{port}{TAIL}", LOOPBACK) == "must have no port, or one up to 65535"


def test_http_and_other_ports_stay_refused_for_others_when_loopback_is_allowed() -> None:
    assert refuse(f"http://{HOST}{TAIL}", [*ALLOWED, *LOOPBACK]) == "must begin with https://"
    assert refuse(f"https://{HOST}:7071{TAIL}", [*ALLOWED, *LOOPBACK]) == "must have no port, or 443"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        *((REAL, HOST), (f"https://{HOST}?sig=S3CRET", HOST), ("http://127.0.0.1:7071/x", "127.0.0.1")),
        *(("http://[::1]:7071/x", "[::1]"), ("", ""), ("S3CRET", ""), ("https://", ""), ("//a.b/", "")),
        *((f"https://S3CRET@{HOST}/", ""), (f"https://{HOST}#S3CRET", "")),
    ],
)
def test_only_the_host_of_a_callback_url_may_be_shown(url: str, host: str) -> None:
    assert find_callback_host(url) == host


ENTRIES = {
    True: ["*.logic.azure.com", "hooks.example.com", "*.azure.com", "localhost", "127.0.0.1", "[::1]"],
    False: [
        *("", "*", "*.", "*.com", "*.localhost", "*.127.0.0.1", "*.*.azure.com", "a.*.azure.com", "*azure.com"),
        *(".azure.com", "azure.com.", "intranet", "::1", "[::2]", "127.0.0.2", "10.0.0.1", "https://hooks.example.com"),
        *("hooks.example.com:443", "hooks.example.com/x", "user@hooks.example.com", "xn--bcher-kva.example", "a.b c.d"),
        *("logic.*.com", "hooks_1.example.com", "-hooks.example.com", "b\xfccher.example", "0x7f.0.0.0x1", "[fe80::1]"),
        *(f"{'a' * 64}.example.com", f"{'a.' * 130}com"),
    ],
}


@pytest.mark.parametrize(("allowed", "entry"), [(allowed, entry) for allowed in ENTRIES for entry in ENTRIES[allowed]])
def test_what_the_setting_may_hold(entry: str, *, allowed: bool) -> None:
    assert is_allowed_host(entry) is allowed


ALLOW_LISTS = [ALLOWED, LOOPBACK, ("*.azure.com", "localhost"), ()]
PIECES = [
    *("https://", "http://", "//", "@", ":", ":443", ":80", "/", "\\", "?", "#", ".", "-", "*", " ", "\t", "%2e"),
    *("%40", "[", "]", "::1", "[::1]", "127.0.0.1", "127.1", "0x7f", "2130706433", "localhost", "xn--", "a", "A", "9"),
    *("。", "é", "evil.example", "logic.azure.com", ".logic.azure.com", "hooks.example.com", "\u0660", "\u212a"),
]
SEEDS = [REAL, "HTTPS://Hooks.Example.com/x", "http://localhost:7071/x", "http://127.0.0.1", "http://[::1]/"]


@st.composite
def bent(draw: st.DrawFn) -> str:
    """Make a good URL bad, or not: two pieces put in, or put over what was there."""
    url = draw(st.sampled_from(SEEDS))
    for _ in range(2):
        piece = draw(st.sampled_from(PIECES))
        start = draw(st.integers(0, min(len(url), 60)))
        url = url[:start] + piece + url[start + draw(st.integers(0, 3)) :]
    return url


def is_address(host: str) -> bool:
    """Tell whether Python or the C library takes `host` for an IP address without asking DNS."""
    for parse in (ip_address, socket.inet_aton):
        with suppress(ValueError, OSError):
            parse(host)
            return True
    return False


def assert_one_reading(url: str) -> None:
    """Assert that everybody who reads `url` on its way to a connection reads the host that was matched."""
    matched = find_callback_host(url)
    bare = matched.strip("[]")
    asked, split, parsed = URL(url, encoded=True), urlsplit(url), URL(url)
    assert {
        str(host).lower() for host in (asked.host, asked.raw_host, split.hostname, parsed.host, parsed.raw_host)
    } == {bare}
    assert split.port in {None, asked.port}
    assert asked.scheme == split.scheme
    assert (split.username, parsed.user, asked.user) == (None, None, None)
    assert matched in LOOPBACK_HOSTS or not is_address(bare)


@settings(quick, max_examples=500)
@given(bent())
@example(REAL)
@example(f"http://localhost:80{TAIL}")
def test_whatever_is_accepted_means_one_host_and_an_allowed_one(url: str) -> None:
    for allowed in ALLOW_LISTS:
        try:
            check_callback_url(url, allowed)
        except ValueError as error:
            assert "S3CRET" not in str(error)  # noqa: PT017 - not every URL is refused
            continue
        host = find_callback_host(url)
        assert host in allowed or any(host.endswith(entry[1:]) for entry in allowed if entry.startswith("*."))
        assert_one_reading(url)


INSIDE: Mapping[str, Sequence[str]] = {
    "unspecified": ["0.0.0.0", "0.255.255.255", "::"],  # noqa: S104 - nothing listens there
    "loopback": ["127.0.0.0", "127.0.0.1", "127.255.255.255", "::1"],
    "private": [
        *("10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255"),
        *("fc00::", "fd00:ec2::254", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ],
    "shared behind a carrier's NAT": ["100.64.0.0", "100.127.255.255"],
    "link-local": ["169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::", "fe80::1%eth0", "febf:ffff::"],
    "Azure's own (WireServer)": ["168.63.129.16"],
    "an IPv4 address within an IPv6 one": [
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::2", "::ffff:0:127.0.0.1", "64:ff9b::8.8.8.8"),
        *("64:ff9b:1::1", "64:ff9b:1:f::", "2002::", "2002:808:808::1", "2001::", "2001:0:5ef5:79fd:0:0:5601:5601"),
    ],
    "reserved": [
        *("224.0.0.0", "239.255.255.255", "ff00::", "ff0e::1", "fec0::", "feff::1", "192.0.2.1", "198.51.100.1"),
        *("203.0.113.1", "2001:db8::1", "2001:db8:ffff::", "3fff::1", "3fff:fff::1", "198.18.0.0", "198.19.255.255"),
        *("2001:2::1", "192.31.196.0", "192.31.196.255", "192.175.48.1", "192.175.48.255", "2620:4f:8000::1"),
        *("192.52.193.0", "192.52.193.255", "192.88.99.1", "192.0.0.0", "192.0.0.192", "240.0.0.0", "255.255.255.255"),
        *("2001:1::1", "2001:1ff::1", "100::1", "200::1", "1fff::1", "4000::", "8000::", "fbff::1", "64:ff9a::1"),
    ],
    "no IP address": ["", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "1.2.3.4 ", "[::1]"],
}
OUTSIDE = [
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "20.50.60.70", "100.63.255.255", "100.128.0.0"),
    *("126.255.255.255", "128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0"),
    *("172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.31.195.255", "192.31.197.0"),
    *("192.52.192.255", "192.52.194.0", "192.175.47.255", "192.175.49.0", "2620:4f:8001::1"),
    *("192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.114.0"),
    *("223.255.255.255", "2000::", "2001:200::", "2001:db7:ffff::1", "2001:db9::", "2001:4860:4860::8888", "2003::1"),
    *("2603:1030::1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a01:111:f100::1", "3ffe:ffff::", "3fff:1000::1"),
]
JUDGED = [(address, reason) for reason, every in INSIDE.items() for address in every]


@pytest.mark.parametrize(("address", "reason"), [*JUDGED, *((address, None) for address in OUTSIDE)])
def test_a_host_leads_to_what_is_for_everybody_and_a_loopback_host_to_loopback(
    address: str, reason: str | None
) -> None:
    assert judge_address(address, HOST) == reason
    other = reason if reason == "no IP address" else "not loopback"
    assert {judge_address(address, host) for host in LOOPBACK} == {None if reason == "loopback" else other}


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
