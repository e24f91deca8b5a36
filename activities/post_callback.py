"""The ending of a run, handed to its callback."""

from activities import blueprint, contain_faults
from callback.client import post
from domain.delivery import Attempt, CallbackPost
from domain.settings import settings
from telemetry.metrics import record_callback_attempt


@blueprint.activity_trigger(input_name="sent")
@contain_faults
async def post_callback(sent: CallbackPost) -> Attempt:
    """POST once to the callback URL.

    https://learn.microsoft.com/azure/connectors/connectors-native-webhook
    """
    attempt = await post(sent, settings().callback_allowed_hosts)
    record_callback_attempt(attempt["kind"])
    return attempt
