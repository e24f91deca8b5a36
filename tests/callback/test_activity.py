"""The activity, from its input to what arrives at the receiver."""

import json
from collections.abc import Awaitable, Callable, Iterator

import pytest

from activities import post_callback
from domain.delivery import Attempt, CallbackPost
from domain.settings import settings
from tests.callback.conftest import RESULT, TARGET, Receiver, Reply, sent_to

type Activity = Callable[[CallbackPost], Awaitable[Attempt]]


@pytest.fixture
def activity(monkeypatch: pytest.MonkeyPatch) -> Iterator[Activity]:
    monkeypatch.setenv("CALLBACK_ALLOWED_HOSTS", "127.0.0.1")
    settings.cache_clear()
    yield vars(post_callback.post_callback)["_function"].get_user_function()
    settings.cache_clear()


async def test_the_ending_is_posted_once_and_the_attempt_is_json(activity: Activity, receiver: Receiver) -> None:
    for reply in (Reply(200), Reply(503, {"Retry-After": "0.249"}), Reply(404)):
        receiver.answers(reply)
        attempt = await activity(sent_to(receiver.base_url + TARGET))
        assert json.loads(json.dumps(attempt, allow_nan=False)) == attempt
    assert [json.loads(body) for body in receiver.bodies] == [RESULT] * 3


async def test_the_setting_decides_where_to(
    activity: Activity, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLBACK_ALLOWED_HOSTS", "*.logic.azure.com")
    settings.cache_clear()
    assert (await activity(sent_to(receiver.base_url)))["kind"] == "refused"
    assert receiver.requests == []
