"""What happens when Graph refuses a token: one fresh one, and no more."""

import asyncio
import base64

import pytest

from graph.client import GraphClient
from graph.errors import GraphRefused
from tests.graph.conftest import FakeCredentials, Reply, ScriptedGraph

CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'
REFUSED = Reply(401, b"", {"WWW-Authenticate": 'Bearer realm=""'})


def challenged(claims: str) -> Reply:
    header = f'Bearer realm="", error="insufficient_claims", claims="{claims}"'
    return Reply(401, b'{"error": {"code": "InvalidAuthenticationToken"}}', {"WWW-Authenticate": header})


CHALLENGED = challenged(base64.b64encode(CLAIMS.encode()).decode())


async def test_a_refused_token_is_replaced_once(
    scripted: ScriptedGraph, client: GraphClient, credentials: FakeCredentials
) -> None:
    scripted.answers(REFUSED, Reply(200, b'{"a": 1}'))
    answer = await client.get(f"{scripted.base_url}/x", "c-1")

    assert answer.body == {"a": 1}
    assert scripted.tokens == ["secret-1", "secret-2"]
    assert [request.headers["client-request-id"] for request in scripted.requests] == ["c-1", "c-1"]
    assert [credential.closed for credential in credentials.opened] == [1, 0]
    assert [options for _, options in credentials.asked] == [{"enable_cae": True}] * 2


@pytest.mark.parametrize("refused", [REFUSED, CHALLENGED, Reply(401)], ids=["plain", "with claims", "bare"])
async def test_a_second_refusal_is_the_answer(scripted: ScriptedGraph, client: GraphClient, refused: Reply) -> None:
    scripted.answers(refused)
    with pytest.raises(GraphRefused) as raised:
        await client.get(f"{scripted.base_url}/x", "c-1")
    assert raised.value.status == 401
    assert scripted.tokens == ["secret-1", "secret-2"]


@pytest.mark.parametrize("status", [200, 403, 500])
async def test_whatever_follows_a_refusal_is_the_answer(
    scripted: ScriptedGraph, client: GraphClient, status: int
) -> None:
    scripted.answers(REFUSED, Reply(status, b"{}", {"Retry-After": "7"}))
    if status == 200:
        assert (await client.get(f"{scripted.base_url}/x", "c-1")).retry_after == 7.0
    else:
        with pytest.raises(GraphRefused, match=str(status)):
            await client.get(f"{scripted.base_url}/x", "c-1")
    assert len(scripted.requests) == 2


async def test_a_challenge_reaches_the_credential_decoded(
    scripted: ScriptedGraph, client: GraphClient, credentials: FakeCredentials
) -> None:
    scripted.answers(CHALLENGED, Reply())
    await client.get(f"{scripted.base_url}/x", "c-1")

    scope = f"{scripted.base_url}/.default"
    assert credentials.asked == [(scope, {"enable_cae": True}), (scope, {"enable_cae": True, "claims": CLAIMS})]
    assert [credential.closed for credential in credentials.opened] == [0]
    assert scripted.tokens == ["secret-1", "secret-2"]


@pytest.mark.parametrize("claims", ["", "no base64", "/w==", "a"])
async def test_a_challenge_that_cannot_be_read_is_a_plain_refusal(
    scripted: ScriptedGraph, client: GraphClient, credentials: FakeCredentials, claims: str
) -> None:
    scripted.answers(challenged(claims), Reply())
    await client.get(f"{scripted.base_url}/x", "c-1")
    assert [options for _, options in credentials.asked] == [{"enable_cae": True}] * 2
    assert [credential.closed for credential in credentials.opened] == [1, 0]


async def test_a_token_that_many_runs_saw_refused_is_replaced_once(
    scripted: ScriptedGraph, client: GraphClient, credentials: FakeCredentials
) -> None:
    scripted.revoked = {"secret-1"}
    answers = await asyncio.gather(*(client.get(f"{scripted.base_url}/x", "c-1") for _ in range(50)))

    assert [answer.body for answer in answers] == [{}] * 50
    assert sorted(scripted.tokens) == ["secret-1"] * 50 + ["secret-2"] * 50
    assert [credential.closed for credential in credentials.opened] == [1, 0]
