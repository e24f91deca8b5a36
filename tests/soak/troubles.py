"""A tenth of all answers goes wrong, in every way that a busy service and its network have."""

import random
from dataclasses import dataclass, field

from emulator.faults import Fault, ReceivedRequest

SHARE = 0.1
"""Of all requests."""


@dataclass
class Troubles:
    """Faults that together take `SHARE` of the requests; `met` is how many they took."""

    chance: random.Random
    met: int = 0
    faults: list[Fault] = field(init=False)

    def __post_init__(self) -> None:
        self.faults = [
            # Of a GET only: to a callback, a 200 is the receipt, and a refresh that Graph accepts has a Location.
            Fault(
                lambda request: request.method == "GET" and self._strikes(request),
                status=200,
                body=b'{"id": "half',
                drop="mid body",
                times=None,
            ),
            Fault(self._strikes, status=429, headers={"Retry-After": "1"}, times=None),
            Fault(self._strikes, status=429, times=None),
            Fault(self._strikes, status=500, times=None),
            Fault(self._strikes, status=503, headers={"Retry-After": "2"}, body=b"<html>Busy</html>", times=None),
            Fault(self._strikes, drop="before headers", times=None),
            Fault(self._strikes, drop="once handled", times=None),
            Fault(self._strikes, delay=2.0, times=None),
        ]

    def _strikes(self, _: ReceivedRequest) -> bool:
        # The faults are asked in turn, each only when those before it let the request through.
        struck: bool = self.chance.random() < 1 - (1 - SHARE) ** (1 / len(self.faults))
        self.met += struck
        return struck
