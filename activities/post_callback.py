"""One attempt to deliver the outcome of a run to its callback."""

from alert_refresh.app import app, contain_faults
from alert_refresh.callback.client import deliver
from alert_refresh.run.delivery import Attempt, CallbackPost


@app.activity_trigger(input_name="callback")
@contain_faults
async def post_callback(callback: CallbackPost) -> Attempt:
    return await deliver(callback)
