"""One attempt to deliver the outcome of a run to Microsoft Teams, as a card."""

from alert_refresh.app import app, contain_faults
from alert_refresh.callback.client import deliver
from alert_refresh.pages.card import make_message
from alert_refresh.run.delivery import Attempt, CallbackPost


@app.activity_trigger(input_name="callback")
@contain_faults
async def post_card(callback: CallbackPost) -> Attempt:
    message = make_message(callback["body"], callback["runUrl"])
    return await deliver({**callback, "mediaType": "application/json", "body": message})
