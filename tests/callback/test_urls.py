"""Which callback URLs are accepted: every trick that a URL can try, and that no refusal repeats the secret."""

import asyncio
import re
import socket
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientRequest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from yarl import URL

from alert_refresh.callback.urls import LOOPBACK_HOSTS, check_callback_url, find_callback_host, is_allowed_host
from tests.support.generated import quick

HOST = "prod-00.westeurope.logic.azure.com"
PATH = "/workflows/S3CRET-path/runs/08585/actions/Wait/run"
TAIL = f"{PATH}?api-version=2016-06-01&sp=%2Fruns%2F08585&sv=1.0&sig=S3CRET-sig"
REAL = f"https://{HOST}:443{TAIL}"
ALLOWED = ("*.logic.azure.com", "hooks.example.com")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

ACCEPTED = {
    "as listCallbackUrl() gives it": REAL,
    "no port": f"https://{HOST}{TAIL}",
    "one label before": f"https://a.logic.azure.com{TAIL}",
    "many labels before": f"https://a.b.c.d.e.logic.azure.com{TAIL}",
    "digits in labels": f"https://1.2.3.4.logic.azure.com{TAIL}",
    "hyphens in a label": f"https://a--b.logic.azure.com{TAIL}",
    "a label of 63": f"https://{'a' * 63}.logic.azure.com{TAIL}",
    "a name of 253": f"https://abc.{'a.' * 117}logic.azure.com{TAIL}",
    "an exact host": f"https://hooks.example.com{TAIL}",
    "a host in capitals": f"https://{HOST.upper()}{TAIL}",
    "a scheme in capitals": f"HTTPS://{HOST}{TAIL}",
    "no path": f"https://{HOST}",
    "a bare slash": f"https://{HOST}/",
    "a query without a path": f"https://{HOST}?sig=S3CRET",
    "an @ in the path": f"https://{HOST}/a@b",
    "an @ in the query": f"https://{HOST}?sig=a@evil.example",
    "a URL in the query": f"https://{HOST}/?next=https://evil.example:8080/",
    "quoted letters": f"https://{HOST}/%C3%A9%00%0d%0a?sig=%23%5C",
    "every printable letter": f"https://{HOST}/!\"$%&'()*+,-./09:;<=>?@AZ[]^_`az{{|}}~",
    "the longest": f"https://{HOST}/".ljust(2048, "x"),
}


@pytest.mark.parametrize("url", ACCEPTED.values(), ids=ACCEPTED)
def test_a_url_of_an_allowed_host_is_kept_to_the_letter(url: str) -> None:
    assert check_callback_url(url, ALLOWED) == url


NO_STRING: dict[str, object] = {
    "nothing": None,
    "a number": 2130706433,
    "a list": [REAL],
    "an object": {"url": REAL},
    "bytes": REAL.encode(),
    "one letter too long": f"https://{HOST}/".ljust(2049, "x"),
}
NO_PLAIN_TEXT = {
    "a blank before": f" {REAL}",
    "a blank after": f"{REAL} ",
    "a blank in the path": REAL.replace("/runs", "/ runs"),
    "a newline after": f"{REAL}\n",
    "a tab in the scheme": REAL.replace("https", "ht\ttps"),
    "a newline in the host": REAL.replace("prod", "pr\nod"),
    "a carriage return in the path": REAL.replace("/runs", "/runs\r\nHost: evil.example"),
    "a zero byte": REAL.replace(".com", ".com\0"),
    "a delete": REAL.replace(".com", ".com\x7f"),
    "a soft hyphen": REAL.replace("prod", "pr\xadod"),
    "a blank of no width": REAL.replace("prod", "pr\u200bod"),
    "a full-width letter": REAL.replace("prod", "\uff50rod"),
    "an ideographic full stop": REAL.replace(".azure", "\u3002azure"),
    "a full-width full stop": REAL.replace(".azure", "\uff0eazure"),
    "a half-width full stop": REAL.replace(".azure", "\uff61azure"),
    "a full-width slash": f"https://{HOST}\uff0fevil.example{TAIL}",
    "a full-width at": f"https://{HOST}\uff20evil.example{TAIL}",
    "an account-of sign": f"https://evil.example\u2100.logic.azure.com{TAIL}",
    "digits in circles": f"https://①②⑦.0.0.①{TAIL}",
    "full-width digits": f"https://\uff11\uff12\uff17.0.0.1{TAIL}",
    "arabic digits": f"https://١٢٧.0.0.1{TAIL}",
    "a sharp s": f"https://stra\xdfe.logic.azure.com{TAIL}",
    "a Kelvin sign": f"https://hoo\u212as.example.com{TAIL}",
    "a long s in the scheme": REAL.replace("https", "http\u017f"),
    "a letter of another script": f"https://{HOST.replace('a', chr(0x430))}{TAIL}",
    "an override of direction": f"https://\u202e{HOST}{TAIL}",
    "a lone surrogate": f"{REAL}\ud800",
    "a backslash for the slashes": f"https:\\\\{HOST}{TAIL}",
    "a backslash after the host": f"https://evil.example\\.logic.azure.com{TAIL}",
    "a backslash before an at": f"https://evil.example\\@{HOST}{TAIL}",
    "a backslash in the path": f"https://{HOST}\\..\\{TAIL}",
    "a fragment": f"{REAL}#top",
    "an empty fragment": f"{REAL}#",
    "a fragment after the host": f"https://evil.example#.logic.azure.com{TAIL}",
    "a fragment before an at": f"https://evil.example#@{HOST}{TAIL}",
}
NO_HTTPS = {
    "nothing at all": "",
    "only the tail": TAIL,
    "only the host": HOST,
    "host and tail": f"{HOST}{TAIL}",
    "no scheme": f"//{HOST}{TAIL}",
    "http": REAL.replace("https", "http"),
    "http at its port": f"http://{HOST}:80{TAIL}",
    "ftp": REAL.replace("https", "ftp"),
    "wss": REAL.replace("https", "wss"),
    "file": f"file://{HOST}{TAIL}",
    "gopher": REAL.replace("https", "gopher"),
    "unix": f"unix:///var/run/docker.sock:{TAIL}",
    "javascript": f"javascript://{HOST}{TAIL}",
    "data": "data:text/plain,S3CRET",
    "a scheme before": f"url:{REAL}",
    "a view of the source": f"view-source:{REAL}",
    "one slash": f"https:/{HOST}{TAIL}",
    "no slash": f"https:{HOST}{TAIL}",
    "no colon": f"https//{HOST}{TAIL}",
    "a letter too many": f"httpss://{HOST}{TAIL}",
    "a quoted scheme": f"%68ttps://{HOST}{TAIL}",
    "in angle brackets": f"<{REAL}>",
    "in quotes": f'"{REAL}"',
}
USER_INFO = {
    "a user": f"https://user@{HOST}{TAIL}",
    "a user with a password": f"https://user:S3CRET@{HOST}{TAIL}",
    "an empty user": f"https://@{HOST}{TAIL}",
    "an empty user with a password": f"https://:@{HOST}{TAIL}",
    "the allowed host as a user": f"https://{HOST}@evil.example{TAIL}",
    "the allowed host as a user with a port": f"https://{HOST}:443@evil.example{TAIL}",
    "the allowed host as a password": f"https://user:{HOST}@evil.example{TAIL}",
    "two ats": f"https://{HOST}@evil.example@{HOST}{TAIL}",
    "an at after the port": f"https://{HOST}:443@{TAIL}",
    "an address in brackets as a user": f"https://[::1]@{HOST}{TAIL}",
    "quoted letters in the user": f"https://{HOST}%2f@evil.example{TAIL}",
}
NO_NAMES = {
    "a private address": "10.0.0.1",
    "the metadata service": "169.254.169.254",
    "a public address": "93.184.215.14",
    "a public address with a port": "93.184.215.14:443",
    "an address as one number": "2130706433",
    "as one octal number": "017700000001",
    "as one hexadecimal number": "0x7f000001",
    "as one number with capitals": "0X7F000001",
    "in octal": "0177.0.0.1",
    "in octal with more noughts": "00000177.0.0.1",
    "in hexadecimal": "0x7f.0x0.0x0.0x1",
    "in hexadecimal and short": "0x7f.1",
    "in two numbers": "127.1",
    "in three numbers": "127.0.1",
    "with noughts": "127.000.000.001",
    "beyond 255": "383.256.256.257",
    "an overflowing number": "4294967297",
    "an address with a dot": "127.0.0.1.",
    "a name with a number at its end": "logic.azure.com.1",
    "a name with a hexadecimal number at its end": "logic.azure.com.0x7f",
    "an empty hexadecimal number at its end": "logic.azure.com.0x",
    "nought": "0",
    "the unspecified address": "0.0.0.0",  # noqa: S104 - nothing listens there
    "another loopback": "127.0.0.2",
    "IPv6 loopback, spelt out": "[0:0:0:0:0:0:0:1]",
    "IPv6 loopback with noughts": "[0000::0001]",
    "IPv6 unspecified": "[::]",
    "mapped loopback": "[::ffff:127.0.0.1]",
    "mapped loopback in hexadecimal": "[::ffff:7f00:1]",
    "compatible loopback": "[::127.0.0.1]",
    "a zone": "[fe80::1%25eth0]",
    "a bare zone": "[fe80::1%eth0]",
    "a zone on loopback": "[::1%lo]",
    "a public IPv6 address": "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]",
    "an IPv6 address of the future": "[v1.fe80::a+en1]",
    "an IPv6 address without brackets": "::1",
    "the allowed host in brackets": f"[{HOST}]",
    "brackets and the allowed host": f"[::1].{HOST}",
    "brackets and more": "[::1]logic.azure.com",
    "an open bracket": "[::1",
    "an empty bracket": "[]",
    "nothing": "",
    "a trailing dot": f"{HOST}.",
    "a trailing dot and a port": f"{HOST}.:443",
    "two trailing dots": f"{HOST}..",
    "a leading dot": f".{HOST}",
    "an empty label": "a..logic.azure.com",
    "a wildcard": "*.logic.azure.com",
    "a quoted dot": "prod-00%2elogic.azure.com",
    "a quoted letter": "%70rod-00.logic.azure.com",
    "a quoted slash": "evil.example%2f.logic.azure.com",
    "a quoted question mark": "evil.example%3f.logic.azure.com",
    "a quoted hash": "evil.example%23.logic.azure.com",
    "a quoted at": f"evil.example%40{HOST}",
    "a quoted colon": f"evil.example%3a.{HOST}",
    "a quoted backslash": "evil.example%5c.logic.azure.com",
    "a quoted zero byte": "evil.example%00.logic.azure.com",
    "a quoted newline": "evil.example%0a.logic.azure.com",
    "a quoted full stop of another script": "evil%e3%80%82logic.azure.com",
    "a quoted address": "%31%32%37.0.0.1",
    "a percent sign": "%.logic.azure.com",
    "punycode": "xn--bcher-kva.logic.azure.com",
    "punycode in capitals": "XN--bcher-kva.logic.azure.com",
    "punycode that is plain": "xn--a-.logic.azure.com",
    "punycode at the end": "logic.azure.xn--com-9na",
    "punycode in the middle": "a.xn--pple-43d.logic.azure.com",
    "an underscore": "_dmarc.logic.azure.com",
    "a hyphen before": "-a.logic.azure.com",
    "a hyphen after": "a-.logic.azure.com",
    "a comma": "evil.example,.logic.azure.com",
    "a semicolon": "evil.example;.logic.azure.com",
    "an ampersand": "evil.example&.logic.azure.com",
    "an exclamation mark": "evil.example!.logic.azure.com",
    "a dollar": "$host.logic.azure.com",
    "a template": "{host}.logic.azure.com",
    "quotes": '"a".logic.azure.com',
    "a label of 64": f"{'a' * 64}.logic.azure.com",
    "a name of 254": f"abcd.{'a.' * 117}logic.azure.com",
    "one label": "logic",
    "localhost with a dot": "localhost.",
}
NOT_ALLOWED = {
    "another host": "evil.example",
    "the domain itself": "logic.azure.com",
    "its parent": "azure.com",
    "a longer label": "evil-logic.azure.com",
    "a longer label, glued": "evillogic.azure.com",
    "the domain and more": "logic.azure.com.evil.example",
    "the host and more": f"{HOST}.evil.example",
    "a dash for a dot": "prod-00-logic.azure.com",
    "below an exact host": "a.hooks.example.com",
    "above an exact host": "example.com",
    "beside an exact host": "evilhooks.example.com",
    "a name that means loopback": "127.0.0.1.nip.io",
    "a name below localhost": "evil.localhost",
    "localhost": "localhost",
    "localhost in capitals": "LocalHost",
    "IPv4 loopback": "127.0.0.1",
    "IPv6 loopback": "[::1]",
}
OTHER_PORTS = ["80", "444", "8443", "4430", "0", "0443", "+443", "-443", "443:443", "4_4_3", "0x1bb", ""]


def refuse(url: object, allowed: Sequence[str] = ALLOWED) -> str:
    with pytest.raises(ValueError, match=r"^must ") as raised:
        check_callback_url(url, allowed)
    return str(raised.value)


REFUSED: dict[str, tuple[object, str]] = {
    **{name: (value, "must be a string of at most 2048 characters") for name, value in NO_STRING.items()},
    **{name: (url, "must be printable ASCII without blanks, backslashes") for name, url in NO_PLAIN_TEXT.items()},
    **{name: (url, "must begin with https://") for name, url in NO_HTTPS.items()},
    **{name: (url, "must have no user info") for name, url in USER_INFO.items()},
    **{name: (f"https://{host}{TAIL}", "must have a DNS name as host") for name, host in NO_NAMES.items()},
    **{name: (f"https://{host}{TAIL}", "must have a host of the app setting") for name, host in NOT_ALLOWED.items()},
    **{f"port {port}": (f"https://{HOST}:{port}{TAIL}", "must have no port, or 443") for port in OTHER_PORTS},
}


@pytest.mark.parametrize(("url", "sentence"), REFUSED.values(), ids=REFUSED)
def test_every_other_url_is_refused_without_the_secret(url: object, sentence: str) -> None:
    refusal = refuse(url)
    assert refusal.startswith(sentence)
    assert not any(part in refusal for part in ("S3CRET", "sig=", "/workflows", "\n"))
    assert refusal.isascii()


@pytest.mark.parametrize("host", NO_NAMES.values(), ids=NO_NAMES)
def test_an_entry_of_the_setting_does_not_help_a_host_that_is_not_a_plain_dns_name(host: str) -> None:
    assert refuse(f"https://{host}{TAIL}", [*ALLOWED, host, host.lower()]).startswith("must have a DNS name as host")


@pytest.mark.parametrize("host", NOT_ALLOWED.values(), ids=NOT_ALLOWED)
def test_a_refusal_names_the_setting_and_the_host(host: str) -> None:
    refusal = refuse(f"https://{host}{TAIL}")
    assert "CALLBACK_ALLOWED_HOSTS" in refusal
    assert host.lower() in refusal


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


@pytest.mark.parametrize("port", ["0", "00080", "65536", "99999", "100000", "-1", "+80", "8_0", "80:80", "x", ""])
def test_a_port_that_is_none_is_refused_for_loopback_too(port: str) -> None:
    assert refuse(f"http://localhost:{port}{TAIL}", LOOPBACK) == "must have no port, or one up to 65535"


def test_http_stays_refused_for_others_when_loopback_is_allowed() -> None:
    assert refuse(f"http://{HOST}{TAIL}", [*ALLOWED, *LOOPBACK]) == "must begin with https://"
    assert refuse(f"https://{HOST}:7071{TAIL}", [*ALLOWED, *LOOPBACK]) == "must have no port, or 443"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (REAL, HOST),
        (REAL.upper(), HOST),
        (f"https://{HOST}?sig=S3CRET", HOST),
        ("http://localhost:7071/x", "localhost"),
        ("http://127.0.0.1:7071/x", "127.0.0.1"),
        ("http://[::1]:7071/x", "[::1]"),
    ],
)
def test_the_host_may_be_shown(url: str, host: str) -> None:
    assert find_callback_host(url) == host


@pytest.mark.parametrize(
    "url", ["", "S3CRET", "https://", f"https://S3CRET@{HOST}/", f"https://{HOST}#S3CRET", "//a.b/"]
)
def test_what_is_no_callback_url_shows_nothing(url: str) -> None:
    assert find_callback_host(url) == ""


ENTRIES = {
    True: ["*.logic.azure.com", "hooks.example.com", "*.azure.com", "localhost", "127.0.0.1", "[::1]"],
    False: [
        *("", "*", "*.", "*.com", "*.localhost", "*.127.0.0.1", "*.*.azure.com", "a.*.azure.com", "*azure.com"),
        *(".azure.com", "azure.com.", "intranet", "::1", "[::2]", "127.0.0.2", "10.0.0.1", "https://hooks.example.com"),
        *("hooks.example.com:443", "hooks.example.com/x", "user@hooks.example.com", "xn--bcher-kva.example", "a.b c.d"),
    ],
}


@pytest.mark.parametrize(("allowed", "entry"), [(allowed, entry) for allowed in ENTRIES for entry in ENTRIES[allowed]])
def test_what_the_setting_may_hold(entry: str, *, allowed: bool) -> None:
    assert is_allowed_host(entry) is allowed


ALLOW_LISTS = [ALLOWED, LOOPBACK, ("*.azure.com", "localhost"), ()]
PIECES = [
    *("https://", "http://", "//", "@", ":", ":443", ":80", "/", "\\", "?", "#", ".", "-", "*", " ", "\t", "%2e"),
    *("%40", "[", "]", "::1", "[::1]", "127.0.0.1", "127.1", "0x7f", "2130706433", "localhost", "xn--", "a", "A", "9"),
    *(
        "。",
        "é",
        "evil.example",
        "logic.azure.com",
        ".logic.azure.com",
        "hooks.example.com",
        "sig=",
        "\u0660",
        "\u212a",
    ),
]
SEEDS = [
    f"https://{HOST}",
    REAL,
    "HTTPS://Hooks.Example.com/x",
    "http://localhost:7071/x",
    "http://127.0.0.1",
    "http://[::1]/",
]
pieces = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@st.composite
def bent(draw: st.DrawFn) -> str:
    """Make a good URL bad, or not: two pieces put in, or put over what was there."""
    url = draw(st.sampled_from(SEEDS))
    for _ in range(2):
        piece = draw(st.sampled_from(PIECES))
        start = draw(st.integers(0, min(len(url), 60)))
        url = url[:start] + piece + url[start + draw(st.integers(0, 3)) :]
    return url


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    opened = asyncio.new_event_loop()
    yield opened
    opened.close()


def is_address(host: str) -> bool:
    """Tell whether Python or the C library takes `host` for an IP address without asking DNS."""
    try:
        ip_address(host)
    except ValueError:
        try:
            socket.inet_aton(host)
        except OSError:
            return False
    return True


def target(url: str) -> str:
    """Return path and query as a request line has them: beginning with a slash, without an empty query."""
    rest = re.sub(r"^[^/?]*", "", url.partition("//")[2])
    return re.sub(r"^([^?]*)\?$", r"\1", rest if rest.startswith("/") else f"/{rest}")


def assert_one_reading(url: str, loop: asyncio.AbstractEventLoop) -> None:
    """Assert that everybody who reads `url` on its way to a connection reads the host that was matched."""
    matched = find_callback_host(url)
    asked = ClientRequest("POST", URL(url, encoded=True), loop=loop)
    split, parsed = urlsplit(url), URL(url)
    bare = matched.strip("[]")
    assert split.hostname == bare
    assert (parsed.host, str(parsed.raw_host).lower()) == (bare, bare)
    assert (asked.host.lower(), asked.url.host) == (bare, bare)
    assert split.port in {None, asked.port}
    assert asked.is_ssl() == (split.scheme == "https")
    assert (split.username, parsed.user, asked.url.user) == (None, None, None)
    assert asked.url.raw_path_qs == target(url)
    assert matched in LOOPBACK_HOSTS or not is_address(bare)


@settings(quick, max_examples=500)
@given(bent())
@example(REAL)
@example(f"http://localhost:80{TAIL}")
def test_whatever_is_accepted_means_one_host_and_an_allowed_one(loop: asyncio.AbstractEventLoop, url: str) -> None:
    for allowed in ALLOW_LISTS:
        try:
            check_callback_url(url, allowed)
        except ValueError:
            continue
        host = find_callback_host(url)
        assert host in allowed or any(host.endswith(entry[1:]) for entry in allowed if entry.startswith("*."))
        assert_one_reading(url, loop)


@quick
@given(
    pieces, st.uuids().map(str), st.sampled_from(["/{}", "?sig={}", "/a/{}?x=1", "#{}", "@{}", "\\{}", " {}", ":{}"])
)
def test_no_refusal_repeats_what_stands_behind_the_host(before: str, secret: str, place: str) -> None:
    for allowed in ALLOW_LISTS:
        refusal = ""
        try:
            check_callback_url(before + place.format(secret), allowed)
        except ValueError as error:
            refusal = str(error)
        assert secret not in refusal
