"""One side effect each, one file each, named after the function. They never sleep and never loop."""

import functools
import logging
import traceback
from collections.abc import Awaitable, Callable

import azure.durable_functions as df

from domain.failure_text import failure_text, well_formed

logger = logging.getLogger(__name__)
# One for all of the folder: each registers two functions of the SDK, for its call_http, at every cold start.
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
            logger.error(well_formed(traceback.format_exc()))  # noqa: TRY400
            raise ActivityFailed(failure_text(f"{type(error).__name__}: {error}")) from None

    return contained
