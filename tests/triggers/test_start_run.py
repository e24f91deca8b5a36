"""What `POST /runs` says before it turns to the task hub."""

import json
from copy import replace
from typing import Any

import azure.functions as func
import pytest
from domain.problem import PREFIX

from tests.triggers.questions import CHOSEN, request
from triggers import start_run

REFRESHES: list[dict[str, Any]] = [{"alertId": "x"}, {"allAlerts": True}]


class HubTouched(Exception):
    """Something was asked of the task hub."""


class NoClient:
    """Stands for a task hub that nothing may reach."""

    def __getattr__(self, name: str) -> Any:
        raise HubTouched(name)


async def answer(question: dict[str, Any], *, enabled: bool = False) -> func.HttpResponse:
    chosen = replace(CHOSEN, refresh_enabled=enabled)
    # Below the SDK's decorator, which makes a client out of what the host binds.
    trigger: Any = start_run.start_run.build().get_user_function().__wrapped__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(start_run, "settings", lambda: chosen)
        reply: func.HttpResponse = await trigger(request(json.dumps(question).encode()), NoClient())
    return reply


@pytest.mark.parametrize("question", REFRESHES)
async def test_a_refresh_that_is_off_starts_nothing_and_says_what_turns_it_on(question: dict[str, Any]) -> None:
    refused = await answer({**question, "expand": ["alertDefinition"]})

    told = json.loads(refused.get_body())
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    assert (told["type"], told["status"]) == (f"{PREFIX}refresh-disabled", 403)
    for word in ("Nothing was started", "REFRESH_ENABLED", "RoleManagementAlert.ReadWrite.Directory", "operationId"):
        assert word in told["detail"]


@pytest.mark.parametrize("question", REFRESHES)
async def test_a_wrong_field_is_told_before_that_refreshing_is_off(question: dict[str, Any]) -> None:
    refused = await answer({**question, "timeoutSeconds": 0})

    assert refused.status_code == 400
    assert [error["field"] for error in json.loads(refused.get_body())["errors"]] == ["timeoutSeconds"]


async def test_watching_goes_on_to_the_task_hub() -> None:
    with pytest.raises(HubTouched):
        await answer({"operationId": "x"})


@pytest.mark.parametrize("question", REFRESHES)
async def test_a_refresh_that_is_on_goes_on_to_the_task_hub(question: dict[str, Any]) -> None:
    with pytest.raises(HubTouched):
        await answer(question, enabled=True)
