"""Timer triggers: schedules, what was missed, and the runs.

Schedules are in UTC, as in Azure by default. Retry policies are not emulated.
"""

from emulator.host.timers.status import Statuses
from emulator.host.timers.triggers import TimerTriggers

__all__ = ["Statuses", "TimerTriggers"]
