"""The app, to which every file of the four folders adds its function, and what contains the faults of an activity."""

import functools
import logging
import traceback
from collections.abc import Awaitable, Callable
from os import environ

import azure.durable_functions as df
import azure.functions as func

from alert_refresh.problems import Failed, make_well_formed
from alert_refresh.settings import find_caller_check

logger = logging.getLogger(__name__)

# Only what App Service lets in after a sign-in comes to a function without a key.
LEVEL = func.AuthLevel.ANONYMOUS if find_caller_check(environ) == "sign-in" else func.AuthLevel.FUNCTION

# The only one, and no blueprints: each would add two functions of the SDK at every cold start, for its call_http.
app = df.DFApp(http_auth_level=LEVEL)


def contain_faults[**Input, Output](activity: Callable[Input, Awaitable[Output]]) -> Callable[Input, Awaitable[Output]]:
    """Let `activity` raise only `Failed`, with a text that the task hub accepts.

    The host never reports an exception whose text has half a surrogate pair, and then the run waits for ever.
    """

    @functools.wraps(activity)
    async def contained(*args: Input.args, **kwargs: Input.kwargs) -> Output:
        try:
            return await activity(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the host passes on the text of any error
            # logger.exception() would write the text as it is, and a log file accepts only well-formed text.
            logger.error(make_well_formed(traceback.format_exc()))  # noqa: TRY400
            raise Failed(f"{type(error).__name__}: {error}") from None

    return contained
