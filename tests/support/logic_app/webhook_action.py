"""The HTTP Webhook action: subscribe, wait for one POST, unsubscribe.

https://learn.microsoft.com/azure/connectors/connectors-native-webhook
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.support.logic_app.callback import CallbackListener
from tests.support.logic_app.requests import Sender
from tests.support.logic_app.results import ActionResult
from tests.support.logic_app.scope import Scope, resolve

TIMED_OUT = {"code": "ActionTimedOut", "message": "The action did not end within its limit."}


async def subscribe_and_wait(sender: Sender, inputs: Mapping[str, Any], scope: Scope, limit: float) -> ActionResult:
    """Return Succeeded with whatever is posted, Failed when the subscribe call is refused, or TimedOut.

    Once subscribed, the action unsubscribes however it ends: called back, out of time, or cancelled with the run.
    """
    name = sender.operation
    async with CallbackListener(scope.run_name, name, json_suffix=sender.json_suffix) as listener:
        subscribe = resolve(inputs["subscribe"], replace(scope, callback_url=listener.url))
        resolved = {"subscribe": subscribe, "unsubscribe": inputs.get("unsubscribe", {})}
        subscribing = asyncio.create_task(sender.send(**_request(subscribe)))
        try:
            async with asyncio.timeout(limit):
                answer = await asyncio.shield(subscribing)
                if not answer.succeeded:
                    return ActionResult(name, "Failed", resolved, answer.outputs)
                return ActionResult(name, "Succeeded", resolved, await listener.received)
        except TimeoutError:
            return ActionResult(name, "TimedOut", resolved, error=TIMED_OUT)
        finally:
            # A call that is on its way is not called back.
            answer = await subscribing
            subscribed = ActionResult(name, "Succeeded", resolved, answer.outputs)
            if answer.succeeded:
                await _unsubscribe(sender, inputs, replace(scope, action=subscribed.as_seen_by_expressions()))


async def _unsubscribe(sender: Sender, inputs: Mapping[str, Any], scope: Scope) -> None:
    """Send the unsubscribe call, if there is one. What it is answered makes no difference to the action."""
    if unsubscribe := resolve(inputs.get("unsubscribe", {}), scope):
        await sender.send(**_request(unsubscribe))


def _request(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"url" if name == "uri" else name: value for name, value in inputs.items()}
