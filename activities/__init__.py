"""The activities: one side effect each. Each has a file with its name."""

import functools
import logging
import traceback
from collections.abc import Awaitable, Callable

from alert_refresh.problems import Failed, make_well_formed

logger = logging.getLogger(__name__)


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
