"""One side effect each, one file each, named after the function."""

import functools
import logging
import traceback
from collections.abc import Awaitable, Callable

import azure.durable_functions as df

from alert_refresh.failures import make_well_formed, shorten_failure

logger = logging.getLogger(__name__)
# One for the whole folder: each blueprint registers two functions of the SDK, for its call_http, at every cold start.
blueprint = df.Blueprint()


class ActivityFailed(Exception):
    """An activity met a fault of the app. The text names the error's type, since the host passes on text alone."""


def contain_faults[**Input, Output](activity: Callable[Input, Awaitable[Output]]) -> Callable[Input, Awaitable[Output]]:
    """Let `activity` raise nothing but `ActivityFailed`, with a text that the task hub takes.

    An exception whose text has half a surrogate pair is never reported to the run, which then waits for ever.
    """

    @functools.wraps(activity)
    async def contained(*args: Input.args, **kwargs: Input.kwargs) -> Output:
        try:
            return await activity(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - whatever it is, the host passes on its text
            # Not logger.exception(): a log file takes well-formed text only.
            logger.error(make_well_formed(traceback.format_exc()))  # noqa: TRY400
            raise ActivityFailed(shorten_failure(f"{type(error).__name__}: {error}")) from None

    return contained
