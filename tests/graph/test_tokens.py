"""One credential for one Graph, its tokens, and what happens when Graph refuses one."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import azure.identity
import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.graph.client import GraphClient
from alert_refresh.graph.errors import GraphRefused, IdentityError
from alert_refresh.graph.tokens import Tokens, parse_claims
from tests.graph.conftest import FakeCredential, FakeCredentials, Reply, ScriptedGraph
from tests.support.generated import quick


@pytest.fixture
async def tokens(credentials: FakeCredentials) -> AsyncIterator[Tokens]:
    assert not credentials.opened
    made = Tokens("https://graph.microsoft.com", "scope")
    yield made
    await made.close()


async def test_first_calls_together_make_one_credential_and_ask_it_one_at_a_time(
    credentials: FakeCredentials, tokens: Tokens
) -> None:
    given = await asyncio.gather(*(tokens.get() for _ in range(50)))
    await tokens.close()
    assert (set(given), credentials.most_at_once) == ({"secret-1"}, 1)
    assert [credential.closed for credential in credentials.opened] == [1]


async def test_a_caller_that_gives_up_does_not_hold_up_the_next(credentials: FakeCredentials, tokens: Tokens) -> None:
    first = asyncio.create_task(tokens.get())
    await asyncio.sleep(0)
    assert credentials.asking == 1
    first.cancel()
    assert await tokens.get() == "secret-1"
    assert credentials.most_at_once == 1


@pytest.mark.parametrize(("lifetime", "asked"), [(3600, 2), (330, 2), (299, 4)])
async def test_a_token_is_given_again_for_a_minute_but_not_near_its_end(
    lifetime: float, asked: int, credentials: FakeCredentials, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials.lifetime = lifetime
    for passed in (0, 29, 61, 90):
        monkeypatch.setattr("alert_refresh.graph.tokens.monotonic", lambda now=float(passed): now)
        assert await tokens.get() == "secret-1"
    assert len(credentials.asked) == asked


@pytest.mark.parametrize(
    ("base_url", "authority"),
    [
        ("https://graph.microsoft.com", "https://login.microsoftonline.com"),
        ("https://graph.microsoft.us", "https://login.microsoftonline.us"),
        ("https://dod-graph.microsoft.us", "https://login.microsoftonline.us"),
        ("https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
    ],
)
async def test_each_cloud_has_its_authority_unless_the_variable_names_one(
    base_url: str, authority: str, credentials: FakeCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_AUTHORITY_HOST", raising=False)
    for _ in range(2):
        tokens = Tokens(base_url, "scope")
        await tokens.get()
        await tokens.close()
        monkeypatch.setenv("AZURE_AUTHORITY_HOST", "login.example")
    assert [credential.options.get("authority") for credential in credentials.opened] == [authority, None]


@pytest.mark.parametrize(
    "error",
    [
        *(ClientAuthenticationError, ServiceRequestError, HttpResponseError, azure.identity.CredentialUnavailableError),
        *(ValueError, TypeError, KeyError, AttributeError, RuntimeError, OSError, TimeoutError, ImportError),
    ],
)
async def test_no_error_of_the_credential_leaves_as_itself(
    error: type[Exception], credentials: FakeCredentials, tokens: Tokens
) -> None:
    credentials.failure = error("it broke\nand more")
    with pytest.raises(IdentityError, match=r"^.+$"):
        await tokens.get()


async def test_of_several_credentials_the_managed_identity_says_why(
    credentials: FakeCredentials, tokens: Tokens
) -> None:
    credentials.failure = ClientAuthenticationError(
        "DefaultAzureCredential failed to retrieve a token from the included credentials.\nAttempted credentials:\n"
        "\tEnvironmentCredential: EnvironmentCredential authentication unavailable.\n"
        "\tManagedIdentityCredential: App Service managed identity configuration not found.\n"
        "To mitigate this issue, please refer to the troubleshooting guidelines."
    )
    with pytest.raises(IdentityError, match=r"included credentials\. ManagedIdentityCredential: App Service managed"):
        await tokens.get()


async def test_the_last_of_many_waits_no_longer_than_the_first(
    credentials: FakeCredentials, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_: FakeCredential, *__: Any, **___: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(FakeCredential, "get_token", hang)
    monkeypatch.setattr("alert_refresh.graph.tokens.TOKEN_SECONDS", 0.1)
    async with asyncio.timeout(2):
        given = await asyncio.gather(*(tokens.get() for _ in range(100)), return_exceptions=True)
    assert {type(each) for each in given} == {IdentityError}
    assert "no token within 0.1 s" in str(given[0])
    assert len(credentials.opened) == 1


CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'


def challenge(claims: str) -> Reply:
    header = f'Bearer realm="", error="insufficient_claims", claims="{claims}"'
    return Reply(401, b'{"error": {"code": "InvalidAuthenticationToken"}}', {"WWW-Authenticate": header})


CHALLENGED = challenge(base64.b64encode(CLAIMS.encode()).decode())
PLAIN = {
    "bare": Reply(401),
    "without claims": Reply(401, b"", {"WWW-Authenticate": 'Bearer realm=""'}),
    **{f"claims {claims}": challenge(claims) for claims in ("", "no base64", "/w==", "a", "W10=", "W1tbWw==")},
}


@pytest.mark.parametrize("refused", [CHALLENGED, *PLAIN.values()], ids=["challenged", *PLAIN])
async def test_a_refused_token_is_replaced_once_and_the_same_is_sent_again(
    scripted: ScriptedGraph, client: GraphClient, credentials: FakeCredentials, refused: Reply
) -> None:
    """A challenge reaches the credential decoded. One that cannot be read is a plain refusal."""
    scripted.answers(refused, Reply(202, b"", {"Location": "/x"}))
    assert (await client.send("POST", f"{scripted.base_url}/x", {"a": 1})).headers["Location"] == "/x"
    assert scripted.bodies == [b'{"a": 1}'] * 2
    assert scripted.tokens == ["secret-1", "secret-2"]
    assert len({request.headers["client-request-id"] for request in scripted.requests}) == 1
    claims, closed = ({"claims": CLAIMS}, [0]) if refused is CHALLENGED else ({}, [1, 0])
    scope = f"{scripted.base_url}/.default"
    assert credentials.asked == [(scope, {"enable_cae": True}), (scope, {"enable_cae": True, **claims})]
    assert [credential.closed for credential in credentials.opened] == closed


@pytest.mark.parametrize("refused", [PLAIN["bare"], CHALLENGED], ids=["plain", "with claims"])
async def test_a_second_refusal_is_the_answer(scripted: ScriptedGraph, client: GraphClient, refused: Reply) -> None:
    scripted.answers(refused)
    with pytest.raises(GraphRefused, match="HTTP 401"):
        await client.send("GET", f"{scripted.base_url}/x")
    assert scripted.tokens == ["secret-1", "secret-2"]


async def test_a_token_that_many_runs_saw_refused_is_replaced_once(
    scripted: ScriptedGraph, client: GraphClient, credentials: FakeCredentials
) -> None:
    scripted.revoked = {"secret-1"}
    answers = await asyncio.gather(*(client.send("GET", f"{scripted.base_url}/x") for _ in range(50)))

    assert [answer.body for answer in answers] == [{}] * 50
    assert sorted(scripted.tokens) == ["secret-1"] * 50 + ["secret-2"] * 50
    assert [credential.closed for credential in credentials.opened] == [1, 0]


@pytest.mark.parametrize("text", ["{}", '{"a":1}', '{"a":12}', '{"a":"???>>>"}', '{"a":"ÿÿÿ"}'])
def test_claims_are_read_in_either_alphabet_with_or_without_padding(text: str) -> None:
    for encoded in (base64.b64encode(text.encode()), base64.urlsafe_b64encode(text.encode())):
        for written in (encoded.decode(), encoded.decode().rstrip("=")):
            assert parse_claims(f'Bearer realm="", error="insufficient_claims", claims="{written}"') == text


@quick
@given(st.text() | st.text(alphabet="AZaz09+/=-_").map(lambda claims: f'Bearer claims="{claims}"'))
def test_no_header_is_an_error(header: str) -> None:
    assert isinstance(parse_claims(header), str | None)
