"""A name that is allowed and an address that is not: what DNS says decides nothing, what is connected to does."""

import pytest

from callback.client import post
from tests.callback.conftest import ALLOWED, HOST, LOOPBACK, PUBLIC, TARGET, Internet, Receiver, call_back, sent_to
from tests.callback.test_addresses import REFUSED

INSIDE = {reason: addresses[-1] for reason, addresses in REFUSED.items()}


async def test_an_allowed_name_at_a_public_address_is_called_back(logic_app: Receiver, internet: Internet) -> None:
    attempt = await call_back()
    assert attempt["kind"] == "delivered"
    (request,) = logic_app.requests
    assert (request.headers["Host"], request.raw_path) == (HOST, TARGET)
    assert (internet.asked, internet.connected) == ([HOST], [PUBLIC])


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
    internet.names[HOST] = [address, PUBLIC] if first else [PUBLIC, address]
    assert (await call_back())["kind"] == "delivered"
    assert internet.connected == [PUBLIC]
    assert len(logic_app.requests) == 1


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1"])
async def test_a_private_address_is_no_way_out_when_the_public_one_is_down(
    logic_app: Receiver, internet: Internet, address: str
) -> None:
    internet.names[HOST] = [PUBLIC, address]
    del internet.routes[PUBLIC]
    attempt = await call_back()
    assert attempt["kind"] == "tryAgain", "the public address may be back"
    assert set(internet.connected) == {PUBLIC}
    assert logic_app.requests == []


async def test_several_bad_addresses_are_as_bad_as_one(internet: Internet) -> None:
    internet.names[HOST] = ["127.0.0.1", "10.0.0.1", "::1", "169.254.169.254"]
    assert (await call_back())["kind"] == "refused"
    assert internet.connected == []


async def test_a_rebound_name_is_looked_up_and_judged_anew(logic_app: Receiver, internet: Internet) -> None:
    internet.rebound[HOST] = ["127.0.0.1"]
    assert [(await call_back())["kind"] for _ in range(2)] == ["delivered", "refused"]
    internet.rebound[HOST] = internet.names[HOST] = [PUBLIC]
    assert (await call_back())["kind"] == "delivered"
    assert (len(internet.asked), internet.connected) == (3, [PUBLIC, PUBLIC])
    assert len(logic_app.requests) == 2


async def test_the_address_that_was_looked_up_is_the_one_that_is_connected_to(
    logic_app: Receiver, internet: Internet
) -> None:
    """Whoever rebinds a name within one POST needs two lookups: one to be checked, another to be connected to."""
    internet.names[HOST], internet.rebound[HOST] = ["10.0.0.1"], [PUBLIC]
    assert (await call_back())["kind"] == "refused"
    assert (internet.asked, internet.connected) == ([HOST], [])
    internet.names[HOST], internet.rebound[HOST] = [PUBLIC], ["10.0.0.1"]
    assert (await call_back())["kind"] == "delivered"
    assert (internet.asked, internet.connected) == ([HOST, HOST], [PUBLIC])
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
    sent = sent_to(f"http://localhost:{receiver.port}{TARGET}")
    assert (await post(sent, ["localhost"]))["kind"] == "delivered"
    assert set(internet.connected) <= {"127.0.0.1", "::1"}
    assert receiver.requests[0].headers["Host"] == f"localhost:{receiver.port}"


@pytest.mark.parametrize("address", [PUBLIC, "10.0.0.1", "::ffff:127.0.0.1", "0.0.0.0"])  # noqa: S104 - nothing listens
async def test_localhost_leads_nowhere_else(receiver: Receiver, internet: Internet, address: str) -> None:
    """For it alone http is taken: to a public address the signature would travel in the open."""
    internet.names["localhost"], internet.routes[address] = [address], receiver.port
    attempt = await post(sent_to(f"http://localhost:{receiver.port}{TARGET}"), ["localhost"])
    assert (attempt["kind"], internet.connected, receiver.requests) == ("refused", [], [])
    assert "not loopback" in attempt["detail"]


async def test_a_loopback_address_is_not_looked_up(receiver: Receiver, internet: Internet) -> None:
    assert (await post(sent_to(receiver.base_url), ["127.0.0.1"]))["kind"] == "delivered"
    refused = await post(sent_to("http://[::1]:9/"), ["[::1]"])
    assert (refused["kind"], internet.asked, internet.connected) == ("tryAgain", [], ["127.0.0.1", "::1"])


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
async def test_loopback_that_the_setting_does_not_name_is_never_reached(
    receiver: Receiver, internet: Internet, host: str
) -> None:
    internet.names["localhost"] = ["127.0.0.1"]
    others = [*ALLOWED, *(other for other in LOOPBACK if other != host)]
    attempt = await post(sent_to(f"http://{host}:{receiver.port}{TARGET}"), others)
    assert (attempt["kind"], internet.asked, internet.connected) == ("refused", [], [])
    assert receiver.requests == []
