"""One attempt to deliver the outcome of a run to its callback."""

from activities import contain_faults
from alert_refresh.app import app
from alert_refresh.callback.client import post
from alert_refresh.run.delivery import Attempt, CallbackPost
from alert_refresh.settings import InvalidSettings, settings
from alert_refresh.telemetry.instruments import record_callback_attempt


@app.activity_trigger(input_name="callback")
@contain_faults
async def post_callback(callback: CallbackPost) -> Attempt:
    """POST once to the callback URL.

    https://learn.microsoft.com/azure/connectors/connectors-native-webhook
    """
    try:
        allowed_hosts = settings().callback_allowed_hosts
    except InvalidSettings as error:
        # An operator can correct the setting. The app restarts then, and a later attempt succeeds.
        return {"kind": "tryAgain", "detail": f"An application setting is not valid: {error}", "retryAfter": None}
    attempt = await post(callback, allowed_hosts)
    record_callback_attempt(attempt["kind"])
    return attempt
