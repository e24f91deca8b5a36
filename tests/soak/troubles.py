"""A tenth of all answers goes wrong, in every way that a busy service and its network have."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from emulator.faults import Fault, ReceivedRequest

SHARE = 0.1
"""Of all requests."""
SLOW_SECONDS = 2.0


ANSWERED = Fault(status=200, body=b'{"id": "half', drop="mid body", times=None)
"""Of a GET only: to a callback, a 200 is the receipt, and a refresh that Graph accepts has a Location."""


@dataclass
class Troubles:
    """Faults that together take `SHARE` of the requests; `met` is how many they took."""

    chance: random.Random
    more: Sequence[Fault] = ()
    met: int = 0
    faults: list[Fault] = field(init=False)

    def __post_init__(self) -> None:
        self.faults = [
            Fault(status=429, headers={"Retry-After": "1"}, times=None),
            Fault(status=429, times=None),
            Fault(status=500, times=None),
            Fault(status=503, headers={"Retry-After": "2"}, body=b"<html>Busy</html>", times=None),
            Fault(drop="before headers", times=None),
            Fault(drop="once handled", times=None),
            Fault(delay=SLOW_SECONDS, times=None),
            *self.more,
        ]
        # They are asked in turn, each only when those before it let the request through.
        each = 1 - (1 - SHARE) ** (1 / len(self.faults))

        def strikes(_: ReceivedRequest) -> bool:
            struck: bool = self.chance.random() < each
            self.met += struck
            return struck

        for fault in self.faults:
            fault.match = strikes
        for fault in self.more:
            fault.match = lambda request: request.method == "GET" and strikes(request)
